"""Which passages speak of which topic: the ledger's way from words to codes, without a model.

A passage is held against every topic by meaning (cosine of the sentence model, read with what
stands around it) and by words (stems weighed by rarity), both relative to what the same passages
score against a bank of topics that are not asked about. Then it is read once more: what *other*
accounts said under a topic becomes part of the topic (pseudo-relevance feedback, Rocchio 1971,
each account leaving its own words out), so that customers' words for a matter are learned from each
other and nobody corroborates himself. A passage counts for the one topic it fits best.

No score is compared with a fixed number: an account speaks of a topic when it does so more than
three out of four accounts do of the topics in the bank, and a topic is present when more of it was
said than of nine in ten of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ingest import keywords
from ingest.library import Library
from service.said import Floats, Place, Rows, Said

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Flags = NDArray[np.bool_]
# What sort of words are meant; "any" are praise and complaint alike.
Sort = Literal["need", "praise", "competitor", "any"]

_AROUND = 2.0  # utterances: standard deviation of the neighbourhood a passage is read with
_WORDS_AROUND = 3.0  # the same for its words
_PER_VOICE = 4  # passages by which an account tells others what a topic sounds like
_TELLERS = 5  # accounts that do so
_OWN = 0.5  # weight of the topic's own wording beside what accounts told
_STRONGEST = 3  # passages of an account that are averaged
_OTHER_KIND = 2.0  # deviations off for liking under a pain, or complaint under a praise
_VOICE_QUANTILE = 0.7
_TOPIC_QUANTILE = 0.8
_MUCH = 8  # passages that tell whether a topic is there at all
_NOWHERE = -5.0
_KEPT = 10_000  # texts of codes whose vectors are kept in memory


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

    def rows(self, said: Said, k: int) -> Rows:
        """The passages that count for topic ``k``, the clearest first."""
        if not self.present[k]:
            return np.zeros(0, np.int64)
        found = np.flatnonzero((self.scores[:, k] > 0) & self.voices[said.voice, k])
        return found[np.argsort(-self.scores[found, k], kind="stable")]


def match(library: Library, said: Said, topics: Sequence[Topic], lights: Lights) -> Match:
    """Hold ``said`` against ``topics``; nothing is found where nothing was said."""
    if not len(said) or not topics:
        nobody = np.zeros((len(said.voices), len(topics)), bool)
        return Match(np.zeros((len(said), len(topics))), nobody, np.zeros(len(topics), bool))
    bench = Bench.lay(said, _AROUND)
    view = _view(library, said, topics, bench)
    rules = _Rules.of(said, topics, lights)
    plain = _relative(bench.meaning @ view.vectors.T, bench.lexical(view.terms))
    again = _again(bench, view, _exclusive(rules.apply(plain), topics))
    scores = rules.apply((plain + again) / 2)
    best = _exclusive(scores, topics)
    strength = _by_voice(said, best, _STRONGEST)
    null = _by_voice(said, scores[:, len(topics) :], _STRONGEST)
    voices = strength[:, : len(topics)] >= max(0.0, float(np.quantile(null, _VOICE_QUANTILE)))
    voices |= rules.decided(said)
    present = _present(library, said, topics, best) & voices.any(axis=0)
    return Match(best[:, : len(topics)], voices & present, present)


def offtopic(library: Library) -> tuple[tuple[str, ...], Floats]:
    """The bank of topics that are not asked about, and their vectors."""
    kept = library.memory.get("offtopic")
    if not isinstance(kept, tuple):
        text = files("service").joinpath("offtopic.txt").read_text("utf-8")
        bank = tuple(line for line in text.splitlines() if line)
        kept = (bank, library.embedder.embed(bank).astype(np.float64))
        library.memory["offtopic"] = kept
    return kept


def embedded(library: Library, texts: Sequence[str]) -> Floats:
    """Vectors of the codebook's texts, each made once as long as they are in use."""
    kept = library.memory.get("embedded")
    known: dict[str, Floats] = kept if isinstance(kept, dict) and len(kept) < _KEPT else {}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    vectors = library.embedder.embed(new).astype(np.float64)
    known |= dict(zip(new, vectors, strict=True))
    library.memory["embedded"] = known
    return np.stack([known[text] for text in texts])


# --- the bench: passages ready to be compared -----------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
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
    def lay(cls, said: Said, reach: float) -> Bench:
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


# --- the topics -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The topics, then the bank: unit vectors (t, dim) and unit rows of weighed stems (t, v)."""

    vectors: Floats
    terms: Floats


def _view(library: Library, said: Said, topics: Sequence[Topic], bench: Bench) -> _View:
    bank_texts, bank = offtopic(library)
    embedder = library.embedder
    asked = embedded(library, [t.text for t in topics])
    vectors = unit(np.concatenate([asked, bank]) - bank.mean(axis=0))
    terms = _term_rows(said, [*(t.text for t in topics), *bank_texts])
    for k, topic in enumerate(topics):
        for sign, places, texts in (
            (1.0, topic.confirmed, topic.like),
            (-1.0, topic.rejected, topic.unlike),
        ):
            rows = said.rows_of(places)
            shown = [bench.near[rows]] if rows.size else []
            if texts:
                shown.append(unit(embedder.embed(list(texts)) - said.vectors.mean(axis=0)))
            if shown:
                # Rocchio's weights: what belongs to it counts fully, what does not a quarter.
                share = 1.0 if sign > 0 else 0.25
                vectors[k] += sign * share * np.concatenate(shown).mean(axis=0)
            worded = bench.weighed[rows].sum(axis=0) if rows.size else 0.0
            mine = np.asarray(worded).ravel() + (
                _term_rows(said, texts).sum(axis=0) if texts else 0.0
            )
            if np.any(mine):
                share = 0.5 if sign > 0 else 0.125
                terms[k] = np.maximum(terms[k] + sign * share * unit(np.sqrt(mine)), 0.0)
    return _View(unit(vectors), unit(terms))


def _term_rows(said: Said, texts: Sequence[str]) -> Floats:
    """Unit rows: the stems of each text that were said, weighed by rarity."""
    holding = np.asarray((said.terms > 0).sum(axis=0)).ravel()
    rarity = np.maximum(0.0, np.log(len(said) / (0.5 + holding)))
    rows = np.zeros((len(texts), said.terms.shape[1]))
    for n, stems in enumerate(keywords.stems(list(texts))):
        for stem in stems:
            column = said.vocabulary.get(stem)
            if column is not None:
                rows[n, column] = rarity[column]
    return unit(rows)


# --- reading again ----------------------------------------------------------------------------


def _again(bench: Bench, view: _View, best: Floats) -> Floats:
    """The scores against topics as *other* accounts voiced them; ``best`` are exclusive scores."""
    said = bench.said
    strength = _by_voice(said, best, _PER_VOICE)
    queries = best.shape[1]
    meaning: Floats = np.zeros(best.shape)
    words: Floats = np.zeros(best.shape)
    rows_of = [np.flatnonzero(said.voice == v) for v in range(len(said.voices))]
    for k in range(queries):
        order = np.argsort(-strength[:, k], kind="stable")[:_TELLERS]
        told = [v for v in order if strength[v, k] > 0]
        share = np.sqrt(strength[told, k]) if told else np.zeros(0)
        centres = np.zeros((len(told), bench.near.shape[1]))
        worded = np.zeros((len(told), view.terms.shape[1]))
        for n, v in enumerate(told):
            mine = rows_of[v][np.argsort(-best[rows_of[v], k], kind="stable")[:_PER_VOICE]]
            weight = np.log1p(said.words[mine])
            centres[n] = share[n] * unit(weight @ bench.near[mine])
            worded[n] = share[n] * unit(
                np.sqrt(np.asarray(bench.weighed[mine].sum(axis=0)).ravel())
            )
        own, terms = _OWN * view.vectors[k], _OWN * view.terms[k]
        all_centre, all_words = centres.sum(axis=0), worded.sum(axis=0)
        meaning[:, k] = bench.meaning @ unit(unit(all_centre) + own)
        words[:, k] = (bench.weighed @ unit(unit(all_words) + terms)) / bench.length
        for n, v in enumerate(told):
            mine = rows_of[v]
            others = unit(unit(all_centre - centres[n]) + own)
            meaning[mine, k] = bench.meaning[mine] @ others
            rest = unit(unit(all_words - worded[n]) + terms)
            words[mine, k] = (bench.weighed[mine] @ rest) / bench.length[mine]
    spread: Floats = bench.spread @ words
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
        ceiling = max(float(scores.max()), 1.0)
        mine = np.where(self.confirmed, np.maximum(mine, ceiling), mine)
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


def unit(rows: Floats) -> Floats:
    """Rows of length one; empty rows stay empty."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.where(lengths > 1e-12, lengths, 1.0)
    return scaled
