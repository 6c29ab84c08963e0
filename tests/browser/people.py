"""People with accounts, in homes that a browser visits."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ingest.library import Library, Options
from service.access import users
from service.access.passwords import hash_password
from service.access.person import Role

PASSWORD = "a long walk over the frozen lake"
ADMIN = "ada"


def let_in(home: Path, name: str = ADMIN, role: Role = "admin") -> None:
    """From now on people sign in to ``home``, and ``name`` can. The first one is an admin."""
    library = Library(home, Options(models=home / "models"))
    try:
        with library.change() as connection:
            user = users.find_named(connection, name) or users.add_user(
                connection, name, password=None, role=role, now=datetime.now(UTC)
            )
            users.put_hash(connection, user.id, _hash())
    finally:
        library.close()


@cache
def _hash() -> str:
    return hash_password(PASSWORD)
