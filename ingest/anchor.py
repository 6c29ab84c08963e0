"""Finding words again: where, in a call that was heard anew or corrected, marked words stand.

To the letter first; then whatever the case, punctuation and spacing; last, for words long enough to
be told from others, with a fifth of them heard otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingest.models import Utterance

_WORD = re.compile(r"\w+")
_AFTER = re.compile(r"[^\w\s]*")  # punctuation that closes the words
# Fewer words than these are alike by chance.
_FEWEST = 6
_ALIKE = 0.8
_LONG = 10  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """The words ``text[first:end]`` of an utterance."""

    utterance: int
    first: int
    end: int

    def is_about(self, other: Place) -> bool:
        """Whether both are of the same words: half of the shorter, or more, is in both."""
        if self.utterance != other.utterance:
            return False
        shared = min(self.end, other.end) - max(self.first, other.first)
        return 2 * shared >= min(self.end - self.first, other.end - other.first)


def locate(
    words: str,
    said: Sequence[Utterance],
    near: int | None,
    labels: Collection[str] | None = None,
) -> Place | None:
    """Where ``words`` stand in a call: in utterance ``near`` if they do, else in the closest one.

    With ``labels`` first what those speakers said is looked through, and of the others then only
    utterance ``near``. The same words are taken before words that are merely alike.
    """
    order = sorted(said, key=lambda u: abs(u.i - (near or 0)))
    mine = [u for u in order if labels is None or u.speaker in labels]
    for utterances in (mine, [u for u in order if u.i == near]):
        for look in (find, alike):
            for utterance in utterances:
                span = look(words, utterance.text)
                if span is not None:
                    return Place(utterance.i, *span)
    return None


def find(words: str, text: str) -> tuple[int, int] | None:
    """Where ``words`` stand in ``text``, to the letter if they do, else but for their writing."""
    if not words.strip():
        return None
    at = text.find(words)
    while at >= 0:
        # Not inside another word, unless there is so much of it that it can be nothing else (and
        # in scripts that put no space between words).
        if len(words) >= _LONG or _whole(text, at, at + len(words)):
            return at, at + len(words)
        at = text.find(words, at + 1)
    wanted, have = _tokens(words), _tokens(text)
    n = len(wanted)
    for start in range(len(have) - n + 1 if n else 0):
        if have[start : start + n] == wanted:
            return _span(text, start, start + n)
    return None


def alike(words: str, text: str) -> tuple[int, int] | None:
    """Where most of ``words`` stand in ``text``, in their order and close together."""
    wanted, have = _tokens(words), _tokens(text)
    n = len(wanted)
    if n < _FEWEST or (Counter(wanted) & Counter(have)).total() < _ALIKE * n:
        return None
    longest = SequenceMatcher(None, wanted, have, autojunk=False).find_longest_match()
    slack = max(2, n // 5)
    low = max(0, longest.b - longest.a - slack)
    high = min(len(have), longest.b - longest.a + n + slack)
    blocks = [
        block
        for block in SequenceMatcher(
            None, wanted, have[low:high], autojunk=False
        ).get_matching_blocks()
        if block.size
    ]
    if sum(block.size for block in blocks) < _ALIKE * n:
        return None
    first, last = blocks[0], blocks[-1]
    start = max(0, low + first.b - first.a)
    rest = n - (last.a + last.size)
    return _span(text, start, min(len(have), low + last.b + last.size + rest))


def carried(span: tuple[int, int], old: str, new: str) -> tuple[int, int] | None:
    """What became of ``old[span]`` when a person corrected ``old`` to ``new``; ``None``: nothing.

    Whole words; a stretch that was rewritten goes with the words beside it.
    """
    spans = [found.span() for found in _WORD.finditer(old)]
    inside = [n for n, (first, end) in enumerate(spans) if first < span[1] and end > span[0]]
    if not inside:
        return None
    start = end = 0
    changes = SequenceMatcher(None, _tokens(old), _tokens(new), autojunk=False).get_opcodes()
    for tag, old_first, old_end, new_first, new_end in changes:
        if old_first <= inside[0] < old_end:
            start = new_first + (inside[0] - old_first if tag == "equal" else 0)
        if old_first <= inside[-1] < old_end:
            end = new_first + inside[-1] - old_first + 1 if tag == "equal" else new_end
    return _span(new, start, end) if start < end else None


def _whole(text: str, first: int, end: int) -> bool:
    """Whether no word of ``text`` is cut at either end."""
    return not any(
        0 < at < len(text) and _WORD.fullmatch(text[at - 1 : at + 1]) for at in (first, end)
    )


def _tokens(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _span(text: str, start: int, end: int) -> tuple[int, int]:
    """Of words number ``start`` to ``end`` (exclusive), with the punctuation that closes them."""
    spans = [found.span() for found in _WORD.finditer(text)]
    closing = _AFTER.match(text, spans[end - 1][1])
    return spans[start][0], closing.end() if closing else spans[end - 1][1]
