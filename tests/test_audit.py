"""The audit of dependencies: what fails, what is set aside; and silence is not called fine."""

from __future__ import annotations

import datetime as dt
import json
import runpy
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT

judge: Callable[..., tuple[int, list[str]]] = runpy.run_path(str(ROOT / ".ci" / "audit"))["judge"]
TODAY = dt.date(2026, 11, 26)
FINE: dict[str, Any] = {"name": "numpy", "version": "2.4.0", "vulns": []}
BAD: dict[str, Any] = {
    "name": "jinja2",
    "version": "2.11.2",
    "vulns": [{"id": "PYSEC-2021-66", "aliases": ["CVE-2020-28493"], "fix_versions": ["2.11.3"]}],
}
UNKNOWN: dict[str, Any] = {"name": "av", "skip_reason": "Dependency not found on PyPI"}


def judged(*packages: dict[str, Any], aside: dict[str, dict[str, str]] | None = None) -> Any:
    out = json.dumps({"dependencies": packages, "fixes": []})
    status, told = judge(out, "", aside or {}, TODAY)
    return status, "\n".join(told)


def test_what_is_known_to_be_vulnerable_fails() -> None:
    status, told = judged(FINE, BAD)
    assert status == 1
    assert "VULNERABLE: jinja2 2.11.2: PYSEC-2021-66 (mended in 2.11.3)" in told


@pytest.mark.parametrize(("until", "status"), [("2026-11-26", 0), ("2026-11-25", 1)])
def test_what_is_set_aside_holds_until_its_day(until: str, status: int) -> None:
    aside = {"CVE-2020-28493": {"reason": "no template is a stranger's", "until": until}}
    found, told = judged(BAD, aside=aside)
    assert found == status
    assert ("no template is a stranger's" in told) == (status == 0)


def test_what_could_not_be_looked_up_is_said_and_not_called_fine() -> None:
    status, told = judged(FINE, UNKNOWN)
    assert status == 0
    assert "1 of 2 packages were looked up" in told
    assert "NOT AUDITED: 1 of 2 could not be looked up: av" in told
    assert "NOT AUDITED" not in judged(FINE)[1]
    assert "NOT AUDITED" in judged()[1]


@pytest.mark.parametrize("out", ["", "Traceback", "{}", "[]", '{"dependencies": null}'])
def test_a_service_that_is_away_is_said(out: str) -> None:
    status, told = judge(out, "a\nConnectionError: no route to it\n", {}, TODAY)
    assert status == 0
    assert any("NOT AUDITED" in line for line in told)


def test_whatever_is_set_aside_has_a_reason_and_a_day() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for name, one in told["tool"]["firsthand"]["audit"].items():
        assert name.startswith(("CVE-", "PYSEC-", "GHSA-"))
        assert len(one["reason"]) > 10
        assert dt.date.fromisoformat(one["until"])
