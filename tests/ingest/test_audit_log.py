"""The audit log on both databases: only added to, and a chain in which every change shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.audit_log import FILE, AuditLog
from ingest.audit_rows import Head, NewRow, Row
from ingest.errors import Conflict, Unavailable
from ingest.library import Library, Options
from tests.postgres import Postgres

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    server: Postgres | None = None
    url = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.make()
    opened = Library(tmp_path / "home", Options(models=tmp_path, database_url=url))
    yield opened
    opened.close()
    if server is not None and url is not None:
        server.drop(url)


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Library]:
    """Where the log is a file, on whichever database the suite runs."""
    opened = Library(tmp_path / "home", Options(models=tmp_path))
    yield opened
    opened.close()


def a_row(subject: str = "FC-1", **detail: int | str) -> NewRow:
    return NewRow(
        at=NOON,
        user_id="u1",
        who="Dana",
        via="session",
        address="127.0.0.1",
        action="see",
        kind="call",
        subject=subject,
        result="done",
        detail=detail,
    )


def written(home: Library, n: int = 5) -> list[Row]:
    return [home.audit.append(a_row(f"FC-{i}", quotes=i)) for i in range(n)]


def tampered(home: Library, statement: str) -> None:
    """As one does who owns the database: without its triggers."""
    with home.audit.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            for name in ("audit_no_update", "audit_no_delete", "audit_in_order"):
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        connection.execute(sa.text(statement))


def test_rows_come_back_as_they_were_written(home: Library) -> None:
    made = written(home)
    assert list(home.audit.rows()) == made
    assert list(home.audit.rows(newest=True, limit=2)) == [made[4], made[3]]
    assert [row.seq for row in made] == [1, 2, 3, 4, 5]
    assert home.audit.check().wrong is None
    assert home.audit.head() == Head(5, made[4].sha)


def test_an_empty_log_is_sound_and_has_no_head(home: Library) -> None:
    checked = home.audit.check()
    assert (checked.rows, checked.head, checked.wrong) == (0, None, None)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'nobody' WHERE seq = 2", "DELETE FROM audit", "TRUNCATE audit"],
)
def test_no_row_is_changed_or_taken_out(home: Library, statement: str) -> None:
    written(home)
    if home.engine.dialect.name == "sqlite" and "TRUNCATE" in statement:
        statement = "DELETE FROM audit WHERE seq = 5"
    refused = pytest.raises(sa.exc.DBAPIError, match="only added to")
    with refused, home.audit.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert home.audit.check().rows == 5


def test_no_row_is_replaced(on_file: Library) -> None:
    written(on_file)
    put = sa.text("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2")
    refused = pytest.raises(sa.exc.DBAPIError, match="only added to")
    with refused, on_file.audit.engine.begin() as connection:
        connection.execute(put)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE seq = 2", "Row 2 was changed"),
        ("UPDATE audit SET at = '2026-06-02T12:00:00.000000Z' WHERE seq = 3", "Row 3 was changed"),
        ("UPDATE audit SET detail = '{\"quotes\": 9}' WHERE seq = 4", "Row 4 was changed"),
        ("UPDATE audit SET at = 'never' WHERE seq = 4", "What follows row 3 was changed"),
        ("UPDATE audit SET before_sha = '' WHERE seq = 4", "Row 4 does not follow"),
        ("DELETE FROM audit WHERE seq = 3", "Row 3 is missing"),
        ("DELETE FROM audit WHERE seq < 3", "Row 1 is missing"),
    ],
)
def test_what_was_changed_behind_its_back_is_told(home: Library, statement: str, told: str) -> None:
    written(home)
    tampered(home, statement)
    assert (home.audit.check().wrong or "").startswith(told)


def test_rows_cut_off_at_the_end_are_told_by_a_head_that_was_noted(home: Library) -> None:
    noted = Head(4, written(home)[3].sha)
    assert home.audit.check(noted).wrong is None
    tampered(home, "DELETE FROM audit WHERE seq > 3")
    assert home.audit.check().wrong is None
    assert home.audit.check(noted).wrong == "Row 4 was noted and is gone: it ends with row 3."
    home.audit.append(a_row("another"))
    told = home.audit.check(noted).wrong
    assert told == "Row 4 is another than the one that was noted."


def test_a_log_made_anew_is_told_by_a_head_that_was_noted(home: Library) -> None:
    noted = Head(2, written(home)[1].sha)
    tampered(home, "DELETE FROM audit")
    assert home.audit.check(noted).wrong == "Row 2 was noted and is gone: it is empty."


def test_many_write_at_once_and_the_chain_holds(home: Library) -> None:
    second = Library(home.home, home.options)  # as another process has it

    def write(library: Library) -> None:
        for i in range(15):
            library.audit.append(a_row(f"FC-{i}"), flush=i % 2 == 0)

    threads = [threading.Thread(target=write, args=(one,)) for one in (home, second) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    checked = home.audit.check()
    assert (checked.rows, checked.wrong) == (90, None)


def test_nobody_waits_behind_a_change_of_the_calls(home: Library) -> None:
    with home.change():  # held all the while: a row that waited for it would never come
        made = home.audit.append(a_row())
    assert made.seq == 1


def test_a_log_that_cannot_be_written_says_so(on_file: Library) -> None:
    (on_file.home / FILE).mkdir()
    with pytest.raises(Unavailable, match="nothing is done or shown"):
        on_file.audit.append(a_row())
    assert Unavailable.status == 503


def test_a_newer_file_is_refused(on_file: Library) -> None:
    with on_file.audit.engine.begin() as connection:
        connection.execute(sa.text("PRAGMA user_version = 99"))
    again = Library(on_file.home, on_file.options)
    with pytest.raises(Conflict, match="newer Firsthand"):
        again.audit.head()
    again.close()


def test_a_log_is_brought_once_and_goes_on(home: Library, tmp_path: Path) -> None:
    made = written(home)
    other = Library(tmp_path / "other", Options(models=tmp_path))
    there: AuditLog = other.audit
    assert there.bring(iter(made[:3])) == 3
    assert there.bring(iter(made)) == 2
    assert there.bring(iter(made)) == 0
    there.append(a_row("next"))
    assert [row.subject for row in there.rows()][-2:] == ["FC-4", "next"]
    assert there.check().wrong is None
    with pytest.raises(Conflict, match="another audit log"):
        there.bring(iter(made))
    other.close()
