"""Which words of an utterance to quote for a sentence that rests on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ingest import cues, gate
from ingest.private import is_private, private_details
from service import amounts
from service.borne.bearing import content, stems
from service.borne.lines import plain
from service.borne.names import OPENS, WORD, named, possessed
from service.quotes import Spoken

_QUOTED = 70  # words of an utterance to quote for a sentence


def cut_for(
    sentence: str, spoken: Spoken, first: int = 0, end: int | None = None
) -> tuple[int, int] | None:
    """Which part of an utterance to quote for a sentence; ``None`` when none may be shown.

    The shortest run of whole sentences within ``first`` to ``end`` that has every number and name
    of the sentence that stands there, and most of its words of meaning. Sentences with a telephone
    number or an address are left out.
    """
    text = spoken.text
    stop = len(text) if end is None else min(end, len(text))
    spans = [(a, b) for a, b in gate.whole_sentences(text) if a < stop and first < b]
    if not spans:
        return None
    parts = [text[a:b] for a, b in spans]
    shown = _shown(text, spans)
    wanted = plain(sentence)
    sets = [content(s) for s in stems([wanted, *parts])]
    facts = [_facts(part) for part in parts]
    mine = _facts(wanted)
    held = [(f & mine, s & sets[0]) for f, s in zip(facts, sets[1:], strict=True)]
    words = [len(part.split()) for part in parts]
    best: tuple[tuple[int, int, int, int], int, int] | None = None
    for low in range(len(spans)):
        has_facts: set[object] = set()
        has_stems: set[str] = set()
        size = 0
        for high in range(low, len(spans)):
            if not shown[high]:
                break
            size += words[high]
            if size > _QUOTED and high > low and not held[high][0] - has_facts:
                break
            if size > 4 * _QUOTED and high > low:
                break
            has_facts |= held[high][0]
            has_stems |= held[high][1]
            score = (len(has_facts), len(has_stems), -size, -low)
            if best is None or score > best[0]:
                best = (score, low, high)
    if best is None:
        return None
    _, low, high = best
    # "Did it work? No." and "It works. Not for us." are one.
    while (
        high + 1 < len(spans)
        and shown[high + 1]
        and (parts[high].rstrip("\"'”’)").endswith("?") or cues.NO.match(parts[high + 1]))
        and sum(words[low : high + 2]) <= _QUOTED
    ):
        high += 1
    return spans[low][0], spans[high][1]


def _shown(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """As ``gate.showable`` of each span, the text being searched once."""
    private = [(one.first, one.end) for one in private_details(text)]
    starts = [first for first, _ in private]
    shown = []
    for a, b in spans:
        n = bisect_left(starts, b)
        reaches = n > 0 and private[n - 1][1] > a
        shown.append(not reaches and not is_private(text[a:b]))
    return shown


def _facts(text: str) -> set[object]:
    """A text's numbers by value and its names in lower case."""
    found: set[object] = set(amounts.values(amounts.amounts(text)))
    for match in WORD.finditer(text):
        word = match.group().rstrip(".")
        before = text[: match.start()].rstrip("'‘( ")
        if named(word) and before and before[-1] not in OPENS:
            found.add(possessed(word.lower()))
    return found
