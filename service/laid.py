"""Customers' passages laid out to be compared: by meaning and by words, alone and in context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from service.said import Floats, Said

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_WORDS_AROUND = 3.0  # utterances: standard deviation of the neighbourhood that words are read with


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
    def lay(cls, said: Said, reach: float) -> Laid:
        from scipy.sparse import diags

        # The common direction of all passages is the tone of talking to a vendor.
        near = unit(said.vectors - said.vectors.mean(axis=0))
        weight = np.log1p(said.words)
        meaning = unit(_kernel(said, reach) @ (near * weight[:, None]))
        holding = np.asarray((said.terms > 0).sum(axis=0)).ravel()
        rarity = np.log(len(said) / (0.5 + holding))
        weighed = said.terms.sqrt() @ diags(np.maximum(rarity, 0.0))
        around = _kernel(said, _WORDS_AROUND)
        total = np.asarray(around.sum(axis=1)).ravel()
        return cls(
            said, near, meaning, weighed.tocsr(), np.sqrt(5 + said.words), diags(1 / total) @ around
        )

    def lexical(self, terms: Floats) -> Floats:
        """(n, k): how many of the topics' words (rows of ``terms``) stand in each passage."""
        spread: Floats = self.spread @ ((self.weighed @ terms.T) / self.length[:, None])
        return spread


def _kernel(said: Said, reach: float) -> csr_matrix:
    """Gaussian weights between the passages of a call, by distance in utterances."""
    from scipy.sparse import block_diag, csr_matrix

    middle = (said.first + said.last) / 2
    blocks = []
    for call in np.unique(said.call):
        at = middle[said.call == call]
        weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / reach) ** 2)
        blocks.append(csr_matrix(np.where(weights > 1e-3, weights, 0.0)))
    return block_diag(blocks, format="csr")


def unit(rows: Floats) -> Floats:
    """Rows of length one; empty rows stay empty."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.where(lengths > 1e-12, lengths, 1.0)
    return scaled
