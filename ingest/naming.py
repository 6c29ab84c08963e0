"""Which speakers a question names: "What did Maureen say about tickets?" wants Maureen's words.

A name counts when all its words stand in the question, or one of them with its capital letter. Of
two speakers the one wins of whose name more was said: "Eluned Morgan" is not Julie Morgan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.index import Block
from ingest.keywords import STOP
from ingest.models import Role
from ingest.tables import speakers, utterances

_WORD = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"\(.*?\)")
_TITLES = frozenset("mr mrs ms miss dr prof hon sir madam chair".split())
_BATCH = 1_000  # calls per statement


def named(question: str, names: Collection[str]) -> dict[str, frozenset[str]]:
    """Of ``names`` those in the question, each with its words that stand there, lower case."""
    said = [word for word in _WORD.findall(question) if len(word) > 1 or word.isupper()]
    anyhow = {word.lower() for word in said}
    capital = {word.lower() for word in said if word[0].isupper()}
    found: dict[str, frozenset[str]] = {}
    for name in names:
        words = {w.lower() for w in _WORD.findall(_ASIDE.sub("", name))} - _TITLES
        whole = len(words) > 1 and words <= anyhow
        held = words if whole else {w for w in words & capital if len(w) > 2 and w not in STOP}
        if held:
            found[name] = frozenset(held)
    return {n: held for n, held in found.items() if not any(held < h for h in found.values())}


def speakers_named(
    connection: sa.Connection, role: Role, question: str, calls: Collection[str] | None
) -> tuple[set[tuple[str, str]], frozenset[str]]:
    """The speakers of ``role`` named, as (call id, label), and the words that name them."""
    s = speakers.c
    select = sa.select(s.call_id, s.label, s.name).where(s.role == role)
    scopes = [select]
    if calls is not None:
        listed = sorted(calls)
        batches = [listed[n : n + _BATCH] for n in range(0, len(listed), _BATCH)]
        scopes = [select.where(s.call_id.in_(batch)) for batch in batches]
    there = [row for scope in scopes for row in connection.execute(scope)]
    found = named(question, {row.name for row in there})
    who = {(row.call_id, row.label) for row in there if row.name in found}
    return who, frozenset[str]().union(*found.values())


def shares(
    connection: sa.Connection,
    role: Role,
    blocks: Sequence[Block],
    who: Collection[tuple[str, str]],
) -> NDArray[np.float64]:
    """Of each passage the share that the speakers ``who`` said, by letters of its ``role``."""
    spoken: dict[str, list[tuple[int, int, int]]] = {}
    u, s = utterances.c, speakers.c
    for call_id in {call_id for call_id, _ in who} & {block.call_id for block in blocks}:
        select = (
            sa.select(u.i, u.speaker, sa.func.length(u.text))
            .join(speakers, sa.and_(s.call_id == u.call_id, s.label == u.speaker))
            .where(u.call_id == call_id, s.role == role)
        )
        spoken[call_id] = [
            (i, letters, letters if (call_id, label) in who else 0)
            for i, label, letters in connection.execute(select)
        ]
    parts = [np.zeros(0)]
    for block in blocks:
        # Letters said up to each utterance: by all of the role, and by those named.
        said = np.zeros((2, block.last[-1] + 2))
        for i, letters, own in spoken.get(block.call_id, ()):
            if i <= block.last[-1]:
                said[:, i + 1] = letters, own
        until = np.cumsum(said, axis=1)
        whole, theirs = until[:, np.array(block.last) + 1] - until[:, list(block.first)]
        parts.append(theirs / np.maximum(whole, 1.0))
    return np.concatenate(parts)
