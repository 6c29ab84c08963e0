"""Tokens: what programs sign in with, for one workspace, up to a role and a day.

A token is ``fh_ID_SECRET``. It is shown once, when it is made; the database has its SHA-256, which
is enough for a secret of 256 random bits. What it may do is never more than what its user may do in
that workspace at the time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from ingest.access_tables import api_tokens, memberships, users
from ingest.errors import BadInput, NotFound
from ingest.models import Frozen
from service.access.person import ROLES, Person, Role
from service.access.visit import Visit, moment

DAYS, DAYS_MOST = 90, 366
_LETTERS = string.digits + string.ascii_letters  # base 62
_ID, _SECRET = 12, 43  # characters; 43 of 62 kinds are 256 bits
TOKEN_ID = re.compile(rf"[0-9A-Za-z]{{{_ID}}}")
_TOKEN = re.compile(rf"fh_({TOKEN_ID.pattern})_[0-9A-Za-z]{{{_SECRET}}}")
_NAME_MOST = 100


class ApiToken(Frozen):
    """Everything about a token but the token."""

    id: str
    name: str
    user: str
    workspace: str
    role: Role
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


class NewToken(ApiToken):
    """A token that was just made, with what is shown this once."""

    token: str


def make(
    connection: sa.Connection,
    user_id: str,
    name: str,
    *,
    workspace: str,
    role: Role,
    now: datetime,
    days: int = DAYS,
) -> NewToken:
    """Raises ``NotFound`` where the user is no member of the workspace, ``BadInput`` for a role
    above theirs, a name that is none, and days beyond a year.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _NAME_MOST or not name.isprintable():
        raise BadInput(f"A token has a name of 1 to {_NAME_MOST} characters that says its use.")
    if not 1 <= days <= DAYS_MOST:
        raise BadInput(f"A token holds for 1 to {DAYS_MOST} days, not {days}.")
    in_it = (memberships.c.user_id == user_id, memberships.c.workspace == workspace)
    own: Role | None = connection.scalar(sa.select(memberships.c.role).where(*in_it))
    if own is None:
        raise NotFound(f"The user is not in the workspace {workspace}.")
    if ROLES.index(role) > ROLES.index(own):
        raise BadInput(f"A token can do no more than its user, who is {own} here, not {role}.")
    token_id = _random(_ID)
    token = f"fh_{token_id}_{_random(_SECRET)}"
    row = {
        "token_id": token_id,
        "digest": _digest(token),
        "user_id": user_id,
        "name": name,
        "workspace": workspace,
        "role": role,
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    connection.execute(api_tokens.insert().values(row))
    [made] = [t for t in list_tokens(connection, user_id=user_id) if t.id == token_id]
    return NewToken(**made.model_dump(), token=token)


def find(connection: sa.Connection, token: str, now: datetime) -> Visit | None:
    """Whose token it is and for which workspace, with the lesser of its role and theirs."""
    shape = _TOKEN.fullmatch(token)
    if shape is None:
        return None
    c = api_tokens.c
    own = memberships.c.role.label("own")
    select = (
        sa.select(api_tokens, users.c.name.label("user"), own)
        .join(users, users.c.user_id == c.user_id)
        .join(
            memberships,
            sa.and_(memberships.c.user_id == c.user_id, memberships.c.workspace == c.workspace),
        )
        .where(c.token_id == shape[1], c.revoked_at.is_(None), c.expires_at > now)
        .where(users.c.disabled_at.is_(None))
    )
    row = connection.execute(select).one_or_none()
    if row is None or not hmac.compare_digest(row.digest, _digest(token)):
        return None
    role: Role = min(row.role, row.own, key=ROLES.index)
    seen = moment(row.seen_at) if row.seen_at else None
    return Visit(Person(row.user_id, row.user, role, "token"), row.workspace, row.token_id, seen)


def list_tokens(
    connection: sa.Connection, *, user_id: str | None = None, workspace: str | None = None
) -> Sequence[ApiToken]:
    """The newest first, those that have ended as well; all of them, or a user's or workspace's."""
    c = api_tokens.c
    select = sa.select(api_tokens, users.c.name.label("user")).join(
        users, users.c.user_id == c.user_id
    )
    if user_id is not None:
        select = select.where(c.user_id == user_id)
    if workspace is not None:
        select = select.where(c.workspace == workspace)
    rows = connection.execute(select.order_by(c.created_at.desc(), c.token_id))
    return [
        ApiToken(
            id=row.token_id,
            name=row.name,
            user=row.user,
            workspace=row.workspace,
            role=row.role,
            created_at=moment(row.created_at),
            expires_at=moment(row.expires_at),
            revoked_at=moment(row.revoked_at) if row.revoked_at else None,
            seen_at=moment(row.seen_at) if row.seen_at else None,
        )
        for row in rows
    ]


def revoke(
    connection: sa.Connection,
    token_id: str,
    *,
    now: datetime,
    user_id: str | None = None,
    workspace: str | None = None,
) -> None:
    """End a token for good, again without effect. Raises ``NotFound``, also for one of another
    user or workspace where those are given.
    """
    its = api_tokens.c.token_id == token_id
    if user_id is not None:
        its = sa.and_(its, api_tokens.c.user_id == user_id)
    if workspace is not None:
        its = sa.and_(its, api_tokens.c.workspace == workspace)
    if connection.scalar(sa.select(api_tokens.c.token_id).where(its)) is None:
        raise NotFound("There is no such token.")
    still = api_tokens.c.revoked_at.is_(None)
    connection.execute(api_tokens.update().where(its, still).values(revoked_at=now))


def revoke_all(
    connection: sa.Connection, user_id: str, *, now: datetime, workspace: str | None = None
) -> None:
    """End all tokens of a user, or those for one workspace."""
    its = sa.and_(api_tokens.c.user_id == user_id, api_tokens.c.revoked_at.is_(None))
    if workspace is not None:
        its = sa.and_(its, api_tokens.c.workspace == workspace)
    connection.execute(api_tokens.update().where(its).values(revoked_at=now))


def cut_down(connection: sa.Connection, user_id: str, workspace: str, role: Role) -> None:
    """No token of the user has more than ``role`` there, also when the user gets more again."""
    above = ROLES[ROLES.index(role) + 1 :]
    its = (api_tokens.c.user_id == user_id, api_tokens.c.workspace == workspace)
    connection.execute(
        api_tokens.update().where(*its, api_tokens.c.role.in_(above)).values(role=role)
    )


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
