"""Which passages of a large home speak of which topic.

As in ``service.matching``, but what topics look like, how they score and what a clear case is are
learned from a sample of the calls (``matching.fit``). Every call is then held against that once,
and what it gives is kept while neither it, the sample nor the topics change. What an account has to
say to count is settled over all calls, each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.library import Library
from service.by_call import by_call
from service.large.lit import Lit
from service.large.said import LargeSaid, spots
from service.large.standing import SORTS, Numbers, Standing, lights_of, of_calls, standings_of
from service.ledger_held import Held
from service.matching import MUCH, STRONGEST, TOPIC_QUANTILE, Fitted, Flags, bar, fit
from service.remembering import remembered
from service.said import Floats, Rows
from service.topic import Topic


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
            voices[self.said.voice[self._confirmed(k)], k] = True
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
        fits = (self.which[:, column] == k) & (self.best[:, column] > 0)
        # What a person confirmed for several topics fits each of them best.
        fits[self._confirmed(k)] = True
        found = np.flatnonzero(fits)
        return found[np.argsort(-self.best[found, column], kind="stable")]

    def _confirmed(self, k: int) -> Rows:
        return self.said.rows_with(*spots(self.said, self.topics[k].confirmed))[1]

    def rows(self, k: int) -> Rows:
        """Of these, those of voices that speak of the topic."""
        found = self.near(k)
        spoken: Rows = found[self.voices[self.said.voice[found], k]]
        return spoken


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
        return dict(standings_of(library, fitted, said, mine, topics, (lit, items)))

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
    part, mine = said.part(frozenset(sample)), of_calls(topics, frozenset(sample))
    lights = lights_of(said, part, mine, known)
    # Words that only other calls have tell nothing here: which those are changes with every call.
    there = np.asarray(part.terms.sum(axis=0)).ravel() > 0
    own = {stem: column for stem, column in part.vocabulary.items() if there[column]}
    return fit(library, replace(part, vocabulary=own), mine, lights)[0]


def _rows(said: LargeSaid, calls: Rows) -> int:
    return int((said.starts[calls + 1] - said.starts[calls]).sum())
