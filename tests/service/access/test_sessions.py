from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ingest.access_tables import sessions as table
from ingest.errors import NotFound
from ingest.library import Library
from service.access import sessions, users
from service.access.users import User
from service.access.visit import touch
from tests.service.access.conftest import NOW

HOUR = timedelta(hours=1)


def begin(home: Library, user: User, workspace: str = "main") -> str:
    with home.change() as connection:
        return sessions.begin(
            connection, user.id, workspace, now=NOW, address="192.0.2.1", agent="Firefox"
        )


def test_a_session_says_who_and_where(home: Library, bo: User) -> None:
    secret = begin(home, bo)
    with home.read() as connection:
        visit = sessions.find(connection, secret, NOW)
        [row] = connection.execute(sa.select(table)).all()
        [shown] = sessions.list_sessions(connection, bo.id, NOW)
    assert visit is not None
    assert visit.person.user_id == bo.id
    assert (visit.person.name, visit.person.role, visit.person.via) == ("bo", "editor", "session")
    assert (visit.workspace, visit.seen_at) == ("main", NOW)
    assert len(secret) >= 43  # 256 bits
    assert secret not in str(row)
    assert visit.key == row.digest
    assert (shown.address, shown.agent, shown.expires_at) == (
        "192.0.2.1", "Firefox", NOW + timedelta(days=14),
    )  # fmt: skip
    assert row.digest.startswith(shown.id)


@pytest.mark.parametrize("secret", ["", "x" * 43, "\0", "\ud800", "x" * 100_000])
def test_made_up_secrets_let_nobody_in(home: Library, bo: User, secret: str) -> None:
    begin(home, bo)
    with home.read() as connection:
        assert sessions.find(connection, secret, NOW) is None


def test_what_is_in_the_database_lets_nobody_in(home: Library, bo: User) -> None:
    begin(home, bo)
    with home.read() as connection:
        digest = connection.scalars(sa.select(table.c.digest)).one()
        assert sessions.find(connection, digest, NOW) is None


def test_a_session_ends_when_idle_and_in_the_end(home: Library, bo: User) -> None:
    secret = begin(home, bo)
    at = NOW
    while at < NOW + timedelta(days=14) - 11 * HOUR:
        at += 11 * HOUR
        with home.read() as connection:
            visit = sessions.find(connection, secret, at)
        assert visit is not None
        touch(home, visit, at)
    with home.read() as connection:
        assert sessions.find(connection, secret, at + timedelta(minutes=1))
        assert sessions.find(connection, secret, at + 12 * HOUR) is None
        assert sessions.find(connection, secret, NOW + timedelta(days=14)) is None
        assert sessions.list_sessions(connection, bo.id, at + 12 * HOUR) == []


def test_when_it_was_used_is_written_once_a_minute(home: Library, bo: User) -> None:
    secret = begin(home, bo)
    seen = []
    for seconds in (59, 60, 119, 121):
        at = NOW + timedelta(seconds=seconds)
        with home.read() as connection:
            visit = sessions.find(connection, secret, at)
        assert visit is not None
        touch(home, visit, at)
        with home.read() as connection:
            [shown] = sessions.list_sessions(connection, bo.id, at)
        seen.append((shown.seen_at - NOW).total_seconds())
    assert seen == [0, 60, 60, 121]


def test_nobody_waits_to_have_it_written(home: Library, bo: User) -> None:
    secret = begin(home, bo)
    later = NOW + HOUR
    with home.read() as connection:
        visit = sessions.find(connection, secret, later)
    assert visit is not None
    with home.change() as writing:
        writing.execute(table.update().values(agent="another change"))
        touch(home, visit, later)  # would wait for itself
    with home.read() as connection:
        [shown] = sessions.list_sessions(connection, bo.id, later)
    assert (shown.agent, shown.seen_at) == ("another change", NOW)
    touch(home, visit, later)
    with home.read() as connection:
        [shown] = sessions.list_sessions(connection, bo.id, later)
        assert shown.seen_at == later
        if connection.dialect.name == "sqlite":  # the connection waits again as others do
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 15_000


def test_signing_out_ends_one_or_all(home: Library, ada: User, bo: User) -> None:
    first, second, third = (begin(home, bo) for _ in range(3))
    admins = begin(home, ada)
    with home.change() as connection:
        sessions.end(connection, first)
        assert sessions.find(connection, first, NOW) is None
        assert sessions.find(connection, second, NOW)
        assert sessions.end_all(connection, bo.id) == 2
        assert sessions.find(connection, third, NOW) is None
        assert sessions.find(connection, admins, NOW)


def test_the_next_sign_in_removes_what_has_ended(home: Library, ada: User, bo: User) -> None:
    begin(home, bo)
    with home.change() as connection:
        sessions.begin(connection, ada.id, "main", now=NOW + 12 * HOUR)
        assert connection.scalars(sa.select(table.c.user_id)).all() == [ada.id]


def test_a_workspace_is_chosen_by_its_members_only(home: Library, ada: User, bo: User) -> None:
    secret, others = begin(home, bo), begin(home, ada)
    with home.change() as connection:
        users.set_role(connection, ada.id, "viewer", workspace="sales")
    with home.change() as connection:
        others = sessions.begin(connection, ada.id, "main", now=NOW)
        sessions.choose_workspace(connection, others, "sales")
        visit = sessions.find(connection, others, NOW)
        assert visit is not None
        assert (visit.workspace, visit.person.role) == ("sales", "viewer")
    for held, workspace in ((secret, "sales"), (others, "none"), ("made up", "main")):
        with pytest.raises(NotFound, match="no such workspace for you"), home.change() as c:
            sessions.choose_workspace(c, held, workspace)
    with home.read() as connection:
        visit = sessions.find(connection, secret, NOW)
        assert visit is not None
        assert visit.workspace == "main"


def test_what_a_browser_calls_itself_is_kept_short_and_plain(home: Library, bo: User) -> None:
    with home.change() as connection:
        sessions.begin(connection, bo.id, "main", now=NOW, agent="\x1b[31m\0" + "a" * 999)
        [shown] = sessions.list_sessions(connection, bo.id, NOW)
    assert shown.agent.startswith(" [31m aaa")
    assert len(shown.agent) == 120
