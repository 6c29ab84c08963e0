"""Customers' passages laid out to be compared: by meaning and by words, alone and in context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from service.said import Floats, Rows, Said

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WORDS_AROUND = 3.0  # utterances: standard deviation of the neighbourhood that words are read with
_FAR = 1e-3  # weight below which a neighbour is none
# Passages: those of one endless utterance are all next to each other, and their pairs a square. Of
# real calls there are eight at most within reach.
_MOST_APART = 100


class Course(Protocol):
    """Passages call after call: which call each is of, and its first and last utterance."""

    @property
    def call(self) -> Rows: ...
    @property
    def first(self) -> Rows: ...
    @property
    def last(self) -> Rows: ...


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """What passages have in common: ``mean`` of their vectors, which is the tone of talking to a
    vendor; in how many of the ``passages`` each stem stands (``holding``), and its ``rarity``.
    """

    mean: Floats
    rarity: Floats
    holding: Floats
    passages: int

    @classmethod
    def of(cls, said: Said) -> Tone:
        holding = np.asarray((said.terms > 0).sum(axis=0)).ravel()
        rarity = np.log(len(said) / (0.5 + holding))
        return cls(said.vectors.mean(axis=0), np.maximum(rarity, 0.0), holding, len(said))


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Passages ready to be compared. ``near`` and ``meaning`` are unit rows (n, dim), a passage
    alone and with its neighbourhood; ``weighed`` its stems by rarity; ``spread`` averages over the
    neighbourhood.
    """

    said: Said
    near: Floats
    meaning: Floats
    weighed: csr_matrix
    length: Floats
    spread: csr_matrix

    @classmethod
    def lay(cls, said: Said, reach: float, tone: Tone | None = None) -> Laid:
        """In the light of ``said`` itself unless another ``tone`` is given."""
        from scipy.sparse import diags

        held = tone or Tone.of(said)
        near = unit(said.vectors - held.mean)
        weight = np.log1p(said.words)
        meaning = unit(kernel(said, reach) @ (near * weight[:, None]))
        weighed = said.terms[:, : len(held.rarity)].sqrt() @ diags(held.rarity)
        around = kernel(said, WORDS_AROUND)
        total = np.asarray(around.sum(axis=1)).ravel()
        return cls(
            said, near, meaning, weighed.tocsr(), np.sqrt(5 + said.words), diags(1 / total) @ around
        )

    def lexical(self, terms: Floats) -> Floats:
        """(n, k): how many of the topics' words (rows of ``terms``) stand in each passage."""
        spread: Floats = self.spread @ ((self.weighed @ terms.T) / self.length[:, None])
        return spread


def kernel(said: Course, reach: float) -> csr_matrix:
    """Gaussian weights between the passages of a call, by distance in utterances.

    (n, n), with ``2 * _MOST_APART + 1`` entries a row at most.
    """
    from scipy.sparse import csr_matrix

    middle = (said.first + said.last) / 2
    rows, columns, weights = [], [], []
    # Passages stand in the order of their calls: neighbours at one distance in one go.
    for step in range(min(len(middle), _MOST_APART + 1)):
        one = np.arange(len(middle) - step)
        one = one[said.call[one] == said.call[one + step]]
        weight = np.exp(-0.5 * ((middle[one + step] - middle[one]) / reach) ** 2)
        near = weight > _FAR
        if not near.any():
            break
        one, weight = one[near], weight[near]
        for row, column in ((one, one + step), (one + step, one))[: 1 + (step > 0)]:
            rows.append(row)
            columns.append(column)
            weights.append(weight)
    if not rows:
        return csr_matrix((len(middle), len(middle)))
    entries = np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))
    return csr_matrix(entries, shape=(len(middle), len(middle)))


def unit(rows: Floats) -> Floats:
    """Rows of length one; empty rows stay empty."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.where(lengths > 1e-12, lengths, 1.0)
    return scaled
