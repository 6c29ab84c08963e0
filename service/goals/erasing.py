"""A person who is erased: their own calendar and goal, and what others' calendars tell of them."""

from __future__ import annotations

import sqlalchemy as sa

from ingest.tables import listeners, meetings
from service.gone import Mask
from service.home_settings import digest_to, put_digest_to


def forget_person(connection: sa.Connection, mask: Mask) -> None:
    """``mask`` changes whatever names them. A meeting goes when no other firm was in it than one
    that is called as they are.
    """
    for key, name in connection.execute(sa.select(listeners.c.key, listeners.c.name)).all():
        if mask(name) != name:
            connection.execute(listeners.delete().where(listeners.c.key == key))
    m = meetings.c
    for row in connection.execute(sa.select(m.key, m.meeting_id, m.domains, m.account_id)).all():
        kept = [domain for domain in row.domains if mask(domain) == domain]
        if len(kept) == len(row.domains):
            continue
        where = (m.key == row.key, m.meeting_id == row.meeting_id)
        if kept or row.account_id is not None:
            connection.execute(meetings.update().where(*where).values(domains=kept))
        else:
            connection.execute(meetings.delete().where(*where))
    told = digest_to(connection)
    kept_to = [address for address in told if mask(address) == address]
    if len(kept_to) < len(told):
        put_digest_to(connection, kept_to)


def is_named(connection: sa.Connection, mask: Mask) -> bool:
    """Whether there is anything that ``forget_person`` would take."""
    names = [*connection.scalars(sa.select(listeners.c.name)), *digest_to(connection)]
    domains = connection.scalars(sa.select(meetings.c.domains))
    return any(mask(one) != one for one in [*names, *(d for of in domains for d in of)])
