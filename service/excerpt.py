"""The part of a long utterance to quote: whole sentences around the words that were asked for.

Sentences with a telephone or card number or an e-mail address are left out: nobody needs to carry
those around with a quote.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ingest.private import is_private
from ingest.signs import sentences

SHORT = 60  # words; up to here an utterance is quoted whole
LONG = 45  # words; a part of a longer one grows to about this


def excerpt(text: str, about: Collection[str]) -> tuple[int, int] | None:
    """Where to cut: ``text[first:end]``, made of whole sentences; ``None`` when none may be shown.

    The sentence that shares most words with ``about`` (compared by their first five letters, which
    sees through most endings) is the heart; its neighbours join while the part stays short, those
    after it first, as people explain after they claim.
    """
    spans = sentences(text)
    hidden = [is_private(text[a:b]) for a, b in spans]
    if not spans or all(hidden):
        return None
    if not any(hidden) and (len(text.split()) <= SHORT or len(spans) < 2):
        return spans[0][0], spans[-1][1]
    wanted = {word[:5] for word in about}
    scores = [
        -1 if h else len(wanted & _stems(text[a:b]))
        for (a, b), h in zip(spans, hidden, strict=True)
    ]
    first = last = max(range(len(spans)), key=lambda n: (scores[n], -n))

    def joins(at: int, low: int, high: int) -> bool:
        return 0 <= at < len(spans) and not hidden[at] and _words(text, spans, low, high) <= LONG

    while True:
        if joins(last + 1, first, last + 1):
            last += 1
        elif joins(first - 1, first - 1, last):
            first -= 1
        else:
            return spans[first][0], spans[last][1]


def shares(text: str, about: Collection[str]) -> bool:
    """Whether a text has any of these words, by their first five letters as above."""
    wanted, told = {word[:5] for word in about}, text.casefold()
    # Most texts have none, which is told faster without taking them apart.
    return any(word in told for word in wanted) and not wanted.isdisjoint(_stems(text))


def _stems(sentence: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w+", sentence.casefold())}


def _words(text: str, spans: list[tuple[int, int]], first: int, last: int) -> int:
    return len(text[spans[first][0] : spans[last][1]].split())
