"""Who spoke in an account's calls, told apart by their names."""

from __future__ import annotations

import sqlalchemy as sa
from pydantic import Field

from ingest.erased import ERASED
from ingest.models import Frozen, Role
from ingest.tables import speakers, utterances
from service.by_call import batches
from service.scope import Scope

DOUBTFUL = 0.2  # from here on a role is shown as uncertain, as on the page and command line


class Person(Frozen):
    """``minutes`` are by the clock of the calls; 0 where the transcripts have no times."""

    name: str
    role: Role
    title: str | None
    calls: tuple[str, ...]
    utterances_n: int
    minutes: float
    role_doubt: float = Field(description="the largest chance that their role is wrong in a call")


def people_of(connection: sa.Connection, scope: Scope) -> tuple[Person, ...]:
    """Customers first, then the vendor's people; who said most first."""
    found: dict[tuple[str, Role], Person] = {}
    for ids in batches(scope.call_ids):
        for row in connection.execute(_spoke().where(speakers.c.call_id.in_(ids))):
            key = (row.name.casefold(), row.role)
            before = found.get(key)
            found[key] = Person(
                name=row.name,
                role=row.role,
                title=row.title or (before.title if before else None),
                calls=(*(before.calls if before else ()), row.call_id),
                utterances_n=row.n + (before.utterances_n if before else 0),
                minutes=round(row.seconds / 60 + (before.minutes if before else 0.0), 1),
                role_doubt=max(row.doubt, before.role_doubt if before else 0.0),
            )
    order = sorted(found.values(), key=lambda p: (p.role != "customer", -p.utterances_n, p.name))
    return tuple(order)


def doubtful_calls(connection: sa.Connection, scope: Scope) -> frozenset[str]:
    """The calls in which somebody's role is a guess."""
    found: set[str] = set()
    for ids in batches(scope.call_ids):
        query = sa.select(speakers.c.call_id).where(
            speakers.c.call_id.in_(ids), speakers.c.doubt >= DOUBTFUL
        )
        found.update(connection.scalars(query))
    return frozenset(found)


def _spoke() -> sa.Select[str, str, Role, str | None, float, int, float]:
    s, u = speakers.c, utterances.c
    return (
        sa.select(
            s.call_id,
            s.name,
            s.role,
            s.title,
            s.doubt,
            sa.func.count().label("n"),
            sa.func.coalesce(sa.func.sum(u.end_s - u.start_s), 0.0).label("seconds"),
        )
        .join(utterances, sa.and_(u.call_id == s.call_id, u.speaker == s.label))
        .where(s.name != ERASED)
        .group_by(s.call_id, s.label, s.name, s.role, s.title, s.doubt)
        .order_by(s.call_id, s.label)
    )
