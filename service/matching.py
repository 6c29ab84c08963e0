"""Which passages speak of which topic: the ledger's way from words to codes, without a model.

A passage is held against every topic by meaning (cosine of the sentence model, read with what
stands around it) and by words (stems weighed by rarity), both relative to what the same passages
score against a bank of topics that are not asked about. Then it is read once more: what *other*
accounts said under a topic becomes part of the topic (pseudo-relevance feedback, Rocchio 1971,
each account leaving its own words out), so that customers' words for a matter are learned from each
other and nobody corroborates himself. A passage counts for the one topic of a sort
that it fits best.

No score is compared with a fixed number: an account speaks of a topic when it does so more than
three in four accounts do of the topics in the bank, and a topic is present when more of it was said
than of eight in ten of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.library import Library
from service.laid import Laid, unit
from service.offtopic import embedded, offtopic
from service.said import Floats, Place, Rows, Said
from service.topic import Topic, View, view

Flags = NDArray[np.bool_]

_AROUND = 2.0  # utterances: standard deviation of the neighbourhood a passage is read with
_PER_VOICE = 4  # passages by which an account tells others what a topic sounds like
_TELLERS = 5  # accounts that do so
_OWN = 0.5  # weight of the topic's own wording beside what accounts told
_STRONGEST = 3  # passages of an account that are averaged
_OTHER_KIND = 2.0  # deviations off for liking under a pain, or complaint under a praise
_VOICE_QUANTILE = 0.75
_TOPIC_QUANTILE = 0.8
_MUCH = 8  # passages that tell whether a topic is there at all
_NOWHERE = -5.0
_CLEAR = 0.95  # share of the passages that fit their best topic less well than a clear case does
_EDGE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Lights:
    """What the ledger knows of each passage: whether it holds evidence at all, praise, a word that
    there is no trouble, or trouble. ``held`` are the places of its evidence.
    """

    held: tuple[frozenset[Place], ...]

    evidence: Flags
    praising: Flags
    content: Flags
    minding: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Entry ``[n, k]`` of ``scores`` is how much passage ``n`` speaks of topic ``k``: in standard
    deviations, above zero only for the topic it fits best. ``voices[v, k]`` is whether voice ``v``
    speaks of it, ``present[k]`` whether anybody does.
    """

    scores: Floats
    voices: Flags
    present: Flags

    def near(self, k: int) -> Rows:
        """The passages that fit topic ``k`` best, whoever said them, the clearest first."""
        if not self.present[k]:
            return np.zeros(0, np.int64)
        found = np.flatnonzero(self.scores[:, k] > 0)
        return found[np.argsort(-self.scores[found, k], kind="stable")]

    def rows(self, said: Said, k: int) -> Rows:
        """Of these, those of voices that speak of the topic."""
        found = self.near(k)
        spoken: Rows = found[self.voices[said.voice[found], k]]
        return spoken


def match(library: Library, said: Said, topics: Sequence[Topic], lights: Lights) -> Match:
    """Hold ``said`` against ``topics``; nothing is found where nothing was said."""
    if not len(said) or not topics:
        nobody = np.zeros((len(said.voices), len(topics)), bool)
        return Match(np.zeros((len(said), len(topics))), nobody, np.zeros(len(topics), bool))
    laid = Laid.lay(said, _AROUND)
    rules = _Rules.of(said, topics, lights)
    seen, plain, excluded = _first(library, said, topics, laid)
    rules = replace(rules, barred=rules.barred | excluded)
    again = _again(laid, seen, _exclusive(rules.apply(plain), topics))
    scores = rules.apply((plain + again) / 2)
    best = _exclusive(scores, topics)
    strength = _by_voice(said, best, _STRONGEST)
    null = _by_voice(said, scores[:, len(topics) :], _STRONGEST)
    voices = strength[:, : len(topics)] >= max(0.0, float(np.quantile(null, _VOICE_QUANTILE)))
    voices |= rules.decided(said)
    present = _present(library, said, topics, best) & voices.any(axis=0)
    return Match(best[:, : len(topics)], voices & present, present)


def _first(
    library: Library, said: Said, topics: Sequence[Topic], laid: Laid
) -> tuple[View, Floats, Flags]:
    """Topics and bank as they look, the scores against them, and where a topic's exclusion fits
    better than the topic itself.
    """
    without = [k for k, topic in enumerate(topics) if topic.excluded]
    whole = view(library, said, [*topics, *(Topic(topics[k].excluded) for k in without)], laid)
    count, extra = len(topics), len(without)
    scores = _relative(laid.meaning @ whole.vectors.T, laid.lexical(whole.terms))
    excluded = np.zeros((len(said), count), bool)
    for n, k in enumerate(without):
        excluded[:, k] = scores[:, count + n] > scores[:, k]
    kept = [*range(count), *range(count + extra, scores.shape[1])]
    return whole.only(kept), scores[:, kept], excluded


# --- reading again ----------------------------------------------------------------------------


def _again(laid: Laid, seen: View, best: Floats) -> Floats:
    """The scores against topics as *other* accounts voiced them; ``best`` are exclusive scores."""
    said = laid.said
    strength = _by_voice(said, best, _PER_VOICE)
    queries = best.shape[1]
    meaning: Floats = np.zeros(best.shape)
    words: Floats = np.zeros(best.shape)
    rows_of = [np.flatnonzero(said.voice == v) for v in range(len(said.voices))]
    for k in range(queries):
        order = np.argsort(-strength[:, k], kind="stable")[:_TELLERS]
        told = [v for v in order if strength[v, k] > 0]
        share = np.sqrt(strength[told, k]) if told else np.zeros(0)
        centres = np.zeros((len(told), laid.near.shape[1]))
        worded = np.zeros((len(told), seen.terms.shape[1]))
        for n, v in enumerate(told):
            mine = rows_of[v][np.argsort(-best[rows_of[v], k], kind="stable")[:_PER_VOICE]]
            weight = np.log1p(said.words[mine])
            centres[n] = share[n] * unit(weight @ laid.near[mine])
            worded[n] = share[n] * unit(np.sqrt(np.asarray(laid.weighed[mine].sum(axis=0)).ravel()))
        own, terms = _OWN * seen.vectors[k], _OWN * seen.terms[k]
        all_centre, all_words = centres.sum(axis=0), worded.sum(axis=0)
        meaning[:, k] = laid.meaning @ unit(unit(all_centre) + own)
        words[:, k] = (laid.weighed @ unit(unit(all_words) + terms)) / laid.length
        for n, v in enumerate(told):
            mine = rows_of[v]
            others = unit(unit(all_centre - centres[n]) + own)
            meaning[mine, k] = laid.meaning[mine] @ others
            rest = unit(unit(all_words - worded[n]) + terms)
            words[mine, k] = (laid.weighed[mine] @ rest) / laid.length[mine]
    spread: Floats = laid.spread @ words
    return _relative(meaning, spread)


def _relative(meaning: Floats, words: Floats) -> Floats:
    """Both in deviations over all topics, added, relative to each passage's mean."""
    both = _standard(meaning) + _standard(words)
    scores: Floats = both - both.mean(axis=1, keepdims=True)
    return scores


def _standard(values: Floats) -> Floats:
    """Each topic's mean taken out, in deviations of all of them together."""
    centred: Floats = values - values.mean(axis=0)
    deviation = float(centred.std())
    return centred / deviation if deviation > 1e-12 else centred


# --- deciding -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """What holds whatever the scores: names, kinds, exclusions, and people's decisions."""

    topics: Sequence[Topic]
    other_kind: Flags  # (n, k)
    barred: Flags
    confirmed: Flags
    rejected: Flags

    @classmethod
    def of(cls, said: Said, topics: Sequence[Topic], lights: Lights) -> _Rules:
        shape = (len(said), len(topics))
        other, barred = np.zeros(shape, bool), np.zeros(shape, bool)
        confirmed, rejected = np.zeros(shape, bool), np.zeros(shape, bool)
        for k, topic in enumerate(topics):
            if topic.sort == "praise":
                other[:, k] = ~lights.praising
            elif topic.sort == "need":
                other[:, k] = (lights.praising | lights.content) & ~lights.minding
            barred[:, k] = ~lights.evidence
            if topic.named is not None:
                elsewhere = np.ones(len(said), bool)
                elsewhere[said.rows_of(topic.named)] = False
                barred[:, k] |= elsewhere
            confirmed[said.rows_of(topic.confirmed), k] = True
            for row in said.rows_of(topic.rejected):
                # What else was said there may still belong to it.
                rejected[row, k] = lights.held[row] <= topic.rejected
        return cls(topics, other, barred, confirmed, rejected & ~confirmed)

    def apply(self, scores: Floats) -> Floats:
        """``scores`` of topics and bank, with the rules on the topics' columns."""
        k = len(self.topics)
        mine = scores[:, :k] - _OTHER_KIND * self.other_kind
        mine = np.where(self.barred | self.rejected, _NOWHERE, mine)
        # What a person confirmed is a clear case, and clearer than any other topic there.
        clear = np.maximum(np.quantile(mine.max(axis=1), _CLEAR), mine.max(axis=1, keepdims=True))
        mine = np.where(self.confirmed, np.maximum(clear, 1.0) + _EDGE, mine)
        return np.concatenate([mine, scores[:, k:]], axis=1)

    def decided(self, said: Said) -> Flags:
        """(voices, k): who speaks of it because a person said so, or because the name was said."""
        found = np.zeros((len(said.voices), len(self.topics)), bool)
        for k, topic in enumerate(self.topics):
            sure = self.confirmed[:, k].copy()
            if topic.named is not None:
                sure |= ~self.barred[:, k] & ~self.rejected[:, k]
            found[said.voice[sure], k] = True
        return found


def _exclusive(scores: Floats, topics: Sequence[Topic]) -> Floats:
    """A passage's score stays with its best topic of each sort; elsewhere it is below zero."""
    kept = scores.copy()
    sorts = np.array([t.sort for t in topics])
    for sort in np.unique(sorts):
        columns = np.flatnonzero(sorts == sort)
        mine = scores[:, columns]
        best = mine >= mine.max(axis=1, keepdims=True)
        kept[:, columns] = np.where(best, mine, np.minimum(mine, 0.0) - 1.0)
    return kept


def _by_voice(said: Said, scores: Floats, strongest: int) -> Floats:
    """(voices, k): the mean of each voice's strongest passages."""
    found: Floats = np.empty((len(said.voices), scores.shape[1]))
    for v in range(len(said.voices)):
        mine = np.sort(scores[said.voice == v], axis=0)[::-1]
        found[v] = mine[:strongest].mean(axis=0)
    return found


def _present(library: Library, said: Said, topics: Sequence[Topic], best: Floats) -> Flags:
    """Whether more was said of each topic than of nine in ten of the bank, by plain cosine."""
    raw = embedded(library, [t.text for t in topics])
    much = _most(said.vectors @ raw.T)
    usual = float(np.quantile(_most(said.vectors @ offtopic(library)[1].T), _TOPIC_QUANTILE))
    sure = np.array([bool(t.confirmed or t.named) for t in topics])
    found: Flags = (much > usual) | sure
    return found & (best[:, : len(topics)] > 0).any(axis=0)


def _most(cosines: Floats) -> Floats:
    mean: Floats = np.sort(cosines, axis=0)[::-1][:_MUCH].mean(axis=0)
    return mean
