"""Who is asking, and what they may do."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ingest.errors import Forbidden, NotSignedIn

Role = Literal["viewer", "editor", "admin"]
# Each may do all that those before it may: read and ask; add, correct and draft; accounts, users,
# deletion and settings.
ROLES: tuple[Role, ...] = ("viewer", "editor", "admin")
CALLED: Mapping[Role, str] = {"viewer": "a viewer", "editor": "an editor", "admin": "an admin"}


@dataclass(frozen=True, slots=True)
class Person:
    """``user_id`` is ``None`` for whoever sits at the machine: no password is asked there."""

    user_id: str | None
    name: str
    role: Role
    via: Literal["machine", "session", "token"]

    def may(self, role: Role) -> bool:
        """Whether this person has ``role`` or more."""
        return ROLES.index(self.role) >= ROLES.index(role)


def require(person: Person | None, role: Role) -> None:
    """Raises ``NotSignedIn`` or ``Forbidden`` where ``role`` is more than the person has."""
    if person is None:
        raise NotSignedIn("Sign in first, or send a token as `Authorization: Bearer fh_…`.")
    if not person.may(role):
        raise Forbidden(f"That is for {role}s, and you are {CALLED[person.role]} here.")


def at_the_machine() -> Person:
    """Whoever runs this process: the files are theirs, so everything is."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in containers
        name = "this machine"
    return Person(None, name, "admin", "machine")
