"""Where in the sound the words of an utterance are: it is heard again, and both are laid together.

The times of words are not kept with a call, and its text may have been corrected since. So the
recogniser that is always there hears the stretch once more; runs of words that it hears just as
they are written are sure, and whatever lies between two of them lies between their times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from ingest.models import Piece, Samples, Word
from ingest.pieces import pieces
from ingest.transcribe import moonshine

_WORD = re.compile(r"\w+")
_RUN = 2  # so many words in a row are not alike by chance
_SURE = 0.05  # seconds by which the edge of a word may be off


@dataclass(frozen=True, slots=True)
class Sure:
    """``text[first:end]`` is heard from ``start_s`` to ``end_s``."""

    first: int
    end: int
    start_s: float
    end_s: float


def sure_words(sound: Samples, begin_s: float, text: str) -> list[Sure]:
    """The words of ``text`` that are sure, in order; none where another language is spoken.

    ``sound``: ``(n,)`` at ``ingest.models.RATE``, beginning at ``begin_s`` of the recording.
    """
    written = [found.span() for found in _WORD.finditer(text)]
    heard = list(_tokens(word for _, words in moonshine.hear(_pieces(sound)) for word in words))
    said = [text[first:end].casefold() for first, end in written]
    laid = SequenceMatcher(None, said, [token for token, _ in heard], autojunk=False)
    fewest = min(_RUN, len(written))
    found = []
    for block in laid.get_matching_blocks():
        for n in range(block.size if block.size >= fewest else 0):
            (first, end), word = written[block.a + n], heard[block.b + n][1]
            found.append(Sure(first, end, begin_s + word.start_s, begin_s + word.end_s))
    return found


def _pieces(sound: Samples) -> Iterator[Piece]:
    yield from pieces([np.ascontiguousarray(sound[None], np.float32)])


def _tokens(words: Iterator[Word]) -> Iterator[tuple[str, Word]]:
    for word in words:
        for token in _WORD.findall(word.text):
            yield token.casefold(), word


def around(
    sure: Sequence[Sure], span: tuple[int, int], said: tuple[float, float]
) -> tuple[float, float]:
    """The time that holds ``text[span]`` for certain: from the last sure word before it to the
    first one after it. ``said`` is when the whole of it was said.
    """
    start, end = said
    for one in sure:
        if one.end <= span[0]:
            start = max(start, one.end_s - _SURE)
        elif one.first >= span[1]:
            end = min(end, one.start_s + _SURE)
            break
    return start, max(start, end)


def within(
    sure: Sequence[Sure], text: str, span: tuple[int, int], said: tuple[float, float]
) -> tuple[float, float]:
    """When ``text[span]`` was said: its first and last words where they are sure, else as
    ``around``.
    """
    start, end = around(sure, span, said)
    words = [found.span() for found in _WORD.finditer(text, *span)]
    for one in sure:
        if words and one.first == words[0][0]:
            start = one.start_s
        if words and one.end == words[-1][1]:
            end = one.end_s
    return start, max(start, end)
