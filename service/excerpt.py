"""The part of a long utterance to quote: whole sentences around the words that were asked for."""

from __future__ import annotations

import re
from collections.abc import Collection

SHORT = 60  # words; up to here an utterance is quoted whole
LONG = 45  # words; a part of a longer one grows to about this

# A sentence ends at . ! ? or … (with a closing quote) before white space.
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”’)]*(?=\s|$)|$)", re.S)


def excerpt(text: str, about: Collection[str]) -> tuple[int, int]:
    """Where to cut: ``text[first:end]``, made of whole sentences.

    The sentence that shares most words with ``about`` (compared by their first five letters, which
    sees through most endings) is the heart; its neighbours join while the part stays short, those
    after it first, as people explain after they claim.
    """
    sentences = [found.span() for found in _SENTENCE.finditer(text)]
    if len(text.split()) <= SHORT or len(sentences) < 2:
        return _trim(text, 0, len(text))
    wanted = {word[:5] for word in about}
    scores = [len(wanted & _stems(text[a:b])) for a, b in sentences]
    first = last = max(range(len(sentences)), key=lambda n: (scores[n], -n))
    while True:
        after = last + 1 < len(sentences) and _words(text, sentences, first, last + 1) <= LONG
        before = first > 0 and _words(text, sentences, first - 1, last) <= LONG
        if after:
            last += 1
        elif before:
            first -= 1
        else:
            return _trim(text, sentences[first][0], sentences[last][1])


def _stems(sentence: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w+", sentence.casefold())}


def _words(text: str, sentences: list[tuple[int, int]], first: int, last: int) -> int:
    return len(text[sentences[first][0] : sentences[last][1]].split())


def _trim(text: str, first: int, end: int) -> tuple[int, int]:
    part = text[first:end]
    return first + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
