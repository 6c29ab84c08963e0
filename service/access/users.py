"""People with accounts: who there is, in which workspaces, and as what.

Without any, whoever reaches this machine is at the machine. From the first one on there is always
an admin of the main workspace who can sign in: a change that would leave none is refused.
All changes are made in the caller's transaction, which is to be given up when one raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from ingest.access_tables import api_tokens, memberships, users
from ingest.access_tables import sessions as sessions_table
from ingest.errors import BadInput, Conflict, NotFound, shown
from ingest.models import Frozen
from service.access import sessions, tokens
from service.access.passwords import check_password, hash_password
from service.access.person import ROLES, Role
from service.access.visit import moment

MAIN = "main"
_NAME = re.compile(r"[\w.@+'-]{1,254}")
_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


class Membership(Frozen):
    """What a user is in a workspace."""

    workspace: str
    role: Role


class User(Frozen):
    """A person with an account. ``sso``: no password, single sign-on only."""

    id: str
    name: str
    sso: bool
    disabled: bool
    created_at: datetime
    memberships: tuple[Membership, ...]

    def role_in(self, workspace: str) -> Role | None:
        """What they are there, ``None`` where they are no member."""
        return next((m.role for m in self.memberships if m.workspace == workspace), None)


def folded(name: str) -> str:
    """A sign-in name or e-mail address as it is kept and compared: in small letters, and alike
    however it was typed.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def could_be(name: str) -> bool:
    """Whether anybody could be called that."""
    return _NAME.fullmatch(folded(name)) is not None


def any_users(connection: sa.Connection) -> bool:
    """Whether people must sign in."""
    return connection.scalar(sa.select(sa.literal(1)).select_from(users).limit(1)) is not None


def has_admin(connection: sa.Connection) -> bool:
    """Whether an admin of the main workspace can sign in."""
    select = (
        sa.select(sa.literal(1))
        .select_from(users.join(memberships))
        .where(memberships.c.workspace == MAIN, memberships.c.role == ROLES[-1])
        .where(users.c.disabled_at.is_(None))
        .limit(1)
    )
    return connection.scalar(select) is not None


def list_users(connection: sa.Connection, workspace: str | None = None) -> Sequence[User]:
    """By name: everybody, or the members of ``workspace``."""
    found = _users(connection, sa.select(users).order_by(users.c.name))
    return [u for u in found if workspace is None or u.role_in(workspace)]


def get_user(connection: sa.Connection, user_id: str) -> User:
    """Raises ``NotFound``."""
    for user in _users(connection, sa.select(users).where(users.c.user_id == user_id)):
        return user
    raise NotFound("There is no such user.")


def find_named(connection: sa.Connection, name: str) -> User | None:
    """The user who signs in as ``name``."""
    if not could_be(name):
        return None
    found = _users(connection, sa.select(users).where(users.c.name == folded(name)))
    return next(iter(found), None)


def get_member(connection: sa.Connection, user_id: str, workspace: str) -> User:
    """Raises ``NotFound``, also for somebody of another workspace."""
    user = get_user(connection, user_id)
    if user.role_in(workspace) is None:
        raise NotFound("There is no such user.")
    return user


def named(connection: sa.Connection, name: str) -> User:
    """The user who signs in as ``name``. Raises ``NotFound``."""
    user = find_named(connection, name)
    if user is not None:
        return user
    raise NotFound(f"There is no user “{shown(name)}”.")


def add_user(
    connection: sa.Connection,
    name: str,
    *,
    password: str | None,
    role: Role,
    now: datetime,
    workspace: str = MAIN,
) -> User:
    """Without a password they come by single sign-on only.

    Raises ``Conflict`` for a name that is taken and where there would be no admin of the main
    workspace, ``BadInput`` for a name, password or workspace that cannot be used.
    """
    name = _checked(name)
    _check_workspace(workspace)
    if password is not None:
        check_password(password, name)
    if connection.scalar(sa.select(users.c.user_id).where(users.c.name == name)) is not None:
        raise Conflict(
            f"There is a user {name} already; give them a role in another workspace instead."
        )
    user_id = f"user-{uuid4().hex[:12]}"
    kept = None if password is None else hash_password(password)
    row = {"user_id": user_id, "name": name, "password_hash": kept, "created_at": now}
    connection.execute(users.insert().values(row))
    _put_role(connection, user_id, workspace, role)
    if not has_admin(connection):
        raise Conflict("The first user has to be an admin of the main workspace: somebody must.")
    return get_user(connection, user_id)


def set_password(connection: sa.Connection, user_id: str, password: str) -> None:
    """End the user's sessions and let them in with ``password`` from now on. Their tokens stay.

    Raises ``NotFound``, and ``BadInput`` for a password that cannot be used.
    """
    check_password(password, get_user(connection, user_id).name)
    put_hash(connection, user_id, hash_password(password))
    sessions.end_all(connection, user_id)


def put_hash(connection: sa.Connection, user_id: str, kept: str) -> None:
    """Keep another hash."""
    connection.execute(users.update().where(users.c.user_id == user_id).values(password_hash=kept))


def set_role(connection: sa.Connection, user_id: str, role: Role, *, workspace: str = MAIN) -> None:
    """Make the user ``role`` in ``workspace``, a member if they are none.

    Their sessions there end, and their tokens there are cut down to that role for good.
    Raises ``NotFound``, ``BadInput``, and ``Conflict`` for the last admin.
    """
    _check_workspace(workspace)
    get_user(connection, user_id)
    _put_role(connection, user_id, workspace, role)
    sessions.end_all(connection, user_id, workspace)
    tokens.cut_down(connection, user_id, workspace, role)
    _keep_an_admin(connection)


def remove_from(connection: sa.Connection, user_id: str, workspace: str, *, now: datetime) -> None:
    """Take the user out of ``workspace``; their sessions and tokens there end.

    Raises ``NotFound`` where they are no member, and ``Conflict`` for the last admin.
    """
    user = get_user(connection, user_id)
    if user.role_in(workspace) is None:
        raise NotFound(f"{user.name} is not in the workspace {workspace}.")
    its = (memberships.c.user_id == user_id, memberships.c.workspace == workspace)
    connection.execute(memberships.delete().where(*its))
    sessions.end_all(connection, user_id, workspace)
    tokens.revoke_all(connection, user_id, now=now, workspace=workspace)
    _keep_an_admin(connection)


def disable(connection: sa.Connection, user_id: str, *, now: datetime) -> None:
    """Let the user in no more; their sessions end, their tokens are revoked for good.

    Raises ``NotFound``, and ``Conflict`` for the last admin.
    """
    get_user(connection, user_id)
    connection.execute(users.update().where(users.c.user_id == user_id).values(disabled_at=now))
    sessions.end_all(connection, user_id)
    tokens.revoke_all(connection, user_id, now=now)
    _keep_an_admin(connection)


def enable(connection: sa.Connection, user_id: str) -> None:
    """Let the user in again, with the password they had. Raises ``NotFound``."""
    get_user(connection, user_id)
    connection.execute(users.update().where(users.c.user_id == user_id).values(disabled_at=None))


def remove(connection: sa.Connection, user_id: str) -> None:
    """Remove the user with their sessions and tokens, for good.

    Raises ``NotFound``, and ``Conflict`` for the last admin.
    """
    get_user(connection, user_id)
    connection.execute(users.delete().where(users.c.user_id == user_id))
    _keep_an_admin(connection)


def forget_workspace(connection: sa.Connection, workspace: str) -> None:
    """Nobody is in it any more, also when there is one of this name again. Users stay."""
    for table in (memberships, sessions_table, api_tokens):
        connection.execute(table.delete().where(table.c.workspace == workspace))


# --- within --------------------------------------------------------------------------------------


def _users(connection: sa.Connection, select: sa.Select[tuple[object, ...]]) -> Iterable[User]:
    rows = connection.execute(select).all()
    of: dict[str, list[Membership]] = {row.user_id: [] for row in rows}
    ordered = sa.select(memberships).order_by(memberships.c.workspace)
    if len(rows) == 1:
        ordered = ordered.where(memberships.c.user_id == rows[0].user_id)
    for row in connection.execute(ordered):
        if row.user_id in of:
            of[row.user_id].append(Membership(workspace=row.workspace, role=row.role))
    return [
        User(
            id=row.user_id,
            name=row.name,
            sso=row.password_hash is None,
            disabled=row.disabled_at is not None,
            created_at=moment(row.created_at),
            memberships=tuple(of[row.user_id]),
        )
        for row in rows
    ]


def _checked(name: str) -> str:
    if not could_be(name):
        raise BadInput(
            "A sign-in name has 1 to 254 letters, digits and . _ @ + ' -, like dana.ruiz or an "
            "e-mail address."
        )
    return folded(name)


def _check_workspace(name: str) -> None:
    if not _WORKSPACE.fullmatch(name):
        raise BadInput("A workspace has 1 to 31 small letters, digits and hyphens as its name.")


def _put_role(connection: sa.Connection, user_id: str, workspace: str, role: Role) -> None:
    its = (memberships.c.user_id == user_id, memberships.c.workspace == workspace)
    if not connection.execute(memberships.update().where(*its).values(role=role)).rowcount:
        row = {"user_id": user_id, "workspace": workspace, "role": role}
        connection.execute(memberships.insert().values(row))


def _keep_an_admin(connection: sa.Connection) -> None:
    if not has_admin(connection):
        raise Conflict(
            "This is the last admin of the main workspace who can sign in; make another one first."
        )
