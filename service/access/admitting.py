"""Whom single sign-on lets in: from who somebody is at the provider to a user here.

At first people are known by an address that the provider vouches for, then by their subject there:
an address may pass to somebody else, a subject never does.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ingest.access_tables import users
from ingest.errors import Forbidden
from service.access.identity import Identity
from service.access.users import add_user, folded
from service.settings import Settings


def admit(connection: sa.Connection, identity: Identity, settings: Settings, now: datetime) -> str:
    """The user's id; on the first time they are linked, or added where the settings say so.

    Raises ``Forbidden`` with what would help, ``Conflict`` where there is no admin yet. The
    transaction is then to be given up; it is one of ``Library.change``, of which there is one at a
    time, so that two first times at once are one after the other.
    """
    its = (users.c.oidc_issuer == identity.issuer, users.c.oidc_subject == identity.subject)
    known = connection.execute(sa.select(users).where(*its)).one_or_none()
    if known is None:
        return _first_time(connection, identity, settings, now)
    _check_enabled(known.disabled_at)
    return str(known.user_id)


def _first_time(
    connection: sa.Connection, identity: Identity, settings: Settings, now: datetime
) -> str:
    if identity.email is None:
        raise Forbidden(
            "Your sign-in provider does not confirm an e-mail address of yours, so nobody here "
            "knows you by it."
        )
    select = sa.select(users).where(users.c.name == folded(identity.email))
    user = connection.execute(select).one_or_none()
    if user is None:
        return _add(connection, identity, identity.email, settings, now)
    _check_enabled(user.disabled_at)
    if user.oidc_subject is not None:
        raise Forbidden(
            f"{identity.email} is somebody else here; an admin can remove that user and add you."
        )
    if user.password_hash is not None:
        # Whoever has the address now need not be who was given the password.
        raise Forbidden(
            f"{identity.email} signs in with a password here; an admin can remove that user and "
            "add it with --sso."
        )
    _link(connection, user.user_id, identity)
    return str(user.user_id)


def _add(
    connection: sa.Connection, identity: Identity, email: str, settings: Settings, now: datetime
) -> str:
    domain = email.rpartition("@")[2]
    if settings.oidc_role is None or not {domain, "*"} & set(settings.oidc_domains):
        raise Forbidden(f"{email} is not a user here; ask an admin to add you.")
    user = add_user(connection, email, password=None, role=settings.oidc_role, now=now)
    _link(connection, user.id, identity)
    return user.id


def _link(connection: sa.Connection, user_id: str, identity: Identity) -> None:
    values = {"oidc_issuer": identity.issuer, "oidc_subject": identity.subject}
    connection.execute(users.update().where(users.c.user_id == user_id).values(values))


def _check_enabled(disabled_at: datetime | None) -> None:
    if disabled_at is not None:
        raise Forbidden("Your account here is disabled; ask an admin.")
