"""The evidence that belongs to a code in a large home: as ``service.coding``, by columns."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ingest import cues
from service.large.ground import Ground
from service.ledger import Evidence
from service.ledger_held import KINDS
from service.matching import Flags
from service.said import Place, Rows
from service.topic import Topic

MEANT = 2  # strength, summed up, from which on an account means it
_PRAISE, _COMPETITOR, _RISK = map(KINDS.index, ("praise", "competitor", "risk"))


def evidence_of(ground: Ground, k: int, loose: Flags) -> tuple[list[Evidence], list[Evidence]]:
    """What is evidence for the topic ``k`` and against it among ``loose`` items, the clearest
    first.
    """
    topic = ground.matched.topics[k]
    every = ground.items.items
    open_ = loose & ~_at(ground, topic.rejected)
    confirmed = _at(ground, topic.confirmed)
    counted = ground.items_at(ground.matched.rows(k))
    members = counted[(open_ & (confirmed | _speaks_for(ground, topic)))[counted]]
    counter = np.zeros(0, np.int64)
    if topic.sort == "need":
        near = ground.items_at(ground.matched.near(k))
        against = open_ & _speaks_against(ground)
        against[members] = False
        counter = near[against[near]]
        members = _borne_out(ground, members, counter, confirmed)
    return [every[n] for n in members.tolist()], [every[n] for n in counter.tolist()]


def _at(ground: Ground, places: Collection[Place]) -> Flags:
    """Which items stand in these utterances."""
    found = np.zeros(len(ground.items.items), bool)
    for call_id, i in places:
        start = ground.items.starts.get(call_id)
        if start is not None:
            utterances = ground.items.calls[call_id].columns[:, 0]
            found[start : start + len(utterances)] |= utterances == i
    return found


def _speaks_for(ground: Ground, topic: Topic) -> Flags:
    _, kind, _, content = ground.items.columns.T
    found: Flags
    if topic.sort == "praise":
        found = kind == _PRAISE
    elif topic.sort == "competitor":
        found = np.ones(len(kind), bool)
        if topic.named is not None:
            found = _at(ground, topic.named)
        for n in np.flatnonzero(found & (kind != _COMPETITOR) & (kind != _RISK)).tolist():
            # "No, never heard of them." has its name, and no weight.
            found[n] = cues.NO.match(ground.items.items[n].spoken.text) is None
    else:
        found = (kind != _PRAISE) & (content == 0)
    return found


def _speaks_against(ground: Ground) -> Flags:
    _, kind, strength, content = ground.items.columns.T
    found: Flags = (content > 0) | ((kind == _PRAISE) & (strength >= MEANT))
    return found


def _borne_out(ground: Ground, members: Rows, counter: Rows, confirmed: Flags) -> Rows:
    """The members of accounts that mean it (``service.coding``)."""
    said = ground.said
    voice = said.voice[said.starts[:-1]][ground.calls]
    _, _, strength, content = ground.items.columns.T
    for_it = np.bincount(voice[members], strength[members], len(said.voices))
    easy = (strength * (content > 0))[counter]
    content_with = np.bincount(voice[counter], easy, len(said.voices))
    means = for_it >= np.maximum(MEANT, content_with)
    kept: Rows = members[confirmed[members] | means[voice[members]]]
    return kept
