"""Sessions: browsers that are signed in, kept on the server and ended there.

The browser has a random secret of 256 bits in a cookie, the database its SHA-256 only. A session
ends after twelve hours without use, and after fourteen days.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from ingest.access_tables import memberships, sessions, users
from ingest.errors import NotFound
from ingest.models import Frozen
from service.access.person import Person
from service.access.visit import Visit, moment

IDLE = timedelta(hours=12)
AT_MOST = timedelta(days=14)
_ADDRESS, _AGENT = 64, 120  # characters that are kept


class OpenSession(Frozen):
    """One that is open, as its user may see it; ``id`` does not let anybody in."""

    id: str
    workspace: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


def begin(
    connection: sa.Connection,
    user_id: str,
    workspace: str,
    *,
    now: datetime,
    address: str = "",
    agent: str = "",
) -> str:
    """Open a session and give the secret for the cookie; sessions that have ended are removed."""
    sweep(connection, now)
    secret = secrets.token_urlsafe(32)
    row = {
        "digest": _digest(secret),
        "user_id": user_id,
        "workspace": workspace,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + AT_MOST,
        "address": _short(address, _ADDRESS),
        "agent": _short(agent, _AGENT),
    }
    connection.execute(sessions.insert().values(row))
    return secret


def find(connection: sa.Connection, secret: str, now: datetime) -> Visit | None:
    """Who is signed in with it and in which workspace, with the role that they have now."""
    c = sessions.c
    select = (
        sa.select(c.digest, c.workspace, c.seen_at, c.user_id, users.c.name, memberships.c.role)
        .join(users, users.c.user_id == c.user_id)
        .join(memberships, _of_session())
        .where(c.digest == _digest(secret), users.c.disabled_at.is_(None), _open(now))
    )
    row = connection.execute(select).one_or_none()
    if row is None:
        return None
    person = Person(row.user_id, row.name, row.role, "session")
    return Visit(person, row.workspace, row.digest, moment(row.seen_at))


def choose_workspace(connection: sa.Connection, secret: str, workspace: str) -> None:
    """Go on in another workspace. Raises ``NotFound`` where the user is no member: whether there
    is such a workspace is not told.
    """
    of_user = memberships.c.user_id == sessions.c.user_id
    member = sa.exists().where(of_user, memberships.c.workspace == workspace)
    changed = connection.execute(
        sessions.update()
        .where(sessions.c.digest == _digest(secret), member)
        .values(workspace=workspace)
    )
    if not changed.rowcount:
        raise NotFound("There is no such workspace for you.")


def end(connection: sa.Connection, secret: str) -> None:
    """Sign out."""
    connection.execute(sessions.delete().where(sessions.c.digest == _digest(secret)))


def end_all(connection: sa.Connection, user_id: str, workspace: str | None = None) -> int:
    """Sign a user out everywhere, or where they are in ``workspace``; how many sessions ended."""
    its = sessions.c.user_id == user_id
    if workspace is not None:
        its = sa.and_(its, sessions.c.workspace == workspace)
    return connection.execute(sessions.delete().where(its)).rowcount


def list_sessions(connection: sa.Connection, user_id: str, now: datetime) -> Sequence[OpenSession]:
    """Those of a user that are open, the one used last first."""
    select = sa.select(sessions).where(sessions.c.user_id == user_id, _open(now))
    rows = connection.execute(select.order_by(sessions.c.seen_at.desc(), sessions.c.digest))
    return [
        OpenSession(
            id=row.digest[:12],
            workspace=row.workspace,
            created_at=moment(row.created_at),
            seen_at=moment(row.seen_at),
            expires_at=moment(row.expires_at),
            address=row.address,
            agent=row.agent,
        )
        for row in rows
    ]


def sweep(connection: sa.Connection, now: datetime) -> None:
    """Remove those that have ended by themselves."""
    connection.execute(sessions.delete().where(sa.not_(_open(now))))


def _open(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(sessions.c.expires_at > now, sessions.c.seen_at > now - IDLE)


def _of_session() -> sa.ColumnElement[bool]:
    return sa.and_(
        memberships.c.user_id == sessions.c.user_id,
        memberships.c.workspace == sessions.c.workspace,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _short(text: str, longest: int) -> str:
    """A browser calls itself whatever it likes."""
    return "".join(c if c.isprintable() else " " for c in text)[:longest]
