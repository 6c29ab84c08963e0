"""Runs of words: by six in a row a text is known to repeat what was said in a call.

What a call said once and says no longer, because it was heard anew or corrected, is remembered as
digests of its runs: enough to find it where somebody pasted it, and nothing to be read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import sqlalchemy as sa

from ingest.tables import earlier_words as table

RUN = 6  # words; fewer in a row are anybody's
Run = tuple[str, ...]
WORD = re.compile(r"\w+")
_BYTES = 8  # of a digest; of a billion runs that nobody said some four would be taken for one


def runs(text: str) -> list[Run]:
    """The runs of ``text`` in order, one for each word that has five behind it."""
    words = [word.casefold() for word in WORD.findall(text)]
    return [tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1)]


def digest(run: Run) -> bytes:
    told = " ".join(run).encode("utf-8", "replace")
    return hashlib.blake2b(told, digest_size=_BYTES).digest()


def earlier(connection: sa.Connection, call_id: str) -> frozenset[bytes]:
    """Digests of the runs that the call said once and says no longer."""
    held = connection.scalar(sa.select(table.c.runs).where(table.c.call_id == call_id)) or b""
    return frozenset(held[n : n + _BYTES] for n in range(0, len(held), _BYTES))


def note(
    connection: sa.Connection, call_id: str, before: Iterable[str], after: Iterable[str]
) -> None:
    """Remember what the texts ``before`` have and those ``after`` have not."""
    left = {run for text in after for run in runs(text)}
    gone = {digest(run) for text in before for run in runs(text) if run not in left}
    known = earlier(connection, call_id)
    if gone <= known:
        return
    connection.execute(table.delete().where(table.c.call_id == call_id))
    held = b"".join(sorted(gone | known))
    connection.execute(table.insert().values(call_id=call_id, runs=held))
