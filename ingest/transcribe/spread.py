"""Gives words a time where an engine gave none, or gave times to words without punctuation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from ingest.models import Word

TimedWord = Word  # times from the start of whatever was sent, not yet of the recording


def spread(
    texts: Sequence[str], spans: Sequence[tuple[float, float]], confidence: float
) -> list[Word]:
    """Words laid over ``spans`` (seconds, in order), each as long as it has letters.

    A word never lies across two spans: it belongs to the one in which its middle falls.
    """
    length = sum(end - start for start, end in spans)
    letters = sum(len(text) + 1 for text in texts)
    if not texts or length <= 0:
        return []
    words, at = [], 0.0
    for text in texts:
        share = (len(text) + 1) / letters * length
        start, end = _place(at, at + share, spans)
        words.append(Word(text, start, end, confidence))
        at += share
    return words


def on_clock(texts: Sequence[str], timed: Sequence[TimedWord]) -> list[Word]:
    """The words as written in the text, with the times of the same words in a barer list.

    Words of the text that the list does not have share the time between their neighbours.
    """
    a, b = [_bare(text) for text in texts], [_bare(word.text) for word in timed]
    words: list[Word] = []
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            words += [
                Word(text, word.start_s, word.end_s, word.confidence)
                for text, word in zip(texts[i1:i2], timed[j1:j2], strict=True)
            ]
            continue
        before = words[-1].end_s if words else (timed[0].start_s if timed else 0.0)
        start = timed[j1].start_s if j1 < j2 else before
        end = timed[j2 - 1].end_s if j1 < j2 else _next_start(timed[j2:], before)
        sure = _mean(word.confidence for word in timed[j1:j2] or timed)
        words += spread(texts[i1:i2], [(start, max(end, start + 0.01))], sure)
    return words


def _place(begin: float, end: float, spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Seconds counted along the spans alone, put back on the clock."""
    middle, before = (begin + end) / 2, 0.0
    for start, stop in spans:
        size = stop - start
        if middle <= before + size or (start, stop) == tuple(spans[-1]):
            return (
                start + max(begin - before, 0.0),
                start + min(end - before, size),
            )
        before += size
    raise ValueError("there are no spans to place a word in")


def _next_start(timed: Sequence[TimedWord], otherwise: float) -> float:
    return timed[0].start_s if timed else otherwise


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 1.0


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
