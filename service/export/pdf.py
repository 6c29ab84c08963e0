"""A memo as PDF, set by Typst from a template of ours and the view as data; and drawings as PNG.

The data goes in as JSON and is only ever *shown* by the template, so nothing a customer said can
become Typst code. The compiler sees no folder but the template's, and uses no package.

Why not pandoc, which would write all four formats: ``pypandoc_binary`` is a GPL program of 155 MB
(33 MB to fetch) for every installation, beside Typst, which it needs for PDF anyway; what it would
spare is the writer of Word documents. Escaping is not left to chance either way: text goes to each
writer as data or through one escape, and hostile text is tested in every format.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.resources import as_file, files

from service.export.blocks import View

_PNG_DPI = 220.0


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


def png(svg: str) -> bytes:
    """A drawing (``service.export.drawing``) as a picture, for writers that take no SVG."""
    import typst

    with as_file(files("service") / "templates" / "memo-chart.typ") as template:
        made: bytes = typst.compile(
            template, root=template.parent, format="png", ppi=_PNG_DPI, sys_inputs={"svg": svg}
        )
    return made
