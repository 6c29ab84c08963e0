"""Joins the short cues of subtitle files into utterances that can be cited.

Tools cut speech every few seconds or at every sentence. A quote should be able to hold a thought,
so consecutive cues of one speaker become one utterance, unless a pause or their length parts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

from ingest.models import Utterance

BACK_S = 30.0  # voices that overlap are written out of order by some seconds, not by more
PAUSE_S = 2.5  # silence after which a speaker has begun anew
FULL_WORDS, FULL_S = 100, 60.0  # from here on the next sentence begins a new utterance
_MOST_WORDS = 200  # for text without punctuation, where no sentence ever ends
_WORDS_PER_S = 2.5  # 150 words a minute, ordinary speech


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of text of one speaker as the file has it; times in seconds or ``None``."""

    speaker: str
    start_s: float | None
    end_s: float | None
    text: str


def join(cues: Iterable[Cue]) -> tuple[Utterance, ...]:
    """Utterances from cues in the order of the file; cues without text are left out.

    An utterance runs from the first start to the last end of its cues; their texts are joined by
    one space and otherwise untouched.
    """
    joined: list[Cue] = []
    for cue in cues:
        if not cue.text:
            continue
        if joined and _continues(joined[-1], cue):
            joined[-1] = _longer(joined[-1], cue)
        else:
            joined.append(cue)
    return number(joined)


def number(cues: Iterable[Cue]) -> tuple[Utterance, ...]:
    """Utterances from cues that are whole stretches already, as in files with paragraphs."""
    return tuple(
        Utterance(i=i, speaker=cue.speaker, start_s=cue.start_s, end_s=cue.end_s, text=cue.text)
        for i, cue in enumerate(cue for cue in cues if cue.text)
    )


def seconds(stamp: str) -> float:
    """``1:02:03`` or ``2:03`` or ``0:0:1.5`` in seconds."""
    total = 0.0
    for part in stamp.split(":"):
        total = total * 60 + float(part)
    return total


def end_by_next(cues: list[Cue], duration_s: float | None = None) -> list[Cue]:
    """Gives cues that only have a start an end: the start of the next one.

    The last one ends with the recording (``duration_s``), or where 150 words a minute would put
    its end: nothing in such files says it.
    """
    ended = []
    for cue, following in zip_longest(cues, cues[1:]):
        if cue.start_s is None or cue.end_s is not None:
            ended.append(cue)
            continue
        if following is not None and following.start_s is not None:
            end = following.start_s
        else:
            end = cue.start_s + len(cue.text.split()) / _WORDS_PER_S
            end = duration_s if duration_s is not None and following is None else end
        ended.append(replace(cue, end_s=max(cue.start_s, round(end, 3))))
    return ended


def _continues(before: Cue, cue: Cue) -> bool:
    if before.speaker != cue.speaker:
        return False
    if before.end_s is not None and cue.start_s is not None and cue.end_s is not None:
        if cue.start_s - before.end_s > PAUSE_S:
            return False
        seconds = before.end_s - (before.start_s or 0.0)
    else:
        seconds = 0.0
    words = len(before.text.split())
    full = words >= FULL_WORDS or seconds >= FULL_S
    return not (full and (before.text[-1] in ".!?…" or words >= _MOST_WORDS))


def _longer(before: Cue, cue: Cue) -> Cue:
    end = cue.end_s
    if end is not None and before.end_s is not None:
        end = max(before.end_s, end)
    return replace(before, end_s=end, text=f"{before.text} {cue.text}")
