"""Puts clips together in a sealed process: cut, brought to one loudness, captioned, written."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

import numpy as np

from ingest.audio import decode
from ingest.cutting import CUT_RATE, Cut, Moment, NothingLeft, cut
from ingest.errors import EngineFailed, TooLarge
from ingest.loudness import levelled
from ingest.models import Samples
from ingest.redaction import MARK
from ingest.reel import Part, write

Captions = Literal["written", "spoken", "none"]
_LEAD_S = 1.2  # of a card before its words are heard
_BREATH_S = 0.4  # between what is spoken, and after each
_PAGE = 260  # characters of a card, wide ones counted twice
_LONG = 30  # characters after which a word may be broken
_MAY_BREAK = "\u200b"  # a line, and nothing is seen of it
_NAME = 60  # characters of a name that are shown
_SPEAK_S = 30.0


@dataclass(frozen=True, slots=True)
class Caption:
    """Who said it, where and when, and the words, as they may be shown."""

    who: str
    account: str
    date: str
    words: str
    all_words: str


@dataclass(frozen=True, slots=True)
class Line:
    moment: Moment
    caption: Caption


@dataclass(frozen=True, slots=True)
class Assembled:
    """Names of moments: ``whole`` have more than the words asked for, ``left`` were left out
    because nothing of them may be heard.
    """

    seconds: float
    whole: tuple[str, ...]
    left: tuple[str, ...]


def assemble(
    lines: Sequence[Line],
    out: Path,
    captions: Captions,
    *,
    title: str,
    even: bool,
    longest_s: float,
    speaker: Path | None,
) -> Assembled:
    """Write the lines to ``out``, each a chapter; with ``even`` as loud as one another.

    Raises ``BadInput``, ``TooLarge`` past ``longest_s`` and ``EngineFailed``.
    """
    kept: list[tuple[Line, Cut]] = []
    left: list[str] = []
    for line in lines:
        try:
            kept.append((line, cut(line.moment)))
        except NothingLeft:
            if len(lines) == 1:
                raise
            left.append(line.moment.name)
        if sum(len(one.sound) for _, one in kept) > longest_s * CUT_RATE:
            raise TooLarge(f"This is longer than {longest_s / 60:.0f} minutes; take fewer quotes.")
    if not kept:
        raise NothingLeft("Nothing of these quotes may be heard: what was said there is masked.")
    parts = [
        _part(line, one, captions, (n, len(kept)), even=even, speaker=speaker, folder=out.parent)
        for n, (line, one) in enumerate(kept, 1)
    ]
    write(out, parts, title=title)
    return Assembled(
        seconds=round(sum(len(part.sound) for part in parts) / CUT_RATE, 3),
        whole=tuple(line.moment.name for line, one in kept if one.whole),
        left=tuple(left),
    )


def _part(
    line: Line,
    one: Cut,
    captions: Captions,
    place: tuple[int, int],
    *,
    even: bool,
    speaker: Path | None,
    folder: Path,
) -> Part:
    """``place``: the number of the quote and of how many. ``folder`` is for what is written."""
    lead = _silence(0.0)
    pictures: tuple[tuple[float, bytes], ...] = ()
    sound = levelled(one.sound, CUT_RATE) if even else one.sound
    if captions == "spoken" and speaker is not None:
        spoken = _spoken(line.caption, place[0], speaker, folder)
        lead = np.concatenate([levelled(spoken, CUT_RATE), _silence(_BREATH_S)])
    elif captions == "written":
        lead = _silence(_LEAD_S)
        pages = list(pages_of(line.caption.all_words if one.whole else line.caption.words))
        times = _times(pages, _LEAD_S, len(sound) / CUT_RATE)
        cards = cards_of(line.caption, pages, f"{place[0]} of {place[1]}")
        pictures = tuple(zip(times, cards, strict=True))
    rest = _silence(_BREATH_S if place[1] > 1 else 0.0)
    return Part(line.moment.name, np.concatenate([lead, sound, rest]), pictures)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * CUT_RATE), np.float32)


# --- written -------------------------------------------------------------------------------------


def pages_of(words: str) -> Iterator[str]:
    """The words in parts that fit on a card."""
    page, size = "", 0
    for word in _printable(words).split():
        for at in range(0, len(word), _LONG):
            piece = word[at : at + _LONG]
            wide = len(piece) + sum(unicodedata.east_asian_width(c) in "WF" for c in piece) + 1
            if page and size + wide > _PAGE:
                yield page
                page, size = "", 0
            between = _MAY_BREAK if at else " "
            page, size = f"{page}{between if page else ''}{piece}", size + wide
    yield page


def _times(pages: Sequence[str], lead_s: float, seconds: float) -> Iterator[float]:
    """When each page comes: as far into the words as its first one."""
    before, every = 0, sum(map(len, pages)) or 1
    for n, page in enumerate(pages):
        yield lead_s + seconds * before / every if n else 0.0
        before += len(page)


def cards_of(caption: Caption, pages: Sequence[str], place: str) -> list[bytes]:
    """A picture for each page, as PNG."""
    import typst

    who, account = (_short(name) for name in (caption.who, caption.account))
    about = {"who": who, "account": account, "date": caption.date, "place": place}
    first, last = "“", "”"
    words = [
        f"{first if n == 0 else ''}{page}{last if n == len(pages) - 1 else ''}"
        for n, page in enumerate(pages)
    ]
    data = json.dumps([{**about, "words": page} for page in words])
    with as_file(files("service") / "templates" / "reel-cards.typ") as template:
        made: bytes | list[bytes] = typst.compile(
            template, root=template.parent, format="png", ppi=96.0, sys_inputs={"cards": data}
        )
    return [made] if isinstance(made, bytes) else made


def _short(name: str) -> str:
    name = " ".join(_printable(name).split())
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _printable(text: str) -> str:
    """Nothing in it turns the line around, or is a box."""
    return "".join(c if c.isprintable() else " " for c in text)


# --- spoken --------------------------------------------------------------------------------------


def _spoken(caption: Caption, n: int, speaker: Path, folder: Path) -> Samples:
    """What ``speaker``, which is espeak-ng, makes of who is about to be heard."""
    told = ", ".join(map(_short, filter(None, (caption.who, caption.account)))).replace(MARK, "")
    out = folder / f"caption-{n}.wav"
    command = [str(speaker), "-v", "en", "-s", "150", "-w", str(out), "--stdin"]
    try:
        subprocess.run(
            command,
            input=f"Quote {n}. {told}.",
            text=True,
            check=True,
            capture_output=True,
            timeout=_SPEAK_S,
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise EngineFailed(f"{speaker.name} could not speak the captions ({problem}).") from problem
    return np.concatenate([block.mean(axis=0) for block in decode(out, rate=CUT_RATE)])
