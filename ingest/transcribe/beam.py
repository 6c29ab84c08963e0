"""The beam search over tokens: which hypotheses of a piece live on, and which one is kept.

Pure bookkeeping; the network's steps are made in ``moonshine``. A hypothesis that says the same
over and over is never carried on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.models import Samples

BEGIN, END = 1, 2  # the tokens that begin and end every sequence


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """Tokens of one piece without the end mark, their probabilities and where each looked."""

    tokens: tuple[int, ...]
    chances: Samples  # (tokens,)
    attention: Samples  # (tokens, frames)
    complete: bool  # it ended by itself, neither in a loop nor at the limit


@dataclass(frozen=True, slots=True, eq=False)
class _Hypothesis:
    """Tokens so far, the log of their probability, and the row of the last step they came from."""

    score: float = 0.0
    row: int = 0
    tokens: tuple[int, ...] = ()
    chances: tuple[float, ...] = ()
    looks: tuple[Samples, ...] = ()

    @property
    def mean(self) -> float:
        """Score per token, the end mark counted: long and short hypotheses compare by it."""
        return self.score / (len(self.tokens) + 1)


class Search:
    """The hypotheses of one piece: the ``beams`` likeliest unfinished ones and all finished."""

    def __init__(self, limit: int, beams: int) -> None:
        self._limit, self._beams = limit, beams
        self._open = [_Hypothesis()]
        self._finished: list[_Hypothesis] = []
        self.done = limit <= 0

    def advance(self, tokens: NDArray[np.int64], chances: Samples, attention: Samples) -> None:
        """Take a step's candidates ``(beams, CANDIDATES)`` and attention ``(beams, frames)``."""
        logs = np.log(np.maximum(chances, 1e-12))
        ranked = sorted(
            (
                (hypothesis.score + float(logs[row, c]), row, c)
                for row, hypothesis in enumerate(self._open)
                for c in range(tokens.shape[1])
            ),
            reverse=True,
        )
        before, self._open = self._open, []
        for score, row, c in ranked:
            old, token = before[row], int(tokens[row, c])
            if token == END:
                self._finished.append(replace(old, score=score))
            elif not loops(longer := [*old.tokens, token]):
                said = (*old.chances, float(chances[row, c]))
                looks = (*old.looks, attention[row])
                self._open.append(_Hypothesis(score, row, tuple(longer), said, looks))
            if len(self._open) == self._beams:
                break
        if not self._open and not self._finished:
            self._open = before  # everything went round in circles: what there is, is kept
            self.done = True
        self.done |= not self._open or len(self._open[0].tokens) >= self._limit
        if self._finished and len(self._finished) >= self._beams:
            self.done |= self._open[0].mean < max(done.mean for done in self._finished)

    def next_rows(self) -> list[tuple[int, int]]:
        """Row of the last step and token for each row of the next; the last one fills up."""
        rows = [(h.row, h.tokens[-1] if h.tokens else BEGIN) for h in self._open] or [(0, END)]
        return rows + rows[-1:] * (self._beams - len(rows))

    def best(self) -> Hearing:
        found = max(self._finished or self._open, key=lambda h: h.mean)
        return Hearing(
            tokens=found.tokens,
            chances=np.array(found.chances, np.float32),
            attention=np.array(found.looks, np.float32).reshape(len(found.tokens), -1),
            complete=bool(self._finished),
        )


def loops(tokens: list[int]) -> bool:
    """Whether the end says the same over and over: single tokens six times, longer runs thrice."""
    for size in range(1, len(tokens) // 3 + 1):
        times = 6 if size <= 2 else 3
        tail = tokens[-size * times :]
        if len(tail) == size * times and tail == list(tail[:size]) * times:
            return True
    return False
