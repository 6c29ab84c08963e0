"""A memo as a file: one view of it, four renderings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.errors import BadInput
from ingest.redaction import NOTHING, Redaction
from service.shapes import Memo

if TYPE_CHECKING:
    from service.export.blocks import View

MEDIA_TYPES: Final = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
FORMATS: Final = tuple(MEDIA_TYPES)


def render(memo: Memo, kind: str, redaction: Redaction = NOTHING) -> bytes:
    """``memo`` as a file of ``kind``, one of ``FORMATS``. Raises ``BadInput`` for another."""
    from service.export.view import view

    return written(view(memo), kind, redaction)


def written(page: View, kind: str, redaction: Redaction = NOTHING) -> bytes:
    """A view, masked, as a file of ``kind``. Raises ``BadInput`` for none of ``FORMATS``."""
    if kind not in FORMATS:
        raise BadInput(f"A memo cannot be written as {kind!r}; choose one of {', '.join(FORMATS)}.")
    page = redaction.value(page)
    # Each writer brings its own library, so only the one asked for is imported.
    if kind == "docx":
        from service.export.docx import docx

        return docx(page)
    if kind == "pdf":
        from service.export.pdf import pdf

        return pdf(page)
    from service.export.text import html, markdown

    return (html(page) if kind == "html" else markdown(page)).encode()
