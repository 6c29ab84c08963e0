"""One more topic held against all that was said in a large home: what a question asks about.

It is compared with the codebook's topics and the bank as they were fitted; only what is its own is
worked out for a question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest import keywords
from ingest.library import Library
from service.bearing import telling_stems
from service.laid import unit
from service.large.ground import Ground, not_zero
from service.large.matching import LargeMatch
from service.large.said import LargeSaid
from service.large.standing import SORTS, Numbers
from service.ledger import Evidence
from service.matching import MUCH, NOWHERE, OTHER_KIND, STRONGEST, Flags, Scale
from service.offtopic import embedded, offtopic
from service.said import Floats, Rows
from service.told import PER_VOICE, TELLERS, told_by
from service.topic import Topic


def rows_about(library: Library, ground: Ground, topic: Topic) -> Rows:
    """The passages of voices that speak of ``topic``, the clearest first."""
    matched, said = ground.matched, ground.said
    fitted, bank = matched.fitted, offtopic(library)[1]
    text = embedded(library, [topic.text])
    if _most(said.dot(text)[:, 0]) <= matched.usual:
        return np.zeros(0, np.int64)
    vector = unit(unit(text - bank.mean(axis=0)))
    terms = _term_row(said, topic, ground.rarity)
    at_first = _added(
        fitted.first, ground.meaning(vector)[:, 0], ground.spread @ ground.words(terms)[:, 0]
    )
    plain = _relative(at_first, matched.sums[:, 0], len(fitted.looks.vectors))
    plain = _ruled(matched, topic, plain)
    again = _again(ground, (vector[0], terms[0]), _exclusive(matched, topic, plain))
    later = _relative(again, matched.sums[:, 1], len(fitted.told.vectors))
    scores = _exclusive(matched, topic, _ruled(matched, topic, (plain + later) / 2))
    strong = by_voice(said, scores, STRONGEST) >= matched.bar
    found = np.flatnonzero((scores > 0) & strong[said.voice])
    order: Rows = found[np.argsort(-scores[found], kind="stable")]
    return order


def items_about(library: Library, ground: Ground, topic: Topic) -> list[Evidence]:
    """The evidence in the passages that speak of ``topic``, the clearest first."""
    every = ground.items.items
    return [every[n] for n in ground.items_at(rows_about(library, ground, topic)).tolist()]


def items_saying(ground: Ground, about: Sequence[str]) -> list[Evidence]:
    """The evidence in passages that have every word of ``about`` by which passages are told apart;
    in the order of calls.
    """
    said = ground.said
    wanted = telling_stems([" ".join(about)])[0]
    if not wanted or not wanted <= said.vocabulary.keys():
        return []
    columns = [said.vocabulary[stem] for stem in wanted]
    has = np.asarray((said.terms[:, columns] > 0).sum(axis=1)).ravel()
    found = ground.items_at(np.flatnonzero(has == len(columns)))
    return [ground.items.items[n] for n in np.sort(found).tolist()]


def by_voice(said: LargeSaid, scores: Floats, strongest: int) -> Floats:
    """(voices,): the mean of each voice's strongest passages."""
    rows = _leading(said, scores, strongest)
    voice = said.voice[rows]
    total = np.bincount(voice, scores[rows], len(said.voices))
    counted = np.bincount(voice, minlength=len(said.voices))
    found: Floats = total / np.maximum(counted, 1)
    return found


def _leading(said: LargeSaid, scores: Floats, most: int) -> Rows:
    """The rows of each voice's highest scores."""
    order = np.lexsort((-scores, said.voice))
    voice = said.voice[order]
    begins = np.searchsorted(voice, voice, "left")
    place = np.arange(len(order)) - begins
    found: Rows = order[place < most]
    return found


def _again(ground: Ground, topic: tuple[Floats, Floats], plain: Floats) -> Floats:
    """As other accounts voiced it: scores of all passages, each account leaving its own out."""
    said, fitted = ground.said, ground.matched.fitted
    strength = by_voice(said, plain, PER_VOICE)
    tellers = [v for v in np.argsort(-strength, kind="stable")[:TELLERS] if strength[v] > 0]
    rows = _leading(said, plain, PER_VOICE)
    told = [_voiced(ground, rows[said.voice[rows] == v], float(strength[v])) for v in tellers]
    vector, terms = topic
    centres = np.array([centre for centre, _ in told]).reshape(-1, len(vector))
    worded = np.array([stems for _, stems in told]).reshape(-1, len(terms))
    looks = [*told_by(centres, worded, vector, terms)]
    meaning = ground.meaning(np.stack([vector for vector, _ in looks]))
    words = ground.words(np.stack([stems for _, stems in looks]))
    for n, v in enumerate(tellers, start=1):
        mine = said.voice == v
        meaning[mine, 0], words[mine, 0] = meaning[mine, n], words[mine, n]
    return _added(fitted.second, meaning[:, 0], ground.spread @ words[:, 0])


def _voiced(ground: Ground, rows: Rows, strength: float) -> tuple[Floats, Floats]:
    tone, lengths = ground.matched.fitted.tone, ground.matched.lengths
    near = (ground.said.vectors(rows) - tone.mean) / not_zero(lengths[rows, :1])
    stems = np.asarray(ground.roots[rows].sum(axis=0)).ravel() * ground.rarity
    share = float(np.sqrt(strength))
    weight = np.log1p(ground.said.words[rows])
    return share * unit(weight @ near), share * unit(np.sqrt(stems))


def _term_row(said: LargeSaid, topic: Topic, rarity: Floats) -> Floats:
    row: Floats = np.zeros((1, len(rarity)))
    for stem in keywords.stems([topic.text])[0]:
        column = said.vocabulary.get(stem)
        if column is not None:
            row[0, column] = rarity[column]
    return unit(row)


def _added(scale: Scale, meaning: Floats, words: Floats) -> Floats:
    added: Floats = scale.over(meaning - meaning.mean(), 0) + scale.over(words - words.mean(), 1)
    return added


def _relative(scores: Floats, sums: Numbers, others: int) -> Floats:
    relative: Floats = scores - (sums + scores) / (others + 1)
    return relative


def _ruled(matched: LargeMatch, topic: Topic, scores: Floats) -> Floats:
    lit = matched.lit
    unlike: Flags = np.zeros(len(scores), bool)
    if topic.sort == "praise":
        unlike = ~lit.praising
    elif topic.sort == "need":
        unlike = (lit.praising | lit.content) & ~lit.minding
    ruled: Floats = np.where(lit.evidence, scores - OTHER_KIND * unlike, NOWHERE)
    return ruled


def _exclusive(matched: LargeMatch, topic: Topic, scores: Floats) -> Floats:
    """What a code of the same sort fits better belongs to that."""
    if topic.sort not in SORTS:
        return scores
    rival = matched.best[:, SORTS.index(topic.sort)]
    kept: Floats = np.where(scores >= rival, scores, np.minimum(scores, 0.0) - 1.0)
    return kept


def _most(cosines: Numbers) -> float:
    highest = np.partition(cosines, -min(MUCH, len(cosines)))[-MUCH:]
    return float(highest.mean())
