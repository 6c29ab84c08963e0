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
from service.laid import Laid, Tone
from service.offtopic import embedded, offtopic
from service.said import Floats, Place, Rows, Said
from service.told import Told, by_voice
from service.topic import Topic, View, view

Flags = NDArray[np.bool_]

AROUND = 2.0  # utterances: standard deviation of the neighbourhood a passage is read with
STRONGEST = 3  # passages of an account that are averaged
OTHER_KIND = 2.0  # deviations off for liking under a pain, or complaint under a praise
_VOICE_QUANTILE = 0.75
TOPIC_QUANTILE = 0.8
MUCH = 8  # passages that tell whether a topic is there at all
NOWHERE = -5.0
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
    _, rules, scores = fit(library, said, topics, lights)
    best = exclusive(scores, topics)
    strength = by_voice(said, best, STRONGEST)
    null = by_voice(said, scores[:, len(topics) :], STRONGEST)
    voices = strength[:, : len(topics)] >= bar(null)
    voices |= rules.decided(said)
    present = _present(library, said, topics, best) & voices.any(axis=0)
    return Match(best[:, : len(topics)], voices & present, present)


def bar(null: Floats) -> float:
    """How much an account has to speak of a topic: more than most do of the bank's (``null``)."""
    return max(0.0, float(np.quantile(null, _VOICE_QUANTILE)))


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Mean of each topic's column and deviation of all of them, of meaning and of words."""

    means: tuple[Floats, Floats]
    deviations: tuple[float, float]

    @classmethod
    def of(cls, meaning: Floats, words: Floats) -> Scale:
        means = meaning.mean(axis=0), words.mean(axis=0)
        return cls(means, (float((meaning - means[0]).std()), float((words - means[1]).std())))

    def relative(self, meaning: Floats, words: Floats) -> Floats:
        """Both in deviations over all topics, added, relative to each passage's mean."""
        both = self.both(meaning, words)
        scores: Floats = both - both.mean(axis=1, keepdims=True)
        return scores

    def both(self, meaning: Floats, words: Floats) -> Floats:
        """Each topic's mean taken out, in deviations of all of them together; added."""
        added: Floats = self.over(meaning - self.means[0], 0) + self.over(words - self.means[1], 1)
        return added

    def over(self, centred: Floats, which: int) -> Floats:
        """In deviations of meaning (0) or of words (1)."""
        deviation = self.deviations[which]
        return centred / deviation if deviation > 1e-12 else centred


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What topics look like and how they score in one set of passages, to be held against others.

    ``tone`` is those passages' own. ``looks`` are topics, exclusions and bank; ``told`` topics and
    bank as accounts voiced them. ``clear`` is what a clear case scores, at first and in the end.
    """

    tone: Tone
    topics: Sequence[Topic]
    looks: View
    first: Scale
    told: Told
    second: Scale
    clear: tuple[float, float]


def fit(
    library: Library, said: Said, topics: Sequence[Topic], lights: Lights
) -> tuple[Fitted, Rules, Floats]:
    """``topics`` as they are spoken of in ``said``, the rules there, and the scores of its passages
    against topics and bank under these rules.
    """
    tone = Tone.of(said)
    laid = Laid.lay(said, AROUND, tone)
    without = [topic for topic in topics if topic.excluded]
    looks = view(library, said, [*topics, *(Topic(t.excluded) for t in without)], laid)
    near, worded = laid.meaning @ looks.vectors.T, laid.lexical(looks.terms)
    first = Scale.of(near, worded)
    plain, excluded = apart(first.relative(near, worded), topics)
    rules = Rules.of(said, topics, lights)
    rules = replace(rules, barred=rules.barred | excluded)
    first_clear = rules.clear(plain)
    kept = looks.only([*range(len(topics)), *range(len(topics) + len(without), len(looks.vectors))])
    told = Told.of(laid, kept, exclusive(rules.apply(plain, first_clear), topics))
    near, worded = told.scores(laid)
    second = Scale.of(near, worded)
    mean = (plain + second.relative(near, worded)) / 2
    clear = rules.clear(mean)
    fitted = Fitted(tone, topics, looks, first, told, second, (first_clear, clear))
    return fitted, rules, rules.apply(mean, clear)


def apart(scores: Floats, topics: Sequence[Topic]) -> tuple[Floats, Flags]:
    """The scores of topics and bank, and where a topic's exclusion fits better than the topic."""
    without = [k for k, topic in enumerate(topics) if topic.excluded]
    count, extra = len(topics), len(without)
    excluded = np.zeros((len(scores), count), bool)
    for n, k in enumerate(without):
        excluded[:, k] = scores[:, count + n] > scores[:, k]
    kept = [*range(count), *range(count + extra, scores.shape[1])]
    return scores[:, kept], excluded


# --- deciding -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What holds whatever the scores: names, kinds, exclusions, and people's decisions."""

    topics: Sequence[Topic]
    other_kind: Flags  # (n, k)
    barred: Flags
    confirmed: Flags
    rejected: Flags

    @classmethod
    def of(cls, said: Said, topics: Sequence[Topic], lights: Lights) -> Rules:
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

    def clear(self, scores: Floats) -> float:
        """What a clear case scores under ``apply``: more than most passages at their best topic."""
        if not self.topics:
            return 0.0
        return float(np.quantile(self._ruled(scores).max(axis=1), _CLEAR))

    def apply(self, scores: Floats, clear: float) -> Floats:
        """``scores`` of topics and bank, with the rules on the topics' columns."""
        if not self.topics:
            return scores
        mine = self._ruled(scores)
        # What a person confirmed is a clear case, and clearer than any other topic there.
        most = np.maximum(clear, mine.max(axis=1, keepdims=True))
        mine = np.where(self.confirmed, np.maximum(most, 1.0) + _EDGE, mine)
        return np.concatenate([mine, scores[:, len(self.topics) :]], axis=1)

    def _ruled(self, scores: Floats) -> Floats:
        mine = scores[:, : len(self.topics)] - OTHER_KIND * self.other_kind
        ruled: Floats = np.where(self.barred | self.rejected, NOWHERE, mine)
        return ruled

    def decided(self, said: Said) -> Flags:
        """(voices, k): who speaks of it because a person said so, or because the name was said."""
        found = np.zeros((len(said.voices), len(self.topics)), bool)
        for k, topic in enumerate(self.topics):
            sure = self.confirmed[:, k].copy()
            if topic.named is not None:
                sure |= ~self.barred[:, k] & ~self.rejected[:, k]
            found[said.voice[sure], k] = True
        return found


def exclusive(scores: Floats, topics: Sequence[Topic]) -> Floats:
    """A passage's score stays with its best topic of each sort; elsewhere it is below zero."""
    kept = scores.copy()
    sorts = np.array([t.sort for t in topics])
    for sort in np.unique(sorts):
        columns = np.flatnonzero(sorts == sort)
        mine = scores[:, columns]
        best = mine >= mine.max(axis=1, keepdims=True)
        kept[:, columns] = np.where(best, mine, np.minimum(mine, 0.0) - 1.0)
    return kept


def _present(library: Library, said: Said, topics: Sequence[Topic], best: Floats) -> Flags:
    """Whether more was said of each topic than of nine in ten of the bank, by plain cosine."""
    raw = embedded(library, [t.text for t in topics])
    much = _most(said.vectors @ raw.T)
    usual = float(np.quantile(_most(said.vectors @ offtopic(library)[1].T), TOPIC_QUANTILE))
    sure = np.array([bool(t.confirmed or t.named) for t in topics])
    found: Flags = (much > usual) | sure
    return found & (best[:, : len(topics)] > 0).any(axis=0)


def _most(cosines: Floats) -> Floats:
    mean: Floats = np.sort(cosines, axis=0)[::-1][:MUCH].mean(axis=0)
    return mean
