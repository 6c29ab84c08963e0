"""The sentence to the point: of all that somebody said, the few words a reader should see.

An item of the ledger may run over fifty words. A memo read in ten minutes shows the sentence that
carries the most signs; the quote is cut to it, and the whole utterance stays one click away.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np

from ingest.embed import DIM
from ingest.signs import WORD, sentences, signs
from service.ledger import Evidence
from service.quotes import Spoken, cut
from service.shapes import EvidenceKind, Hand, Quote

MOST_WORDS = 30
# Shorter than this a sentence seldom stands alone.
_FEWEST_WORDS = 9


def pointed(item: Evidence) -> Quote:
    """The item's quote, cut to its strongest sentences."""
    return sharpest(item.spoken, item.first_char, item.end_char, hand=item.hand)


def sharpest(
    spoken: Spoken,
    first: int,
    end: int,
    *,
    sign: re.Pattern[str] | None = None,
    hand: Hand = "first",
) -> Quote:
    """The strongest of the sentences in ``spoken.text[first:end]``, with those beside it that
    matter too, up to ``MOST_WORDS``; all of it where it is no longer than that.

    With ``sign`` only that is looked for, and a sentence that can stand alone stays alone; without
    a match the first is taken.
    """
    inside = [
        (max(a, first), min(b, end)) for a, b in sentences(spoken.text) if a < end and b > first
    ]
    short = len(WORD.findall(spoken.text[first:end])) <= MOST_WORDS
    if not inside or (short and sign is None):
        return cut(spoken, first, end, hand=hand)
    strength = [_strength(spoken.text, a, b, sign) for a, b in inside]
    low = high = max(range(len(inside)), key=lambda n: (strength[n], -n))
    while (more := _neighbour(spoken.text, inside, strength, low, high)) is not None:
        low, high = min(low, more), max(high, more)
    return cut(spoken, inside[low][0], inside[high][1], hand=hand)


def noticed(
    words: Spoken,
    sign: re.Pattern[str],
    *,
    mark: str,
    kind: EvidenceKind,
    strength: int,
    day: date | None,
) -> Evidence:
    """Evidence that a memo finds beyond the ledger: the sentences around ``sign`` in an utterance.

    Its id begins with ``mark``. It is compared with nothing (its vector is zero).
    """
    told = sharpest(words, 0, len(words.text), sign=sign).text
    first = words.text.index(told)
    return Evidence(
        evidence_id=f"{mark} {words.call_id} {words.i}",
        kind=kind,
        strength=strength,
        hand="first",
        first_char=first,
        end_char=first + len(told),
        spoken=words,
        date=day,
        vector=np.zeros(DIM, np.float32),
    )


def count(text: str, sign: re.Pattern[str]) -> int:
    """How many different matches of ``sign`` are in ``text``."""
    return len({m.group().lower() for m in sign.finditer(text)})


def _neighbour(
    text: str, inside: list[tuple[int, int]], strength: list[float], low: int, high: int
) -> int | None:
    """The sentence to add to ``low..high``, the stronger neighbour first; ``None`` for none."""
    words = len(WORD.findall(text[inside[low][0] : inside[high][1]]))
    beside = [n for n in (high + 1, low - 1) if 0 <= n < len(inside)]
    for n in sorted(beside, key=lambda n: -strength[n]):
        more = len(WORD.findall(text[inside[n][0] : inside[n][1]]))
        wanted = words < _FEWEST_WORDS or strength[n] >= 1
        if wanted and words + more <= MOST_WORDS:
            return n
    return None


def _strength(text: str, first: int, end: int, sign: re.Pattern[str] | None) -> float:
    said = signs(text, first, end, frozenset())
    if said.private:
        return -1.0
    if sign is not None:
        return float(count(text[first:end], sign))
    carried = said.pain + said.wish + 2 * said.leaving + said.liking + said.support
    return carried - 0.5 * said.asks
