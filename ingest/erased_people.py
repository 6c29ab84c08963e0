"""Files in which somebody was who has been erased: added once more they would bring them back.

Known by the hash of their bytes, which tells nothing of what is said in them.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.errors import Conflict, shown
from ingest.facts import fact, put_fact

FILES_WITH_ERASED = "files_with_erased"  # the fact that lists them


def note(connection: sa.Connection, sha256: str) -> None:
    """Somebody is being erased from the call that was made of this file."""
    put_fact(connection, FILES_WITH_ERASED, sorted({*_noted(connection), sha256}))


def forget(connection: sa.Connection, sha256: str) -> None:
    """It was taken in all the same."""
    if sha256 in (noted := _noted(connection)):
        put_fact(connection, FILES_WITH_ERASED, sorted(noted - {sha256}))


def refuse(connection: sa.Connection, sha256: str, file_name: str) -> None:
    """Raises ``Conflict`` for such a file."""
    if sha256 in _noted(connection):
        raise Conflict(
            f"{shown(file_name)} is a file from which a person was erased here; added again it "
            "would bring them back. `firsthand add --erased-too` takes it in all the same."
        )


def _noted(connection: sa.Connection) -> set[str]:
    found = fact(connection, FILES_WITH_ERASED)
    return set(map(str, found)) if isinstance(found, list) else set()
