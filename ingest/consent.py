"""Which calls count: those that are ready and, where the home asks for consent, have it.

Everything that reads what customers said over more than one call asks ``counts``; a call without
consent can still be read by itself.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from ingest.tables import calls, facts

Consent = Literal["given", "refused"]
_ASKED = "ask_consent"  # the fact is there while the home asks


def counts() -> sa.ColumnElement[bool]:
    """Whether the row of ``calls`` in a statement may be counted, found and quoted."""
    asked = sa.select(sa.literal(1)).select_from(facts).where(facts.c.name == _ASKED)
    agreed = sa.func.coalesce(calls.c.consent, "") == "given"  # null is neither true nor false
    return sa.and_(calls.c.state == "ready", sa.or_(agreed, ~asked.correlate(None).exists()))


def is_asked(connection: sa.Connection) -> bool:
    """Whether only calls with consent count."""
    query = sa.select(facts.c.name).where(facts.c.name == _ASKED)
    return connection.scalar(query) is not None


def ask(connection: sa.Connection, wanted: bool) -> None:
    """From now on only calls with consent count, or all do again."""
    if wanted == is_asked(connection):
        return
    connection.execute(facts.delete().where(facts.c.name == _ASKED))
    if wanted:
        connection.execute(facts.insert().values(name=_ASKED, value=True))
    # Whatever is remembered of a call hangs on its row: that it counts or not is a change of it.
    connection.execute(calls.update().values(consent=calls.c.consent))


def waiting(connection: sa.Connection) -> list[str]:
    """Ids of the ready calls that do not count, the latest first."""
    query = sa.select(calls.c.call_id).where(calls.c.state == "ready", ~counts())
    return list(connection.scalars(query.order_by(calls.c.date.desc(), calls.c.call_id)))


def refused(connection: sa.Connection) -> list[str]:
    """Ids of the calls whose customers said no."""
    return list(connection.scalars(sa.select(calls.c.call_id).where(calls.c.consent == "refused")))
