"""PostgreSQL as the database: reaching it, who writes, what readers see, and hostile text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from ingest import keywords
from ingest.database import open_database
from ingest.errors import BadInput, Unavailable
from ingest.facts import fact, put_fact
from ingest.library import Library, Options
from ingest.passages import Passage
from ingest.stamps import Stamp, of_calls, stamp
from ingest.store import insert_call
from ingest.tables import calls, jobs, passages, speakers
from tests.ingest.stored import call_row
from tests.postgres import Postgres

TIMES = 20


@pytest.fixture
def home(tmp_path: Path, postgres_url: str) -> Iterator[Library]:
    opened = Library(tmp_path / "home", Options(models=tmp_path, database_url=postgres_url))
    yield opened
    opened.close()


def now(library: Library) -> Stamp:
    with library.read() as connection:
        return stamp(connection)


# --- reaching it -------------------------------------------------------------------------------


def test_a_database_that_cannot_be_opened_is_one_sentence_without_the_password(
    postgres: Postgres,
) -> None:
    right = sa.make_url(postgres.url())
    wrong = {
        "password authentication failed": right.set(password="s3cret/word"),
        'role "nobody"|password authentication failed': right.set(
            username="nobody", password="s3cret/word"
        ),
        'database "nothing" does not exist': right.set(database="nothing"),
        "refused": right.set(port=1, password="s3cret/word"),
    }
    for reason, url in wrong.items():
        with pytest.raises(BadInput, match=reason) as told:
            open_database(url.render_as_string(hide_password=False))
        assert "\n" not in str(told.value)
        for secret in ("s3cret", postgres.password):
            assert secret not in str(told.value)


@pytest.mark.parametrize("url", ["", "s3cret", "mysql://u:s3cret@h/n", "postgres://u:s3cret@h:x/n"])
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadInput, match="it is postgresql://user:password@host/name") as told:
        open_database(url)
    assert "s3cret" not in str(told.value)


def test_both_spellings_of_the_address_are_taken(postgres_url: str) -> None:
    open_database(postgres_url.replace("postgresql://", "postgres://")).dispose()
    assert postgres_url.startswith("postgresql://")


def test_a_database_of_other_than_utf8_is_refused(postgres: Postgres) -> None:
    postgres.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(BadInput, match="keeps text as LATIN1"):
        open_database(postgres.url("latin"))


def test_a_user_who_may_not_make_tables_is_told(postgres: Postgres) -> None:
    url = sa.make_url(postgres.make())
    postgres.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    guest = url.set(username="guest", password="guest").render_as_string(hide_password=False)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:  # as it is from PostgreSQL 15 on
        connection.execute(sa.text("REVOKE CREATE ON SCHEMA public FROM public"))
    engine.dispose()
    with pytest.raises(BadInput, match="guest may not make tables"):
        open_database(guest)


def test_the_password_shows_nowhere(home: Library, postgres: Postgres) -> None:
    assert postgres.password not in f"{home.options!r} {home.engine!r} {home.engine.url}"


# --- reading and writing -----------------------------------------------------------------------


def test_a_reader_sees_one_moment_and_cannot_write(home: Library) -> None:
    with home.read() as connection:
        assert fact(connection, "start") is None
        with home.change() as other:
            put_fact(other, "start", "2026-05-01")
        assert fact(connection, "start") is None
    with home.read() as connection:
        assert fact(connection, "start") == "2026-05-01"
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            put_fact(connection, "start", "2026-06-01")


def test_processes_that_change_at_once_lose_nothing(home: Library, postgres_url: str) -> None:
    """Each reads a number, thinks, and writes the next one."""
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ingest.facts import fact, put_fact\n"
        "from ingest.library import Library, Options\n"
        "home = Path(sys.argv[1])\n"
        "library = Library(home, Options(models=home, database_url=sys.stdin.read()))\n"
        f"for _ in range({TIMES}):\n"
        "    with library.change() as connection:\n"
        "        seen = int(fact(connection, 'count') or 0)\n"
        "        time.sleep(0.002)\n"
        "        put_fact(connection, 'count', seen + 1)\n"
        "library.close()\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(home.home)], stdin=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for one in running:
        assert one.stdin is not None
        one.stdin.write(postgres_url)
        one.stdin.close()
    assert [one.wait() for one in running] == [0, 0]
    with home.read() as connection:
        assert fact(connection, "count") == 2 * TIMES


def test_who_waits_too_long_for_the_writer_is_told_to_try_again(home: Library) -> None:
    holding, done = Event(), Event()

    def hold() -> None:
        with home.change():
            holding.set()
            done.wait()

    thread = Thread(target=hold)
    thread.start()
    try:
        holding.wait()
        impatient = home.engine.url.update_query_dict({"options": "-c lock_timeout=50ms"})
        other = open_database(impatient.render_as_string(hide_password=False))
        with (
            pytest.raises(Unavailable, match="busy with another change"),
            other.execution_options(writes=True).begin(),
        ):
            pass
        other.dispose()
    finally:
        done.set()
        thread.join()


def test_one_process_at_a_time_has_a_model_read(home: Library, postgres_url: str) -> None:
    other = Library(home.home.parent / "elsewhere", Options(home.home, database_url=postgres_url))
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 1

    with home.reading() as first:
        assert first
        with other.reading(cancelled) as second:
            assert not second
    assert len(asked) == 2
    with other.reading() as then:
        assert then
    other.close()


def test_a_connection_that_the_server_ended_is_made_anew(home: Library, postgres: Postgres) -> None:
    with home.read() as connection:
        connection.execute(sa.select(calls)).all()
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    with home.read() as connection:
        assert connection.execute(sa.select(calls)).all() == []


# --- what is kept ------------------------------------------------------------------------------


def test_stamps_are_renewed_by_any_change_also_by_a_cascade(home: Library) -> None:
    seen = [dict(now(home))]
    with home.change() as connection:
        insert_call(connection, call_row("a", "ready"))
        row = {"label": "C", "name": "Ana", "role": "customer", "basis": "file", "doubt": 0.0}
        connection.execute(speakers.insert().values(call_id="a", named_by_person=False, **row))
    seen.append(dict(now(home)))
    with home.change() as connection:
        connection.execute(calls.delete())
    seen.append(dict(now(home)))
    for name in ("calls", "speakers"):
        assert len({one[name] for one in seen}) == 3
    with home.change() as connection:
        connection.execute(jobs.delete())
    assert dict(now(home)) == seen[-1]
    with home.engine.execution_options(writes=True).connect() as connection:
        connection.execute(calls.delete())
        assert dict(stamp(connection)) != seen[-1]
        connection.rollback()
    assert dict(now(home)) == seen[-1]


def test_a_calls_stamp_is_renewed_by_any_change_of_it_alone(home: Library) -> None:
    def of() -> dict[str, int]:
        with home.read() as connection:
            return of_calls(connection)

    row = {"label": "C", "name": "Ana", "role": "customer", "basis": "file", "doubt": 0.0}
    with home.change() as connection:
        for call_id in ("a", "b"):
            insert_call(connection, call_row(call_id, "ready"))
    seen = [of()]
    assert seen[0].keys() == {"a", "b"}
    for change in (
        speakers.insert().values(call_id="a", named_by_person=False, **row),
        speakers.update().values(name="Bea"),
        calls.update().where(calls.c.call_id == "a").values(title="another"),
        speakers.delete(),
    ):
        with home.change() as connection:
            connection.execute(change)
        seen.append(of())
        assert seen[-1]["a"] != seen[-2]["a"]
        assert seen[-1]["b"] == seen[0]["b"]
    with home.change() as connection:
        connection.execute(calls.delete().where(calls.c.call_id == "a"))
    assert of() == {"b": seen[0]["b"]}


def test_hostile_text_is_kept_without_its_nul_or_refused_in_a_sentence(home: Library) -> None:
    with home.change() as connection:
        insert_call(connection, {**call_row("a", "ready"), "title": "N\0UL ’ \U0001f9ca \ufffe"})
    with home.read() as connection:
        title = connection.scalar(sa.select(calls.c.title))
        assert title == "N\ufffdUL ’ \U0001f9ca \ufffe"
        where = calls.c.call_id.in_(["a\0", "b"])
        assert connection.execute(sa.select(calls).where(where)).all() == []
    with pytest.raises(BadInput, match="longer than the database keeps"), home.change() as other:
        insert_call(other, {**call_row("b", "ready"), "title": "x" * 301})


def test_letters_sort_and_fold_as_on_sqlite(home: Library) -> None:
    names = ["b", "B", "a-1", "a:1", "a_1", "é", "É", "e"]
    with home.change() as connection:
        for n, name in enumerate(names):
            insert_call(connection, {**call_row(f"c{n}", "ready"), "title": name})
    with home.read() as connection:
        found = connection.scalars(sa.select(calls.c.title).order_by(calls.c.title)).all()
        folded = set(connection.scalars(sa.select(sa.func.lower(calls.c.title))))
    assert found == sorted(names)
    assert {"b", "é", "É"} <= folded


# --- keywords ----------------------------------------------------------------------------------


def said(call_id: str, *texts: str) -> list[Passage]:
    return [
        Passage(f"{call_id}:{n}", call_id, "customer", "full", n, n, text)
        for n, text in enumerate(texts)
    ]


def test_keywords_find_what_was_said_and_less_what_stands_beside(home: Library) -> None:
    with home.change() as connection:
        for call_id in ("a", "b", "c"):
            insert_call(connection, call_row(call_id, "ready"))
        keywords.put(connection, "a", said("a", "Invoices are late.", "Really?", "O'Brien knows."))
        keywords.put(connection, "b", said("b", *["We park the cars outside."] * 9))
        keywords.put(connection, "c", said("c", "It\u0000 is the café's\\ ' : & | ! (invoicing)"))
    with home.read() as connection:
        scores = keywords.match(connection, "customer", ["invoice"], None)
        assert set(scores) == {"a:0", "a:1", "a:2", "c:0"}
        assert scores["a:0"] > scores["a:1"] > 0
        assert set(keywords.match(connection, "customer", ["invoice"], ["c"])) == {"c:0"}
        assert keywords.match(connection, "internal", ["invoice"], None) == {}
        assert set(keywords.match(connection, "customer", ["o'brien"], ["a"])) == {
            "a:0", "a:1", "a:2",
        }  # fmt: skip
        assert keywords.match(connection, "customer", ["brien'o", "'", ":*", "a & b"], ["a"]) == {}
        counts, total = keywords.frequencies(connection, "customer", ["invoic", "cafe", "x'\\"])
        assert (counts, total) == ({"invoic": 2, "cafe": 1, "x'\\": 0}, 13)
    with home.change() as connection:
        keywords.drop(connection, "a")
        assert keywords.passage_ids(connection) == {"c:0", *(f"b:{n}" for n in range(9))}
        connection.execute(calls.delete().where(calls.c.call_id == "b"))
        assert keywords.passage_ids(connection) == {"c:0"}
        keywords.drop_all(connection)
        assert keywords.passage_ids(connection) == set()


def test_a_passage_of_any_length_is_indexed(home: Library) -> None:
    """PostgreSQL takes words of 2 kB and 16,383 places; a hostile text has more."""
    long = " ".join(f"w{n}" for n in range(20_000)) + " " + "ü" * 5_000
    with home.change() as connection:
        insert_call(connection, call_row("a", "ready"))
        keywords.put(connection, "a", said("a", long, "ü" * 5_000, long))
    with home.read() as connection:
        assert set(keywords.match(connection, "customer", ["w1", "ü" * 5_000], None)) == {
            "a:0", "a:1", "a:2",
        }  # fmt: skip
        assert connection.scalar(sa.select(sa.func.count()).select_from(passages)) == 0
