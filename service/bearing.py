"""Whether a passage found bears on the question, or is merely the nearest thing there is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from ingest.models import Role
from ingest.search import Hit
from ingest.store import spoken
from ingest.tables import speakers, utterances
from service.question import Understood

# The share of the question's words that stand in the passage (rare words weigh more) and the
# nearness in meaning, added up. A question about one account has few places to look in, so less
# tells; across all calls something is always near. Provisional, see eval/LOG.md.
BAR_WITHIN_ACCOUNT = 0.45
BAR = 0.75


def bearing(
    connection: sa.Connection, asked: Understood, hits: Sequence[Hit], role: Role
) -> list[Hit]:
    """The hits that bear on the question, in their order.

    A proper name in the question must have been said by that side in the same call, or be the
    name of somebody on it; allowing for how a recogniser spells (``difflib`` ratio of 0.75). Words
    in which the name itself stands bear on the question whatever else they say.
    """
    bar = BAR if asked.filters.accounts is None else BAR_WITHIN_ACCOUNT
    near = [hit for hit in hits if hit.keyword + hit.cosine >= bar]
    if not asked.names:
        return near
    said = _words(connection, {hit.call_id for hit in hits}, role)
    texts = spoken(connection, [(hit.call_id, hit.utterance) for hit in hits])
    found = []
    for hit in hits:
        in_call = all(_stands_in(n, said.get(hit.call_id, set())) for n in asked.names)
        here = texts.get((hit.call_id, hit.utterance))
        named = here is not None and any(n in here.text.casefold() for n in asked.names)
        if in_call and (named or hit in near):
            found.append(hit)
    return found


def _words(connection: sa.Connection, call_ids: Collection[str], role: Role) -> dict[str, set[str]]:
    """By call, every word that the side said and the names of its people, lower case."""
    of_speaker = sa.and_(
        speakers.c.call_id == utterances.c.call_id, speakers.c.label == utterances.c.speaker
    )
    query = (
        sa.select(utterances.c.call_id, utterances.c.text, speakers.c.name)
        .join(speakers, of_speaker)
        .where(utterances.c.call_id.in_(sorted(call_ids)), speakers.c.role == role)
    )
    found: dict[str, set[str]] = {}
    for call_id, text, name in connection.execute(query):
        words = re.findall(r"[^\W\d_]+", f"{text} {name}".casefold())
        found.setdefault(call_id, set()).update(words)
    return found


def _stands_in(name: str, words: Collection[str]) -> bool:
    if name in words:
        return True
    # A recogniser keeps a name's beginning and about its length; comparing only those is quick.
    alike = [w for w in words if w[0] == name[0] and abs(len(w) - len(name)) <= 2]
    return bool(difflib.get_close_matches(name, alike, n=1, cutoff=0.75))
