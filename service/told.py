"""Topics as accounts voiced them: what *others* said under a topic becomes part of it.

Pseudo-relevance feedback (Rocchio 1971), each account leaving its own words out, so that nobody
corroborates himself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from service.laid import Laid, unit
from service.said import Floats, Rows, Said
from service.topic import View

PER_VOICE = 4  # passages by which an account tells others what a topic sounds like
TELLERS = 5  # accounts that do so
_OWN = 0.5  # weight of the topic's own wording beside what accounts told


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Topics and bank as accounts voiced them: unit vectors (t, dim) and unit rows of weighed stems
    (t, vocabulary). ``others`` has for each account that told of topic ``k`` what the *others* told
    of it.
    """

    vectors: Floats
    terms: Floats
    others: Sequence[tuple[str, int, Floats, Floats]]

    @classmethod
    def of(cls, laid: Laid, seen: View, best: Floats) -> Told:
        """``best`` are exclusive scores."""
        said = laid.said
        strength = by_voice(said, best, PER_VOICE)
        vectors, terms = np.zeros(seen.vectors.shape), np.zeros(seen.terms.shape)
        others = []
        rows_of = [np.flatnonzero(said.voice == v) for v in range(len(said.voices))]
        for k in range(best.shape[1]):
            order = np.argsort(-strength[:, k], kind="stable")[:TELLERS]
            told = [v for v in order if strength[v, k] > 0]
            share = np.sqrt(strength[told, k]) if told else np.zeros(0)
            centres = np.zeros((len(told), laid.near.shape[1]))
            worded = np.zeros((len(told), seen.terms.shape[1]))
            for n, v in enumerate(told):
                mine = rows_of[v][np.argsort(-best[rows_of[v], k], kind="stable")[:PER_VOICE]]
                centres[n], worded[n] = voiced(laid, mine, share[n])
            pairs = told_by(centres, worded, seen.vectors[k], seen.terms[k])
            vectors[k], terms[k] = next(pairs)
            others += [
                (said.voices[v], k, vector, row)
                for v, (vector, row) in zip(told, pairs, strict=True)
            ]
        return cls(vectors, terms, others)

    def scores(self, laid: Laid) -> tuple[Floats, Floats]:
        """By meaning and by words of every passage, each account leaving its own words out."""
        said = laid.said
        meaning: Floats = np.zeros((len(said), len(self.vectors)))
        words: Floats = np.zeros(meaning.shape)
        for k, (vector, row) in enumerate(zip(self.vectors, self.terms, strict=True)):
            meaning[:, k] = laid.meaning @ vector
            words[:, k] = (laid.weighed @ row) / laid.length
        number = {voice: v for v, voice in enumerate(said.voices)}
        for voice, k, vector, row in self.others:
            if voice in number:
                mine = np.flatnonzero(said.voice == number[voice])
                meaning[mine, k] = laid.meaning[mine] @ vector
                words[mine, k] = (laid.weighed[mine] @ row) / laid.length[mine]
        spread: Floats = laid.spread @ words
        return meaning, spread


def voiced(laid: Laid, rows: Rows, share: float) -> tuple[Floats, Floats]:
    """What an account tells of a topic in these passages: its centre, and its stems."""
    weight = np.log1p(laid.said.words[rows])
    stems = unit(np.sqrt(np.asarray(laid.weighed[rows].sum(axis=0)).ravel()))
    return share * unit(weight @ laid.near[rows]), share * stems


def told_by(
    centres: Floats, worded: Floats, vector: Floats, terms: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """A topic (``vector``, ``terms``) as all accounts told of it, then without each in turn."""
    own, own_terms = _OWN * vector, _OWN * terms
    all_centre, all_words = centres.sum(axis=0), worded.sum(axis=0)
    yield unit(unit(all_centre) + own), unit(unit(all_words) + own_terms)
    for centre, words in zip(centres, worded, strict=True):
        yield unit(unit(all_centre - centre) + own), unit(unit(all_words - words) + own_terms)


def by_voice(said: Said, scores: Floats, strongest: int) -> Floats:
    """(voices, k): the mean of each voice's strongest passages."""
    found: Floats = np.empty((len(said.voices), scores.shape[1]))
    for v in range(len(said.voices)):
        mine = np.sort(scores[said.voice == v], axis=0)[::-1]
        found[v] = mine[:strongest].mean(axis=0)
    return found
