"""The files of a meeting, as tools leave them: recording, transcript and chat in one folder.

Zoom's cloud gives a meeting's files one stamp (``GMT20250203-150231_Recording_1920x1080.mp4``,
``….m4a``, ``….transcript.vtt``, ``….cc.vtt``, ``…newChat.txt``), its program on a computer gives
them a folder (``audio_only.m4a``, ``video1234.mp4``, ``chat.txt``); others give recording and
transcript one name. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0064394
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import BadInput
from ingest.partners import meeting_of
from ingest.transcripts import is_transcript, kind_of, parse

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
    by_name: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        key = meeting_of(file.name) or ""
        by_name.setdefault((file.parent, key), []).append(file)
    found = []
    for (_, key), some in _whole_folders(by_name).items():
        found += _together(some, zoom=key.startswith("zoom ") or _is_of_zoom(some))
    order = {file: n for n, file in enumerate(files)}
    found.sort(key=lambda m: order[m.recording or m.transcript or m.chat or m.others[0]])
    return found


def _whole_folders(
    by_name: dict[tuple[Path, str], list[Path]],
) -> dict[tuple[Path, str], list[Path]]:
    """A folder with one recording and one transcript, however they are called, is one meeting."""
    folders: dict[Path, list[tuple[Path, str]]] = {}
    for key in by_name:
        folders.setdefault(key[0], []).append(key)
    found: dict[tuple[Path, str], list[Path]] = {}
    for keys in folders.values():
        files = [file for key in keys for file in by_name[key]]
        spoken = [file for file in files if not _is_chat(file)]
        written = sum(is_transcript(file) for file in spoken)
        if len(keys) > 1 and (len(spoken) - written, written) == (1, 1):
            found[keys[0]] = files
        else:
            found |= {key: by_name[key] for key in keys}
    return found


def _together(files: Sequence[Path], *, zoom: bool) -> list[Meeting]:
    chats = [file for file in files if _is_chat(file)]
    written = [file for file in files if file not in chats and is_transcript(file)]
    spoken = [file for file in files if file not in chats and file not in written]
    if not spoken or (len(spoken) > 1 and not zoom):
        apart = [Meeting(recording=file) for file in spoken]
        apart += [Meeting(transcript=file) for file in written]
        if len(written) == 1 and not spoken:
            apart[0].chat = chats.pop() if chats else None
        return apart + [Meeting(others=[file]) for file in chats]
    spoken.sort(key=lambda file: file.suffix.lower() not in _SOUND_ONLY)
    written.sort(
        key=lambda file: (
            not _is_read(file),
            _RICHEST.index(file.suffix.lower())
            if file.suffix.lower() in _RICHEST
            else len(_RICHEST),
        )
    )
    return [
        Meeting(
            recording=spoken[0],
            transcript=written[0] if written else None,
            chat=chats[0] if chats else None,
            others=[*spoken[1:], *written[1:], *chats[1:]],
        )
    ]


def _is_of_zoom(files: Sequence[Path]) -> bool:
    """A folder of Zoom's program: ``2025-02-03 15.02.31 Roof check 123456789``."""
    names = {file.name.lower() for file in files}
    return any(name.startswith(("audio_only", "zoom_")) for name in names) or (
        "chat.txt" in names and any(name.startswith("video") for name in names)
    )


def _is_chat(file: Path) -> bool:
    return kind_of(file) == "chat"


def _is_read(file: Path) -> bool:
    """Captions without speakers are not."""
    try:
        parse(file)
    except BadInput:
        return False
    return True
