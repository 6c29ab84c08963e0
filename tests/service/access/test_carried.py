"""What of the people goes with a home: into a backup, and into another database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ingest import copying
from ingest.access_tables import sessions as table
from ingest.library import Library, Options
from service.access import devices, sessions, tokens, users
from service.access.users import User
from service.backing_up import back_up
from service.restoring import restore
from tests.service.access.conftest import NOW
from tests.service.backups import taken_apart


def quiet(_step: str, _done: int, _of: int) -> None:
    pass


def filled(home: Library, bo: User) -> tuple[str, str, bytes]:
    """A session, a token and the key of the device cookies."""
    with home.change() as connection:
        session = sessions.begin(connection, bo.id, "main", now=NOW, address="192.0.2.77")
        made = tokens.make(connection, bo.id, "t", workspace="main", role="viewer", now=NOW)
        return session, made.token, devices.make_key(connection)


def test_users_and_tokens_are_in_a_backup_and_sessions_are_not(
    home: Library, bo: User, tmp_path: Path
) -> None:
    session, token, key = filled(home, bo)
    back_up(home, tmp_path / "a.zip", quiet)
    whole = b"".join(taken_apart(tmp_path / "a.zip").values())
    for secret in (session, token, key.hex(), "192.0.2.77"):
        assert secret.encode() not in whole
    assert bo.name.encode() in whole
    empty = Library(tmp_path / "there", Options(models=tmp_path / "none"))
    restore(empty, tmp_path / "a.zip", quiet)
    with empty.read() as connection, home.read() as here:
        assert users.list_users(connection) == users.list_users(here)
        assert tokens.find(connection, token, NOW) == tokens.find(here, token, NOW)
        assert sessions.find(here, session, NOW)
        assert sessions.find(connection, session, NOW) is None
        assert connection.execute(sa.select(table)).all() == []
        assert devices.signing_key(here) == key
        assert devices.signing_key(connection) is None
    empty.close()


def test_a_home_with_users_is_not_empty(home: Library, ada: User) -> None:
    with home.read() as connection:
        assert users.list_users(connection) == [ada]
        assert copying.occupied(connection) in ("users", "memberships")


def test_a_key_once_made_stays(home: Library) -> None:
    with home.change() as connection:
        assert devices.signing_key(connection) is None
        first = devices.make_key(connection)
        assert devices.make_key(connection) == first == devices.signing_key(connection)
        assert len(first) == 32
        cookie = devices.issue(first, "dana")
        assert devices.known(first, cookie, "dana")
        assert devices.known(bytes(32), cookie, "dana") is None
        assert devices.known(first, cookie, "bo") is None
        assert devices.known(None, cookie, "dana") is None
        assert copying.occupied(connection) is None  # a key alone is nothing to be kept
