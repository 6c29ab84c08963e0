"""A call as a file: WebVTT, plain text, and the JSON that `firsthand add` takes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from ingest.errors import BadInput, NotFound
from ingest.models import Call, Speaker, Utterance
from service.reading import CallText

MEDIA_TYPES = {
    "vtt": "text/vtt; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
}
_NAME_CHARS = 80
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')


def render(call: CallText, kind: str) -> bytes:
    """The call as a file of that kind, in UTF-8.

    Raises ``NotFound`` for another kind, ``BadInput`` for a .vtt of a call without any times.
    """
    if kind not in _WRITERS:
        raise NotFound(f"A call can be had as .{', .'.join(_WRITERS)}; not as .{kind[:10]}.")
    return _WRITERS[kind](call).encode("utf-8", "replace")


def file_name(call: Call, kind: str) -> str:
    """What the file is called: day and title, without what a file's name cannot hold."""
    title = " ".join(_UNFIT.sub(" ", call.title).split()).strip(". ")[:_NAME_CHARS].strip(". ")
    parts = (call.date.isoformat() if call.date else "", title or call.call_id)
    return f"{' '.join(filter(None, parts))}.{kind}"


def disposition(call: Call, kind: str) -> str:
    """The header that saves the file under its name (RFC 6266); titles are hostile."""
    # An id is of plain characters only; what cannot read the second form takes it.
    encoded = quote(file_name(call, kind), safe="", errors="replace")
    return f"attachment; filename=\"{call.call_id}.{kind}\"; filename*=UTF-8''{encoded}"


# --- WebVTT ------------------------------------------------------------------------------------


def _vtt(call: CallText) -> str:
    """https://www.w3.org/TR/webvtt1/ : a cue an utterance, in the order of their times."""
    names = _names(call)
    timed = [u for u in call.utterances if u.start_s is not None and u.end_s is not None]
    if not timed:
        raise BadInput(f"Call {call.call_id} has no times, so it makes no .vtt; take it as .txt.")
    blocks = [f"WEBVTT - {call.title.replace('-->', '->')}"]
    if left := len(call.utterances) - len(timed):
        blocks.append(f"NOTE {left} of the utterances have no times and are not in this file.")
    blocks += [_cue(u, names[u.speaker]) for u in sorted(timed, key=lambda u: u.start_s or 0.0)]
    return "\n\n".join(blocks) + "\n"


def _cue(utterance: Utterance, name: str) -> str:
    start = round((utterance.start_s or 0.0) * 1000)
    # A cue of no length is none.
    end = max(round((utterance.end_s or 0.0) * 1000), start + 1)
    words = re.sub(r"\s*\n\s*", "\n", utterance.text)
    said = f"<v {_escaped(name)}>{_escaped(words)}"
    return f"{utterance.i}\n{_vtt_time(start)} --> {_vtt_time(end)}\n{said}"


def _vtt_time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _escaped(text: str) -> str:
    """Neither a tag nor an arrow is left in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- plain text --------------------------------------------------------------------------------


def _txt(call: CallText) -> str:
    names = _names(call)
    about = (call.date.isoformat() if call.date else "", call.account_id or "")
    head = [call.title, " · ".join(filter(None, about))]
    lines = [
        # On one line whatever it holds: nobody's words begin a line as if another said them.
        f"{_stamp(u.start_s)}{names[u.speaker]}: {' '.join(u.text.split())}"
        for u in call.utterances
    ]
    return "\n".join([*filter(None, head), "", *lines, ""])


def _stamp(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes:02}"
    return f"[{clock}:{whole % 60:02}] "


# --- native JSON -------------------------------------------------------------------------------


def _json(call: CallText) -> str:
    names = _unique(call.speakers)
    told = {
        "call_id": call.call_id,
        "title": call.title,
        "date": call.date.isoformat() if call.date else None,
        "account_id": call.account_id,
        "source": call.source,
        "participants": [
            {"name": names[s.label], "role": s.role, "title": s.title, "email": s.email}
            for s in call.speakers
        ],
        "utterances": [
            {
                "i": u.i,
                "speaker": names[u.speaker],
                "start_s": u.start_s,
                "end_s": u.end_s,
                "text": u.text,
            }
            for u in call.utterances
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _unique(speakers: tuple[Speaker, ...]) -> dict[str, str]:
    """Names by label, no two alike: the file knows people by their names only."""
    names: dict[str, str] = {}
    for speaker in speakers:
        n, name = 1, speaker.name
        while name.casefold() in {taken.casefold() for taken in names.values()}:
            n += 1
            name = f"{speaker.name} ({n})"
        names[speaker.label] = name
    return names


def _names(call: Call) -> dict[str, str]:
    return {s.label: s.name for s in call.speakers}


_WRITERS: Mapping[str, Callable[[CallText], str]] = {"vtt": _vtt, "txt": _txt, "json": _json}
FORMATS = tuple(_WRITERS)
