"""Reads transcripts that other tools wrote, so that calls already transcribed need no hearing.

The kind is told by the content; the file's name only helps where the content says nothing. Every
parser hands over the same :class:`~ingest.models.Transcript`, with utterances in the order of the
file, numbered from 0, and labels that are the speakers' names.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.errors import BadInput, TooLarge, shown
from ingest.models import Transcript
from ingest.transcripts.chat import count_messages
from ingest.transcripts.dates import date_in_name, parse_date
from ingest.transcripts.decode import LIMIT_BYTES, lines_of, read
from ingest.transcripts.documents import parse_docx
from ingest.transcripts.jsons import parse_json
from ingest.transcripts.kinds import EXTENSIONS, Kind, kind_of, kind_of_text
from ingest.transcripts.meet import parse_meet
from ingest.transcripts.plain import parse_plain
from ingest.transcripts.stamped import parse_stamped
from ingest.transcripts.table import parse_table
from ingest.transcripts.timed import parse_sbv, parse_srt, parse_vtt

__all__ = ["LIMIT_BYTES", "Kind", "is_transcript", "kind_of", "parse", "parse_date"]

_UTTERANCES_MOST = 50_000  # a day of talk has about 15,000
_TEXT_PARSERS: dict[Kind, Callable[[str], Transcript]] = {
    "vtt": parse_vtt,
    "srt": parse_srt,
    "sbv": parse_sbv,
    "csv": parse_table,
    "meet": lambda text: parse_meet(lines_of(text)),
    "stamped": parse_stamped,
    "json": parse_json,
    "plain": parse_plain,
}


def is_transcript(path: Path) -> bool:
    """Whether ``path`` is to be read as a transcript rather than decoded as a recording.

    True for content that is known (see :func:`kind_of`), and for the extensions of transcripts
    with text, or nothing, inside, so that :func:`parse` tells what is wrong with them.
    """
    if kind_of(path) is not None:
        return True
    extension = path.suffix.lower()
    if extension in {".vtt", ".srt", ".docx"}:
        return path.is_file()
    if extension not in EXTENSIONS or not path.is_file():
        return False
    try:
        read(path)
    except BadInput:
        return path.stat().st_size == 0
    return True


def parse(path: Path) -> Transcript:
    """The transcript in ``path``.

    Times are seconds from the start of the recording, or ``None`` where the file has none. The
    date comes from the file, else from its name. Raises BadInput (or TooLarge) with one sentence
    that names the file and, where there is one, the line, cue or utterance.
    """
    try:
        transcript = _parse(path)
    except BadInput as problem:
        raise type(problem)(f"{shown(path.name)}: {problem}") from problem
    if not transcript.utterances:
        raise BadInput(
            f"{shown(path.name)}: nobody says anything in it; export the transcript again"
        )
    if len(transcript.utterances) > _UTTERANCES_MOST:
        raise TooLarge(
            f"{shown(path.name)}: it has {len(transcript.utterances):,} utterances and a call may "
            f"have {_UTTERANCES_MOST:,}; split it by call"
        )
    if transcript.date is None:
        transcript = transcript.model_copy(update={"date": date_in_name(path.name)})
    return transcript


def _parse(path: Path) -> Transcript:
    kind = kind_of(path)
    if kind == "docx" or (kind is None and path.suffix.lower() == ".docx"):
        return parse_docx(path)
    text = read(path)
    if kind is None:
        kind = kind_of_text(text, path.suffix.lower(), certain=False)
    if kind == "chat":
        raise BadInput(
            f"it is the chat of a meeting ({count_messages(text):,} messages), which nobody spoke; "
            "give the recording or the transcript"
        )
    return _TEXT_PARSERS[kind or "plain"](text)
