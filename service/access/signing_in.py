"""Signing in with a name and a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from ingest.access_tables import users
from ingest.errors import NotFound, TooOften, Unavailable
from ingest.library import Library
from service.access import devices, sessions
from service.access.errors import SignInRefused
from service.access.lockout import Attempt, Lockout
from service.access.passwords import hash_password, outdated, verify
from service.access.users import MAIN, User, could_be, folded, get_user, put_hash

# One sentence for all of it: who has an account is not told.
_WRONG = "The name or the password is wrong, or the account is disabled."


@dataclass(frozen=True, slots=True)
class Credentials:
    """``workspace``: where to go; else the main one, or the first that the user is in."""

    name: str
    password: str = field(repr=False)
    workspace: str | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """Where they come from; ``device`` is its device cookie, if it sent one, and ``session`` the
    secret of the session that it is in, which ends when another begins.
    """

    address: str
    agent: str = ""
    device: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``session`` and ``device`` go into cookies."""

    user: User
    workspace: str
    session: str = field(repr=False)
    device: str = field(repr=False)


def sign_in(
    library: Library, lockout: Lockout, given: Credentials, browser: Browser, now: datetime
) -> SignedIn:
    """Begin a session in the main home ``library``.

    Raises ``SignInRefused``, ``TooOften`` after too many failures, ``Unavailable`` while too many
    sign in at once, and ``NotFound`` for a workspace they are not in.
    """
    name, clock = folded(given.name), now.timestamp()
    with library.read() as connection:
        row = _row(connection, name)
        key = devices.signing_key(connection)
    kept: str | None = row.password_hash if row else None
    attempt = Attempt(name, browser.address, devices.known(key, browser.device, name))
    if wait := lockout.enter(attempt, clock):
        minutes = f"{wait / 60:.0f} minutes" if wait > 90 else "a minute"
        raise TooOften(f"Too many wrong passwords; try again in {minutes}.", wait)
    try:
        right = verify(kept, given.password)
    except Unavailable:
        lockout.take_back(attempt, clock)
        raise
    if not right or row is None or kept is None or row.disabled_at is not None:
        raise SignInRefused(_WRONG)
    lockout.succeeded(attempt, clock)
    renewed = hash_password(given.password) if outdated(kept) else None
    with library.change() as connection:
        row = _row(connection, name)
        if row is None or row.password_hash != kept or row.disabled_at is not None:
            raise SignInRefused(_WRONG)  # changed while it was looked at
        if renewed is not None:
            put_hash(connection, row.user_id, renewed)
        return open_session(
            connection, get_user(connection, row.user_id), browser, now, given.workspace
        )


def open_session(
    connection: sa.Connection,
    user: User,
    browser: Browser,
    now: datetime,
    wanted: str | None = None,
) -> SignedIn:
    """Let somebody in of whom it is proven who they are. Raises what ``entrance`` does."""
    workspace = entrance(user, wanted)
    if browser.session is not None:
        sessions.end(connection, browser.session)
    session = sessions.begin(
        connection,
        user.id,
        workspace,
        now=now,
        address=browser.address,
        agent=browser.agent,
    )
    device = devices.issue(devices.make_key(connection), user.name)
    return SignedIn(user, workspace, session, device)


def entrance(user: User, wanted: str | None = None) -> str:
    """The workspace in which the user begins. Raises ``NotFound`` for one they are not in, and
    ``SignInRefused`` when they are in none.
    """
    names = [m.workspace for m in user.memberships]
    if not names:
        raise SignInRefused("You are in no workspace; ask an admin to let you into one.")
    if wanted is None:
        return MAIN if MAIN in names else names[0]
    if wanted not in names:
        raise NotFound("There is no such workspace for you.")
    return wanted


def _row(connection: sa.Connection, name: str) -> sa.Row[str, str | None, datetime | None] | None:
    if not could_be(name):
        return None
    c = users.c
    select = sa.select(c.user_id, c.password_hash, c.disabled_at).where(c.name == name)
    return connection.execute(select).one_or_none()
