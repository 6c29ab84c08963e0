"""Names in a question that no customer spoke of: who asks about Acme wants words that name Acme."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import sqlalchemy as sa

from ingest.models import Role
from ingest.tables import speakers, utterances
from service import ledger
from service.question import Understood
from service.said import Place
from service.scope import Scope

_ALIKE = 0.75  # difflib's ratio from which on a recogniser's spelling is taken for the name
_LONG = 4  # letters beyond which a name may be misspelt


def unspoken(connection: sa.Connection, asked: Understood, scope: Scope) -> str | None:
    """Which proper name of the question nobody in scope spoke of, as a sentence, or ``None``.

    A name of several words counts when any of them was said, and so does a speaker's own name.
    What customers only said in reply, after the vendor's people brought the name up in the same
    call, and what is not in the ledger, does not count.
    """
    for name in asked.names:
        words = name.split()
        if _is_speaker(connection, scope, words):
            continue
        mentions = sorted(_mentions(connection, scope, words))
        said = {place for place, role in mentions if role == "customer"}
        ours = len(mentions) > len(said)
        first = dict(reversed([(call_id, role) for (call_id, _), role in mentions]))
        shown = name.title()
        if not said:
            if ours:
                return f"No customer mentioned {shown}; only your own people did."
            return f"No customer mentioned {shown} in the calls in scope."
        if set(first.values()) == {"internal"} and not said & _held(connection, scope):
            return f"No customer spoke of {shown} unasked; only your own people brought it up."
    return None


def _mentions(
    connection: sa.Connection, scope: Scope, words: Sequence[str]
) -> Iterator[tuple[Place, Role]]:
    """Where any of the words was said in scope, and on which side."""
    text = sa.func.lower(utterances.c.text)
    select = (
        sa.select(utterances.c.call_id, utterances.c.i, utterances.c.text, speakers.c.role)
        .join(
            speakers,
            sa.and_(
                speakers.c.call_id == utterances.c.call_id,
                speakers.c.label == utterances.c.speaker,
            ),
        )
        # A recogniser keeps how a name begins.
        .where(sa.or_(*(text.contains(word[:2], autoescape=True) for word in words)))
    )
    calls = scope.call_ids
    for call_id, i, told, role in connection.execute(select):
        if call_id in calls and _stands_in(words, told):
            yield (call_id, i), role


def _is_speaker(connection: sa.Connection, scope: Scope, words: Sequence[str]) -> bool:
    select = sa.select(speakers.c.call_id, speakers.c.name).where(speakers.c.role == "customer")
    calls = scope.call_ids
    return any(
        call_id in calls and _stands_in(words, name) for call_id, name in connection.execute(select)
    )


def _held(connection: sa.Connection, scope: Scope) -> set[Place]:
    return {(e.spoken.call_id, e.spoken.i) for e in ledger.items(connection, scope)}


def _stands_in(wanted: Sequence[str], text: str) -> bool:
    said = re.findall(r"[^\W\d_]+", text.casefold())
    # "Acme Corp" is Acmecorp.
    known = {*said, *(a + b for a, b in pairwise(said))}
    for name in wanted:
        if name in known:
            return True
        alike = [w for w in said if w[0] == name[0] and abs(len(w) - len(name)) <= 2]
        if len(name) > _LONG and difflib.get_close_matches(name, alike, n=1, cutoff=_ALIKE):
            return True
    return False
