"""How the passages of single calls stand to topics and bank as they were fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.library import Library
from service.bearing import telling_stems, worded_shares
from service.laid import Laid, Tone, kernel, unit
from service.large.lit import Lit
from service.large.said import LargeSaid
from service.ledger_held import Held
from service.matching import AROUND, MUCH, STRONGEST, Fitted, Lights, Rules, apart, exclusive
from service.offtopic import embedded, offtopic
from service.said import Floats, Place, Said
from service.topic import Sort, Topic

Numbers = NDArray[np.float32]
SORTS: tuple[Sort, ...] = ("need", "praise", "competitor")
_NONE = np.float32(-1e9)  # below any score


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How a call's passages stand to the topics and the bank.

    ``lengths`` (n, 2): of a passage's vector less the tone, and of its neighbourhood's. ``sums``
    (n, 2): of its scores over topics and bank, at first and when read again. ``best`` (n, sorts) is
    its score of its best topic of each sort, ``which`` the number of that topic (-1: none).
    ``strongest`` and ``most`` (few, topics and bank) are the highest scores of the call, and the
    highest cosines, ``_NONE`` where there are fewer passages. ``bank`` (2, bank) is how near the
    call comes to each topic of the bank, by meaning, and by words too (``service.bearing``).
    """

    lengths: Numbers
    sums: Numbers
    best: Numbers
    which: NDArray[np.int16]
    strongest: Numbers
    most: Numbers
    bank: Numbers


def standings_of(
    library: Library,
    fitted: Fitted,
    said: LargeSaid,
    call_ids: Sequence[str],
    topics: Sequence[Topic],
    known: tuple[Lit, Held],
) -> Iterator[tuple[str, Standing]]:
    if not call_ids:
        return
    calls = frozenset(call_ids)
    part, mine = said.part(calls), of_calls(topics, calls)
    laid = Laid.lay(part, AROUND, fitted.tone)
    near, worded = laid.meaning @ fitted.looks.vectors.T, laid.lexical(fitted.looks.terms)
    at_first = fitted.first.both(near, worded)
    plain, excluded = apart(at_first - at_first.mean(axis=1, keepdims=True), mine)
    rules = Rules.of(part, mine, lights_of(said, part, mine, known))
    rules = replace(rules, barred=rules.barred | excluded)
    again = fitted.second.both(*fitted.told.scores(laid))
    mean = (plain + again - again.mean(axis=1, keepdims=True)) / 2
    scores = rules.apply(mean, fitted.clear[1])
    own = exclusive(scores, mine)[:, : len(mine)]
    ranked = np.concatenate([own, scores[:, len(mine) :]], axis=1)
    sums = np.stack([at_first.sum(axis=1), again.sum(axis=1)], axis=1).astype(np.float32)
    lengths = _lengths(part, fitted.tone)
    texts = [t.text for t in mine]
    stems, bank = offtopic(library)
    asked = np.concatenate([embedded(library, texts), bank]) if texts else bank
    cosines = part.vectors @ asked.T
    near = cosines[:, len(mine) :]
    both = near + worded_shares(part.terms, part.vocabulary, telling_stems(stems), fitted.tone)
    best, which = _best(scores, mine)
    for n, call_id in enumerate(part.call_ids):
        start, end = np.searchsorted(part.call, (n, n + 1))
        at = slice(start, end)
        yield (
            call_id,
            Standing(
                lengths=lengths[at],
                sums=sums[at],
                best=best[at],
                which=which[at],
                strongest=_highest(ranked[at], STRONGEST),
                most=_highest(cosines[at], MUCH),
                bank=np.stack([near[at].max(axis=0), both[at].max(axis=0)]).astype(np.float32),
            ),
        )


def _lengths(said: Said, tone: Tone) -> Numbers:
    apart = said.vectors - tone.mean
    own = np.linalg.norm(apart, axis=1)
    near = unit(apart) * np.log1p(said.words)[:, None]
    around = np.linalg.norm(kernel(said, AROUND) @ near, axis=1)
    return np.stack([own, around], axis=1).astype(np.float32)


def _best(scores: Floats, topics: Sequence[Topic]) -> tuple[Numbers, NDArray[np.int16]]:
    best = np.full((len(scores), len(SORTS)), -1.0, np.float32)
    which = np.full((len(scores), len(SORTS)), -1, np.int16)
    for n, sort in enumerate(SORTS):
        columns = np.array([k for k, t in enumerate(topics) if t.sort == sort], np.int64)
        if len(columns):
            mine = scores[:, columns]
            which[:, n] = columns[mine.argmax(axis=1)]
            best[:, n] = mine.max(axis=1)
    return best, which


def _highest(values: Floats, count: int) -> Numbers:
    """(count, k): the highest of each column, ``_NONE`` where there are too few."""
    rows = np.sort(values, axis=0)[::-1][:count]
    found = np.full((count, values.shape[1]), _NONE, np.float32)
    found[: len(rows)] = rows
    return found


def lights_of(
    said: LargeSaid, part: Said, topics: Sequence[Topic], known: tuple[Lit, Held]
) -> Lights:
    lit, items = known
    rejected = {at: True for t in topics for at in t.rejected}
    return lit.lights(said.rows_in(frozenset(part.call_ids)), part, rejected, items)


def of_calls(topics: Sequence[Topic], calls: frozenset[str]) -> list[Topic]:
    """The topics with what was said and decided of these calls."""

    def within(places: frozenset[Place]) -> frozenset[Place]:
        return frozenset(at for at in places if at[0] in calls)

    return [
        replace(
            t,
            named=None if t.named is None else within(t.named),
            confirmed=within(t.confirmed),
            rejected=within(t.rejected),
        )
        for t in topics
    ]
