"""Word files of transcripts: Teams', Google Meet's, Otter's, or of lines ``Name: text``."""

from __future__ import annotations

import io
from pathlib import Path

from ingest.errors import BadInput, TooLarge
from ingest.models import Transcript
from ingest.transcripts.decode import LIMIT_LINES, read_bytes
from ingest.transcripts.labels import labelled_lines
from ingest.transcripts.meet import is_meet, parse_meet
from ingest.transcripts.package import BROKEN, refuse_bomb
from ingest.transcripts.plain import parse_plain
from ingest.transcripts.stamped import count_stamps, has_ranges, parse_lines


def parse_docx(path: Path) -> Transcript:
    """The transcript in a Word file, whose shape is told by its paragraphs."""
    lines = _lines(path)
    if is_meet(lines):
        return parse_meet(lines)
    text = "\n".join(lines)
    if not count_stamps(text) and not has_ranges(lines) and labelled_lines(lines):
        return parse_plain(text)
    return parse_lines(lines, "otter" if "https://otter.ai" in text else "teams")


def _lines(path: Path) -> list[str]:
    data = read_bytes(path)
    refuse_bomb(data)
    from docx import Document  # with lxml, slow to import

    try:
        written = Document(io.BytesIO(data)).paragraphs
        if len(written) > LIMIT_LINES:
            raise TooLarge(
                f"the Word file has {len(written):,} paragraphs and a transcript may have "
                f"{LIMIT_LINES:,}; split it by call"
            )
        paragraphs = [paragraph.text for paragraph in written]
    except (*BROKEN, KeyError, AttributeError, TypeError, SyntaxError) as problem:
        raise BadInput("the Word file is damaged; export the transcript again") from problem
    return [line for text in paragraphs for line in text.split("\n")]
