"""What is written into the audit log, found again in it, and taken along."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.audit_log import FILE
from ingest.errors import Unavailable
from ingest.library import Library, Options
from service.access.audit import Entry, Wanted, exported, imported, rows, write, write_failed
from service.access.person import Person, at_the_machine
from service.backing_up import back_up
from service.erase import erase
from service.moving import move
from service.repairing import findings
from service.restoring import restore

DANA = Person("u1", "Dana", "viewer", "session")


def quiet(_name: str, _n: int, _of: int) -> None:
    pass


def fill(library: Library) -> None:
    write(library, Entry(at_the_machine(), "add", "call", "FC-1", "allowed", detail={"paths": 3}))
    write(library, Entry(DANA, "see", "call", "FC-1", address="10.0.0.7"))
    write(library, Entry(DANA, "ask", "question"))


def test_a_row_says_who_did_what_to_what(filled: Library) -> None:
    before = datetime.now(UTC)
    made = write(filled, Entry(DANA, "see", "call", "FC-1", address="10.0.0.7"))
    assert before <= made.at <= datetime.now(UTC)
    assert (made.user_id, made.who, made.via, made.address) == ("u1", "Dana", "session", "10.0.0.7")
    assert (made.action, made.kind, made.subject, made.result) == ("see", "call", "FC-1", "done")
    assert rows(filled, Wanted()) == [made]


@pytest.mark.parametrize(
    ("kind", "subject", "told"),
    [
        ("call", "FC-1", "FC-1"),
        ("call", "FC-9", "unknown"),  # files choose the ids of calls: only those that are here
        ("call", "Dana-Ruiz-2", "unknown"),
        ("account", "FRZ-1", "FRZ-1"),
        ("account", "Dana-Ruiz-2", "unknown"),
        ("evidence", "FC-1:4:0-22", "FC-1:4:0-22"),
        ("evidence", "Dana-Ruiz:4:0-22", "unknown"),
        ("code", "code-0a1b2c3d4e5f", "code-0a1b2c3d4e5f"),
        ("code", "Freezers", "unknown"),
        ("code", "Freezers-2", "unknown"),
        ("user", "user-0a1b2c3d4e5f", "user-0a1b2c3d4e5f"),
        ("user", "dana.ruiz2", "unknown"),
        ("job", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("job", "daadbeef", "unknown"),
        ("hook", "hook-0a1b2c3d4e5f", "hook-0a1b2c3d4e5f"),
        ("hook", "hook-dana", "unknown"),
        (
            "delivery",
            "msg_0123456789abcdef0123456789abcdef",
            "msg_0123456789abcdef0123456789abcdef",
        ),
        ("delivery", "msg_dana", "unknown"),
        ("entry", "entry-0123456789abcdef", "entry-0123456789abcdef"),
        ("entry", "entry-dana", "unknown"),
        ("mapping", "0123456789ab", "0123456789ab"),
        ("mapping", "0123456789ab" + "c" * 52, "0123456789ab" + "c" * 52),
        ("mapping", "dana", "unknown"),
        ("call", "0123456789ab", "unknown"),
        ("code", "Freezer ice", "unknown"),
        ("call", "Wir haben 3 Ausfälle", "unknown"),
        ("call", "x" * 200, "unknown"),
        ("call", "a\nb", "unknown"),
        ("question", "", ""),
    ],
)
def test_only_what_can_be_an_id_is_written_as_one(
    filled: Library, kind: str, subject: str, told: str
) -> None:
    assert write(filled, Entry(DANA, "see", kind, subject)).subject == told


def test_words_and_addresses_that_are_none_do_not_get_in(library: Library) -> None:
    told = write(library, Entry(DANA, "see", "call", address="<b>", detail={"kind": "so he said"}))
    assert (told.address, told.detail) == ("", {"kind": "unknown"})
    with pytest.raises(ValueError, match="no word"):
        write(library, Entry(DANA, "see", "What he said"))
    nameless = Person("u2", "Eve\n\x1b[2J", "viewer", "token")
    assert write(library, Entry(nameless, "see", "call")).who.isprintable()


def test_rows_are_found_by_person_action_and_day(library: Library) -> None:
    fill(library)
    today = datetime.now(UTC).date()
    assert [row.action for row in rows(library, Wanted())] == ["ask", "see", "add"]
    assert [row.action for row in rows(library, Wanted(who="Dana"))] == ["ask", "see"]
    assert [row.action for row in rows(library, Wanted(who="u1", action="see"))] == ["see"]
    assert [row.action for row in rows(library, Wanted(before=3), limit=1)] == ["see"]
    assert len(rows(library, Wanted(since=today - timedelta(days=1), until=today))) == 3
    assert rows(library, Wanted(until=today - timedelta(days=2))) == []
    assert rows(library, Wanted(since=today + timedelta(days=2))) == []
    assert len(rows(library, Wanted(until=date.max))) == 3


def test_the_log_is_exported_as_lines_of_json_and_read_back(library: Library) -> None:
    fill(library)
    lines = list(exported(library, "jsonl"))
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3]
    assert list(imported(lines)) == list(reversed(rows(library, Wanted())))


def test_the_log_is_exported_as_csv_that_no_spreadsheet_runs(library: Library) -> None:
    formula = Person("u9", "=HYPERLINK(1)", "viewer", "session")
    write(library, Entry(formula, "export", "memo", "memo-0a1b2c3d4e5f", detail={"version": 2}))
    text = b"".join(exported(library, "csv")).decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text, newline=""))
    assert line["who"] == "'=HYPERLINK(1)"
    assert (line["subject"], line["detail"], line["before_sha"]) == (
        "memo-0a1b2c3d4e5f",
        "version 2",
        "",
    )


def test_what_fails_after_it_was_allowed_is_written_too(filled: Library) -> None:
    allowed = write(filled, Entry(DANA, "delete", "call", "FC-1", "allowed"))
    erase(filled, "FC-1")  # by somebody who was quicker
    write_failed(filled, allowed)
    told = [(row.subject, row.result) for row in rows(filled, Wanted())]
    assert told == [("FC-1", "failed"), ("FC-1", "allowed")]
    assert filled.audit.check().wrong is None


def test_what_cannot_be_written_is_not_done(tmp_path: Path) -> None:
    elsewhere = Library(tmp_path / "elsewhere", Options(models=tmp_path))
    entry = Entry(DANA, "change", "call", "FC-1", "allowed")
    allowed = write(elsewhere, entry)
    elsewhere.close()
    library = Library(tmp_path / "home", Options(models=tmp_path))
    (library.home / FILE).mkdir()
    with pytest.raises(Unavailable):
        write(library, entry)
    write_failed(library, allowed)  # said in the program's log: who asked is told why it failed
    library.close()


def test_a_backup_has_the_log_and_brings_it_back(filled: Library, tmp_path: Path) -> None:
    fill(filled)
    back_up(filled, tmp_path / "a.zip", quiet)
    there = Library(tmp_path / "there", Options(models=tmp_path))
    assert restore(there, tmp_path / "a.zip", quiet).audit_rows == 3
    assert rows(there, Wanted()) == rows(filled, Wanted())
    write(there, Entry(DANA, "see", "call", "FC-1"))
    assert (there.audit.check().rows, there.audit.check().wrong) == (4, None)
    there.close()


def test_a_home_with_a_log_of_its_own_keeps_it(filled: Library, tmp_path: Path) -> None:
    fill(filled)
    back_up(filled, tmp_path / "a.zip", quiet)
    there = Library(tmp_path / "there", Options(models=tmp_path))
    mine = write(there, Entry(DANA, "see", "call", "FC-1"))
    assert restore(there, tmp_path / "a.zip", quiet).audit_rows is None
    assert rows(there, Wanted()) == [mine]
    there.close()


def test_the_log_moves_to_postgresql(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = Library(tmp_path / "here", Options(models=tmp_path))
    fill(here)
    move(here, postgres_url, quiet)
    options = Options(models=tmp_path, database_url=postgres_url)
    there = Library(tmp_path / "here", options)
    assert rows(there, Wanted()) == rows(here, Wanted())
    assert write(there, Entry(DANA, "see", "call", "FC-1")).seq == 4
    assert there.audit.check().wrong is None
    there.close()
    here.close()


def test_the_doctor_tells_of_a_log_that_was_changed(tmp_path: Path) -> None:
    library = Library(tmp_path / "home", Options(models=tmp_path))
    fill(library)
    assert not [found for found in findings(library) if "audit" in found.what]
    with library.audit.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_no_update"))
        connection.execute(sa.text("UPDATE audit SET who = 'nobody' WHERE seq = 2"))
    [found] = [found for found in findings(library) if "audit" in found.what]
    assert found.what == (
        "The audit log is not as it was written. Row 2 was changed after it was written."
    )
    assert found.mend is None
    library.close()
