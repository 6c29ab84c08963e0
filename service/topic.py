"""A topic to look for in what customers said, and what it looks like as vectors and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ingest import keywords
from ingest.library import Library
from service.laid import Laid, unit
from service.offtopic import embedded, offtopic
from service.said import Floats, Place, Said

# What sort of words are meant; "any" are praise and complaint alike.
Sort = Literal["need", "praise", "competitor", "any"]

# Rocchio's weights: what belongs to a topic counts fully, what does not a quarter of that; in words
# half as much, for examples have many that are by the way.
_LIKE, _UNLIKE, _IN_WORDS = 1.0, -0.25, 0.5


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to look for. A passage counts for one topic of each ``sort``: whoever complains
    may in the same breath praise something else, or speak of a competitor.

    ``named`` are the places where its proper name was said; elsewhere nothing counts (``None``: it
    has no name). ``confirmed`` and ``rejected`` are places a person decided on; ``like`` and
    ``unlike`` are texts as examples; ``excluded`` describes what is *not* meant.
    """

    text: str
    sort: Sort = "need"
    named: frozenset[Place] | None = None
    confirmed: frozenset[Place] = frozenset()
    rejected: frozenset[Place] = frozenset()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    excluded: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Topics in order: unit vectors (t, dim) and unit rows of weighed stems (t, vocabulary)."""

    vectors: Floats
    terms: Floats

    def only(self, columns: Sequence[int]) -> View:
        """Some of the topics, in this order."""
        return View(self.vectors[list(columns)], self.terms[list(columns)])


def view(library: Library, said: Said, topics: Sequence[Topic], laid: Laid) -> View:
    """What ``topics`` look like, with their examples, and after them the bank's topics."""
    bank_texts, bank = offtopic(library)
    asked = embedded(library, [t.text for t in topics])
    vectors = unit(np.concatenate([asked, bank]) - bank.mean(axis=0))
    terms = term_rows(said, [*(t.text for t in topics), *bank_texts])
    for k, topic in enumerate(topics):
        for share, places, texts in (
            (_LIKE, topic.confirmed, topic.like),
            (_UNLIKE, topic.rejected, topic.unlike),
        ):
            shown, worded = _examples(library, said, laid, places, texts)
            if len(shown):
                vectors[k] += share * shown.mean(axis=0)
                terms[k] = np.maximum(terms[k] + _IN_WORDS * share * unit(np.sqrt(worded)), 0.0)
    return View(unit(vectors), unit(terms))


def _examples(
    library: Library,
    said: Said,
    laid: Laid,
    places: frozenset[Place],
    texts: tuple[str, ...],
) -> tuple[Floats, Floats]:
    """Unit vectors of the examples (e, dim), and their weighed stems summed up (vocabulary,)."""
    rows = said.rows_of(places)
    worded: Floats = np.asarray(laid.weighed[rows].sum(axis=0), np.float64).ravel()
    if not texts:
        return laid.near[rows], worded
    from_elsewhere = unit(embedded(library, texts) - said.vectors.mean(axis=0))
    vectors: Floats = np.concatenate([laid.near[rows], from_elsewhere])
    return vectors, worded + term_rows(said, texts).sum(axis=0)


def term_rows(said: Said, texts: Sequence[str]) -> Floats:
    """Unit rows (t, vocabulary): the stems of each text that were said, weighed by rarity."""
    holding = np.asarray((said.terms > 0).sum(axis=0)).ravel()
    rarity = np.maximum(0.0, np.log(len(said) / (0.5 + holding)))
    rows: Floats = np.zeros((len(texts), said.terms.shape[1]))
    for n, stems in enumerate(keywords.stems(list(texts))):
        for stem in stems:
            column = said.vocabulary.get(stem)
            if column is not None:
                rows[n, column] = rarity[column]
    return unit(rows)
