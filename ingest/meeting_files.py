"""The files of a meeting, as tools leave them: recording, transcript and chat in one folder.

Zoom's cloud gives a meeting's files one stamp (``GMT20250203-150231_Recording_1920x1080.mp4``,
``….m4a``, ``….transcript.vtt``, ``….cc.vtt``, ``…newChat.txt``), its program on a computer gives
them a folder (``audio_only.m4a``, ``video1234.mp4``, ``chat.txt``); others give recording and
transcript one name. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0064394
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from ingest.errors import BadInput
from ingest.partners import meeting_of
from ingest.transcripts import is_transcript, kind_of, parse

What = Literal["recording", "transcript", "chat"]

_ZOOM = "zoom "  # what the names of its files have in common begins like that
_FEW = 12  # names in the folder of one meeting, at most
_SOUND_ONLY = (".m4a", ".mp3", ".ogg", ".opus", ".flac", ".wav", ".aac")
# Which of several exports of one meeting says most: times, then names.
_RICHEST = (".json", ".vtt", ".srt", ".docx", ".csv", ".sbv", ".txt", ".md")


@dataclass(slots=True)
class Meeting:
    """Files of one call, as far as their names tell. ``others`` have nothing that these have not:
    the same sound in another picture, the same words in another format.
    """

    recording: Path | None = None
    transcript: Path | None = None
    chat: Path | None = None
    others: list[Path] = field(default_factory=list)


def meetings(files: Sequence[Path]) -> list[Meeting]:
    """``files`` put together, in their order; most are a meeting by themselves."""
    nameless: dict[Path, list[Path]] = {}
    for file in files:
        if meeting_of(file.name) is None:
            nameless.setdefault(file.parent, []).append(file)
    of_zoom = {folder for folder, some in nameless.items() if _is_of_zoom(some)}
    by_name: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        alone = _ZOOM if file.parent in of_zoom else f"/{file.name}"
        by_name.setdefault((file.parent, meeting_of(file.name) or alone), []).append(file)
    what = cache(_what)  # a file is looked into once
    found = []
    for (_, key), some in _whole_folders(by_name, what).items():
        found += _together(some, what, zoom=key.startswith(_ZOOM))
    order = {file: n for n, file in enumerate(files)}
    found.sort(key=lambda m: order[m.recording or m.transcript or m.chat or m.others[0]])
    return found


def spare(names: Collection[str], here: Collection[str] = ()) -> dict[str, str]:
    """Those of a folder's ``names`` that have nothing which another has not, and which that is.

    Told by names alone, so only of what Zoom left. Of several the one that is ``here`` counts.
    """
    of_zoom = _is_of_zoom([Path(name) for name in names if meeting_of(name) is None])
    groups: dict[tuple[str, bool], list[str]] = {}
    for name in names:
        key = meeting_of(name) or (_ZOOM if of_zoom else "")
        ending = Path(name).suffix.lower()
        if key.startswith(_ZOOM) and (ending == ".vtt" or ending not in _RICHEST):
            groups.setdefault((key, ending == ".vtt"), []).append(name)
    found: dict[str, str] = {}
    for some in groups.values():
        best = min(some, key=lambda name: (name not in here, _is_less(name.lower()), name))
        found |= {name: best for name in some if name != best}
    return found


def _is_less(name: str) -> bool:
    """Captions that may lack names, a recording with a picture."""
    return name.endswith(".cc.vtt") or not name.endswith((".vtt", *_SOUND_ONLY))


def _what(file: Path) -> What:
    if not is_transcript(file):
        return "recording"
    return "chat" if kind_of(file) == "chat" else "transcript"


def _whole_folders(
    by_name: dict[tuple[Path, str], list[Path]], what: Callable[[Path], What]
) -> dict[tuple[Path, str], list[Path]]:
    """A folder with one recording and one transcript, however they are called, is one meeting."""
    folders: dict[Path, list[tuple[Path, str]]] = {}
    for key in by_name:
        folders.setdefault(key[0], []).append(key)
    found: dict[tuple[Path, str], list[Path]] = {}
    for keys in folders.values():
        files = [file for key in keys for file in by_name[key]]
        few = 1 < len(keys) <= _FEW
        kinds = [what(file) for file in files] if few else []
        if few and (kinds.count("recording"), kinds.count("transcript")) == (1, 1):
            found[keys[0]] = files
        else:
            found |= {key: by_name[key] for key in keys}
    return found


def _together(files: Sequence[Path], what: Callable[[Path], What], *, zoom: bool) -> list[Meeting]:
    chats = [file for file in files if what(file) == "chat"]
    written = [file for file in files if what(file) == "transcript"]
    spoken = [file for file in files if what(file) == "recording"]
    if not spoken or (len(spoken) > 1 and not zoom):
        apart = [Meeting(recording=file) for file in spoken]
        apart += [Meeting(transcript=file) for file in written]
        if len(apart) == 1 and chats:
            apart[0].chat = chats.pop()
        return apart + [Meeting(others=[file]) for file in chats]
    spoken.sort(key=lambda file: file.suffix.lower() not in _SOUND_ONLY)
    if len(written) > 1:
        written.sort(key=lambda file: (not _is_read(file), _RICHEST.index(_ending(file))))
    return [
        Meeting(
            recording=spoken[0],
            transcript=written[0] if written else None,
            chat=chats[0] if chats else None,
            others=[*spoken[1:], *written[1:], *chats[1:]],
        )
    ]


def _ending(file: Path) -> str:
    ending = file.suffix.lower()
    return ending if ending in _RICHEST else _RICHEST[-1]


def _is_of_zoom(files: Sequence[Path]) -> bool:
    """A folder of Zoom's program: ``2025-02-03 15.02.31 Roof check 123456789``."""
    names = {file.stem.lower() for file in files}
    pictures = {name.removeprefix("video") for name in names if name.startswith("video")}
    sounds = {name.removeprefix("audio") for name in names if name.startswith("audio")}
    return "audio_only" in names or "zoom_0" in names or bool(pictures & sounds)


def _is_read(file: Path) -> bool:
    """Captions without speakers are not."""
    try:
        parse(file)
    except BadInput:
        return False
    return True
