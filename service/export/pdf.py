"""A memo as PDF, set by Typst from a template of ours and the view as data.

The data goes in as JSON and is only ever *shown* by the template, so nothing a customer said can
become Typst code. The compiler sees no folder but the template's, and uses no package.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.resources import as_file, files

from service.export.view import View


def pdf(page: View) -> bytes:
    """The PDF's bytes; the same view gives the same bytes on the same machine."""
    import typst

    data = json.dumps(asdict(page), default=str)
    with as_file(files("service") / "templates" / "memo.typ") as template:
        made: bytes = typst.compile(
            template,
            root=template.parent,
            sys_inputs={"memo": data},
            timestamp=datetime.combine(page.day, time(), UTC),
        )
    return made
