"""Which passages of a large home speak of which topic.

As in ``service.matching``, but what topics look like, how they score and what a clear case is are
learned from a sample of the calls (``matching.fit``). Every call is then held against that once,
and what it gives is kept while neither it, the sample nor the topics change. What an account has to
say to count is settled over all calls, each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.library import Library
from service.bearing import telling_stems, worded_shares
from service.by_call import by_call
from service.laid import Laid, Tone, kernel, unit
from service.large.said import LargeSaid, spots
from service.ledger_held import KINDS, Held
from service.matching import (
    AROUND,
    MUCH,
    STRONGEST,
    TOPIC_QUANTILE,
    Fitted,
    Flags,
    Lights,
    Rules,
    apart,
    bar,
    exclusive,
    fit,
)
from service.offtopic import embedded, offtopic
from service.remembering import remembered
from service.said import Floats, Place, Rows, Said
from service.topic import Sort, Topic

SORTS: tuple[Sort, ...] = ("need", "praise", "competitor")
_PRAISE = KINDS.index("praise")
Numbers = NDArray[np.float32]


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


@dataclass(frozen=True, eq=False)
class LargeMatch:
    """All calls' standings in the order of ``said``."""

    said: LargeSaid
    fitted: Fitted
    lit: Lit
    standings: Sequence[Standing]
    topics: Sequence[Topic]
    cosines: Floats  # of the bank's topics: what is usually said of one

    @cached_property
    def lengths(self) -> Numbers:
        return np.concatenate([s.lengths for s in self.standings])

    @cached_property
    def sums(self) -> Numbers:
        return np.concatenate([s.sums for s in self.standings])

    @cached_property
    def best(self) -> Numbers:
        return np.concatenate([s.best for s in self.standings])

    @cached_property
    def which(self) -> NDArray[np.int16]:
        return np.concatenate([s.which for s in self.standings])

    @cached_property
    def strength(self) -> Floats:
        """(voices, topics and bank): the mean of each voice's strongest passages."""
        of_call = self.said.voice[self.said.starts[:-1]]
        highest = np.stack([s.strongest for s in self.standings])
        found: Floats = np.empty((len(self.said.voices), highest.shape[2]))
        order = np.argsort(of_call, kind="stable")
        for mine in np.split(order, np.flatnonzero(np.diff(of_call[order])) + 1):
            rows = np.sort(highest[mine].reshape(-1, highest.shape[2]), axis=0)[::-1]
            held = rows[: max(1, min(STRONGEST, _rows(self.said, mine)))]
            found[of_call[mine[0]]] = held.mean(axis=0)
        return found

    @cached_property
    def bar(self) -> float:
        return bar(self.strength[:, len(self.topics) :])

    @cached_property
    def voices(self) -> Flags:
        """(voices, topics): who speaks of it."""
        voices: Flags = self.strength[:, : len(self.topics)] >= self.bar
        for k, topic in enumerate(self.topics):
            # Because a person said so, or because the name was said.
            _, row = self.said.rows_with(*spots(self.said, topic.confirmed))
            voices[self.said.voice[row], k] = True
            if topic.named is not None:
                _, row = self.said.rows_with(*spots(self.said, topic.named - topic.rejected))
                voices[self.said.voice[row[self.lit.evidence[row]]], k] = True
        return voices & self.present

    @cached_property
    def present(self) -> Flags:
        """Whether anybody speaks of each topic."""
        sure = np.array([bool(t.confirmed or t.named) for t in self.topics], bool)
        scored = np.zeros(len(self.topics), bool)
        scored[np.unique(self.which[self.best > 0])] = True
        found: Flags = ((self.cosines[: len(self.topics)] > self.usual) | sure) & scored
        return found

    @cached_property
    def usual(self) -> float:
        """How much is said of most topics of the bank."""
        return float(np.quantile(self.cosines[len(self.topics) :], TOPIC_QUANTILE))

    def near(self, k: int) -> Rows:
        """The passages that fit topic ``k`` best, the clearest first."""
        if not self.present[k]:
            return np.zeros(0, np.int64)
        column = SORTS.index(self.topics[k].sort)
        found = np.flatnonzero((self.which[:, column] == k) & (self.best[:, column] > 0))
        return found[np.argsort(-self.best[found, column], kind="stable")]

    def rows(self, k: int) -> Rows:
        """Of these, those of voices that speak of the topic."""
        found = self.near(k)
        spoken: Rows = found[self.voices[self.said.voice[found], k]]
        return spoken


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """What the ledger knows of each passage of the home, as ``Lights`` without its places."""

    evidence: Flags
    praising: Flags
    content: Flags
    minding: Flags

    @classmethod
    def of(cls, said: LargeSaid, items: Held) -> Lit:
        utterance, kind, _, content = items.columns.T
        call = items.numbered(said.number)

        def flags(which: Flags) -> Flags:
            found = np.zeros(len(said), bool)
            mine = which & (call >= 0)
            found[said.rows_with(call[mine], utterance[mine])[1]] = True
            return found

        praise, easy = kind == _PRAISE, content > 0
        every = np.ones(len(kind), bool)
        return cls(flags(every), flags(praise), flags(easy), flags(~praise & ~easy))

    def lights(self, rows: Rows, said: Said, held: Mapping[Place, bool], items: Held) -> Lights:
        """Of the passages ``rows``, which are those of ``said``. ``held`` are the places beside
        which somebody rejected a topic: only there it matters what else was said.
        """
        places: list[frozenset[Place]] = [frozenset()] * len(said)
        calls = {call_id for call_id, _ in held}.intersection(said.call_ids, items.calls)
        for call_id in calls:
            for item in items.calls[call_id].items:
                at = (call_id, item.spoken.i)
                for row in said.rows_at(at):
                    places[row] |= {at}
        return Lights(
            held=tuple(places),
            evidence=self.evidence[rows],
            praising=self.praising[rows],
            content=self.content[rows],
            minding=self.minding[rows],
        )


def large_match(
    library: Library,
    connection: sa.Connection,
    said: LargeSaid,
    topics: Sequence[Topic],
    items: Held,
) -> LargeMatch:
    """Hold all that was said against ``topics``."""
    lit = Lit.of(said, items)
    judged = frozenset[str]().union(*({c for c, _ in t.confirmed | t.rejected} for t in topics))
    sample = said.sample(judged)
    # Where names were said is settled call by call.
    plain = tuple(replace(t, named=None if t.named is None else frozenset()) for t in topics)
    parts = tuple(said.parts[c] for c in sample)
    fitted = remembered(
        library,
        connection,
        ("large fit", Fitted),
        (),
        lambda: _fit(library, said, sample, topics, (lit, items)),
        of=(plain, parts),
    )

    def read(ids: Sequence[str]) -> Mapping[str, Standing]:
        mine = [c for c in ids if c in said.parts]
        return dict(_standings(library, fitted, said, mine, topics, (lit, items)))

    found = by_call(connection, "standings", read, of=fitted)
    standings = [found[c] for c in said.call_ids]
    most = np.concatenate([s.most for s in standings])
    cosines = np.sort(most, axis=0)[::-1][:MUCH].mean(axis=0).astype(np.float64)
    return LargeMatch(said, fitted, lit, standings, topics, cosines)


def _fit(
    library: Library,
    said: LargeSaid,
    sample: Sequence[str],
    topics: Sequence[Topic],
    known: tuple[Lit, Held],
) -> Fitted:
    part, mine = said.part(frozenset(sample)), _of_calls(topics, frozenset(sample))
    lights = _lights(said, part, mine, known)
    return fit(library, part, mine, lights)[0]


def _lights(
    said: LargeSaid, part: Said, topics: Sequence[Topic], known: tuple[Lit, Held]
) -> Lights:
    lit, items = known
    rejected = {at: True for t in topics for at in t.rejected}
    return lit.lights(said.rows_in(frozenset(part.call_ids)), part, rejected, items)


def _of_calls(topics: Sequence[Topic], calls: frozenset[str]) -> list[Topic]:
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


def _standings(
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
    part, mine = said.part(calls), _of_calls(topics, calls)
    laid = Laid.lay(part, AROUND, fitted.tone)
    near, worded = laid.meaning @ fitted.looks.vectors.T, laid.lexical(fitted.looks.terms)
    at_first = fitted.first.both(near, worded)
    plain, excluded = apart(at_first - at_first.mean(axis=1, keepdims=True), mine)
    rules = Rules.of(part, mine, _lights(said, part, mine, known))
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


_NONE = np.float32(-1e9)  # below any score


def _rows(said: LargeSaid, calls: Rows) -> int:
    return int((said.starts[calls + 1] - said.starts[calls]).sum())
