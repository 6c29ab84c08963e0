"""Whether a transcript and a recording are of the same call, and when each of its words was said.

Both are noisy: the meeting tool misheard some words and the recogniser others, the export may start
later than the recording, lack a part or have no times at all. What both heard alike in a row is
hardly ever chance. So runs of words that come once in each are the anchors, the longest chain of
them in which neither runs backwards is kept (as in a patience diff), and only between them are
single words matched.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

from ingest.models import Utterance, Word

_RUN = 4  # words in a row that make an anchor
_GAP = 200_000  # words of the one times words of the other between two anchors, at most looked at
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WORD_S = 0.35  # a word takes about so long, 170 a minute
_LONG_WORD_S, _PAUSE_S = 1.0, 5.0  # words that stand together are no further apart in time
_NEAR = 9  # matched words around a place that tell how far the clocks are apart there
_SAID_S = 2.0  # around what the transcript has, so much of the recording counts as had


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well they agree; every share is from 0 to 1.

    ``shared``: of the words of the shorter, how many stand in runs of four that both have;
    ``in_runs`` is how many words these are, ``runs`` how many runs, each as long as it goes.
    ``words``: of the transcript's words, how many the recogniser heard alike. ``covered``: of the
    recogniser's words, how many fall where the transcript has something. ``offset_s``: what is to
    be added to the transcript's times; ``None`` where it has none.
    """

    shared: float
    words: float
    covered: float
    offset_s: float | None
    pairs: tuple[tuple[int, int, Word], ...]  # utterance, number of the word in it, as recognised
    in_runs: int = 0
    runs: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """A word of the transcript: where it stands, and when by the transcript's own clock."""

    utterance: int
    n: int
    at_s: float | None


def compare(utterances: Sequence[Utterance], heard: Sequence[Word]) -> Agreement:
    """How ``utterances`` of a transcript agree with the words recognised in a recording."""
    said, texts = _of_transcript(utterances)
    words = sorted(heard, key=lambda word: word.start_s)
    tokens = [(token, n) for n, word in enumerate(words) for token in tokens_of(word.text)]
    other = [token for token, _ in tokens]
    pairs = _plausible(_matched(texts, other), [words[n].start_s for _, n in tokens])
    if not pairs:
        return Agreement(0.0, 0.0, 0.0, None, ())
    matched = [(said[a], words[tokens[b][1]]) for a, b in pairs]
    told = tuple((one.utterance, one.n, word) for one, word in matched)
    in_runs = _in_runs(pairs)
    return Agreement(
        shared=sum(in_runs) / max(1, min(len(texts), len(other))),
        words=len(pairs) / len(texts),
        covered=_covered(retimed(utterances, told), words),
        offset_s=_offset(matched),
        pairs=told,
        in_runs=sum(in_runs),
        runs=_runs(pairs, in_runs),
    )


def retimed(
    utterances: Sequence[Utterance], pairs: Sequence[tuple[int, int, Word]]
) -> tuple[Utterance, ...]:
    """``utterances`` on the clock of the recording, by their words that were recognised in it.

    One of which nothing was recognised has confidence 0 and lies between its neighbours that were:
    where its own clock has it, if there is room. Starts never run backwards; texts are untouched.
    """
    first, last = _ends(pairs)
    offsets = _Offsets(utterances, pairs)
    ahead = _next_starts(utterances, first, pairs)
    placed: list[tuple[float, float]] = []
    at = reach = 0.0
    for u, until in zip(utterances, ahead, strict=True):
        length = len(tokens_of(u.text)) * _WORD_S
        if u.i in first:
            (n, word), (m, end) = first[u.i], last[u.i]
            start = max(at, word.start_s - n * _WORD_S)
            stop = end.end_s + length - (m + 1) * _WORD_S
        else:
            by = offsets.at(u.start_s)
            start = reach if by is None or u.start_s is None else u.start_s + by
            start = max(at, min(max(start, reach), until))
            stop = min(start + length, max(start, until))
        at, reach = start, max(reach, start, stop)
        placed.append((start, max(start, stop)))
    return tuple(
        u.model_copy(
            update={
                "start_s": round(start, 2),
                "end_s": round(end, 2),
                "confidence": u.confidence if u.i in first else 0.0,
            }
        )
        for u, (start, end) in zip(utterances, placed, strict=True)
    )


def unheard(
    utterances: Sequence[Utterance], pairs: Sequence[tuple[int, int, Word]]
) -> list[Utterance]:
    """Those of some length of which not a word was recognised in the recording."""
    heard = {i for i, _, _ in pairs}
    return [u for u in utterances if u.i not in heard and len(tokens_of(u.text)) >= _RUN]


def tokens_of(text: str) -> list[str]:
    """The words of a text, bare: what is compared."""
    return _TOKEN.findall(text.casefold().replace("’", "'"))


# --- matching ------------------------------------------------------------------------------------


def _of_transcript(utterances: Sequence[Utterance]) -> tuple[list[_Said], list[str]]:
    said, texts = [], []
    for u in utterances:
        tokens = tokens_of(u.text)
        for n, token in enumerate(tokens):
            at_s = None
            if u.start_s is not None and u.end_s is not None:
                at_s = u.start_s + (u.end_s - u.start_s) * n / len(tokens)
            said.append(_Said(u.i, n, at_s))
            texts.append(token)
    return said, texts


def _matched(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the same word in both, neither running backwards."""
    taken: list[tuple[int, int]] = []
    for start, end in _anchors(a, b):
        for n in range(_RUN):
            if not taken or (start + n > taken[-1][0] and end + n > taken[-1][1]):
                taken.append((start + n, end + n))
    if not taken:
        return []
    found: list[tuple[int, int]] = []
    for (a0, b0), (a1, b1) in zip([(-1, -1), *taken], [*taken, (len(a), len(b))], strict=True):
        found += _within(a, b, (a0 + 1, a1), (b0 + 1, b1))
        if a1 < len(a):
            found.append((a1, b1))
    return found


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Starts of runs that come once in each, in the longest chain that rises in both."""
    places_a, places_b = _once(a), _once(b)
    both = sorted((at, places_b[run]) for run, at in places_a.items() if run in places_b)
    tails: list[int] = []  # the least last place in b of a chain of each length
    chain: list[int] = []  # which anchor ends there
    before: list[int] = []
    for n, (_, at) in enumerate(both):
        length = bisect_left(tails, at)
        before.append(chain[length - 1] if length else -1)
        tails[length : length + 1] = [at]
        chain[length : length + 1] = [n]
    found = []
    n = chain[-1] if chain else -1
    while n >= 0:
        found.append(both[n])
        n = before[n]
    return found[::-1]


def _once(tokens: Sequence[str]) -> dict[tuple[str, ...], int]:
    runs = [tuple(tokens[n : n + _RUN]) for n in range(len(tokens) - _RUN + 1)]
    counted = Counter(runs)
    return {run: n for n, run in enumerate(runs) if counted[run] == 1}


def _within(
    a: Sequence[str], b: Sequence[str], in_a: tuple[int, int], in_b: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """What is the same between two anchors; nothing where that is too much to look at."""
    here, there = a[slice(*in_a)], b[slice(*in_b)]
    if not here or not there or len(here) * len(there) > _GAP:
        return
    for block in SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks():
        for n in range(block.size):
            yield in_a[0] + block.a + n, in_b[0] + block.b + n


def _in_runs(pairs: Sequence[tuple[int, int]]) -> list[bool]:
    """Whether each of the pairs stands in a run as long as an anchor."""
    found: list[bool] = []
    run = 0
    for k, (a, b) in enumerate(pairs):
        run = run + 1 if k > 0 and pairs[k - 1] == (a - 1, b - 1) else 1
        found.append(run >= _RUN)
        if run == _RUN:
            found[-_RUN:] = [True] * _RUN
    return found


def _runs(pairs: Sequence[tuple[int, int]], in_runs: Sequence[bool]) -> int:
    """How many runs as long as an anchor there are, none of which goes on in the next."""
    return sum(
        is_in and not (k > 0 and in_runs[k - 1] and pairs[k - 1] == (a - 1, b - 1))
        for k, ((a, b), is_in) in enumerate(zip(pairs, in_runs, strict=True))
    )


def _plausible(pairs: Sequence[tuple[int, int]], starts: Sequence[float]) -> list[tuple[int, int]]:
    """``pairs`` without single words that lie far off the runs around them; ``starts`` of b."""
    sure = _in_runs(pairs)
    anchored = [n for n, is_sure in enumerate(sure) if is_sure]
    found = []
    for n, (a, b) in enumerate(pairs):
        at = bisect_left(anchored, n)
        around = [pairs[k] for k in anchored[max(0, at - 1) : at + 1]]
        if sure[n] or any(
            abs(starts[b] - starts[there]) <= _LONG_WORD_S * abs(a - here) + _PAUSE_S
            for here, there in around
        ):
            found.append((a, b))
    return found


# --- clocks --------------------------------------------------------------------------------------


def _offset(matched: Sequence[tuple[_Said, Word]]) -> float | None:
    apart = [word.start_s - said.at_s for said, word in matched if said.at_s is not None]
    return round(median(apart), 2) if apart else None


class _Offsets:
    """How far the transcript's clock is off, by its own time: parts may have been cut out."""

    def __init__(
        self, utterances: Sequence[Utterance], pairs: Sequence[tuple[int, int, Word]]
    ) -> None:
        by_number = {u.i: u for u in utterances}
        lengths = {u.i: len(tokens_of(u.text)) for u in utterances}
        self._points: list[tuple[float, float]] = []
        for i, n, word in pairs:
            u = by_number[i]
            if u.start_s is not None and u.end_s is not None:
                at_s = u.start_s + (u.end_s - u.start_s) * n / lengths[i]
                self._points.append((at_s, word.start_s - at_s))
        self._points.sort()

    def at(self, second: float | None) -> float | None:
        if second is None or not self._points:
            return None
        middle = bisect_left(self._points, (second, 0.0))
        start = max(0, min(middle - _NEAR // 2, len(self._points) - _NEAR))
        near = self._points[start : start + _NEAR]
        return median(by for _, by in near)


def _ends(
    pairs: Sequence[tuple[int, int, Word]],
) -> tuple[dict[int, tuple[int, Word]], dict[int, tuple[int, Word]]]:
    """The first and the last recognised word of each utterance, with their places in it."""
    first: dict[int, tuple[int, Word]] = {}
    last: dict[int, tuple[int, Word]] = {}
    for i, n, word in pairs:
        first.setdefault(i, (n, word))
        last[i] = (n, word)
    return first, last


def _next_starts(
    utterances: Sequence[Utterance],
    first: Mapping[int, tuple[int, Word]],
    pairs: Sequence[tuple[int, int, Word]],
) -> list[float]:
    """For each utterance, when the next one is heard; the last word's end where none is."""
    until = max((word.end_s for _, _, word in pairs), default=0.0)
    found: list[float] = []
    for u in reversed(utterances):
        found.append(until)
        if u.i in first:
            until = first[u.i][1].start_s
    return found[::-1]


def _covered(utterances: Sequence[Utterance], words: Sequence[Word]) -> float:
    """Which share of ``words`` fall into ``utterances``, or close to one."""
    starts = [u.start_s or 0.0 for u in utterances]
    reach: list[float] = []
    for u in utterances:
        reach.append(max(u.end_s or 0.0, reach[-1] if reach else 0.0))
    inside = 0
    for word in words:
        n = bisect_left(starts, word.start_s + _SAID_S)
        inside += n > 0 and reach[n - 1] + _SAID_S >= word.start_s
    return inside / max(1, len(words))
