"""``compose.yaml`` as its program reads it, with the secrets of ``.env`` filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import yaml

from tests.conftest import ROOT

URL = "https://firsthand.example.com"
SECRETS = {"DATABASE_PASSWORD": "quince-tart", "STORE_KEY": "plum", "STORE_SECRET": "medlar-jelly"}
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::\?[^}]*)?\}")


def services(values: Mapping[str, str]) -> dict[str, Any]:
    """Every service, anchors and variables resolved. Raises ``KeyError`` for an unknown one."""
    text = (ROOT / "compose.yaml").read_text("utf-8")
    read = yaml.safe_load(_VARIABLE.sub(lambda found: values[found[1]], text))
    return cast(dict[str, Any], read["services"])
