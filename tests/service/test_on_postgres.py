"""The product on PostgreSQL, from a file to a memo, and what is left of a call that is erased."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.corrections import SpeakerFix, correct
from ingest.feeding import feed
from ingest.library import Library, Options
from ingest.mending import apart
from ingest.search import search
from ingest.tables import evidence, metadata
from service import answer_history, codebook, editing, picks
from service.ask import ask
from service.codebook import NewCode
from service.codebook_undo import undo
from service.coverage import report
from service.drafting import draft_and_save
from service.erase import erase
from service.kept import load
from service.shapes import Filters
from service.themes import themes
from tests.postgres import Postgres

TODAY = date(2026, 6, 3)
EVERYTHING = Filters()


@pytest.fixture
def home(
    _filled_on_postgresql: tuple[Path, str], postgres: Postgres, tmp_path: Path
) -> Iterator[Library]:
    """Four calls and five accounts, added file by file (see ``tests/corpus.py``)."""
    folder, database = _filled_on_postgresql
    url = postgres.make(of=database)
    shutil.copytree(folder, tmp_path / "home")
    opened = Library(tmp_path / "home", Options(models=tmp_path / "none", database_url=url))
    assert not (opened.home / "firsthand.db").exists()
    yield opened
    opened.close()
    postgres.drop(url)


def test_a_question_is_answered_in_customers_words(home: Library) -> None:
    with home.read() as connection:
        hits = search(connection, home.index, home.embedder, "signed export for the auditor")
    feed(home)
    assert not apart(home)
    assert hits[0].call_id == "FC-3"
    answer = ask(home, "What do customers say about false alarms?", EVERYTHING, today=TODAY)
    quoted = {quote.call_id for statement in answer.statements for quote in statement.quotes}
    assert {"FC-1", "FC-2"} <= quoted
    assert not ask(home, "Who won the football match?", EVERYTHING, today=TODAY).statements


def test_themes_memo_and_coverage_are_those_of_sqlite(home: Library, filled: Library) -> None:
    told = []
    for library in (home, filled):
        codebook.add(library, NewCode(label="False alarms", definition="Alarms for nothing"))
        found = themes(library, EVERYTHING)
        memo = draft_and_save(library, filters=EVERYTHING, today=TODAY)
        with library.read() as connection:
            assert load(connection, memo.id) == memo
        body = memo.model_dump(mode="json", exclude={"id", "created_at"})
        told.append(
            (
                [(t.label, t.accounts, t.arr_usd, t.evidence) for t in found],
                body["coverage"],
                [said["text"] for said in (*body["summary"], *body["voices"])],
                report(library, EVERYTHING, None, TODAY),
            )
        )
    assert told[0] == told[1]


def test_a_corrected_speaker_is_believed_everywhere(home: Library) -> None:
    def customers() -> set[str]:
        answer = ask(home, "What do customers say about false alarms?", EVERYTHING, today=TODAY)
        return {q.call_id for s in answer.statements for q in s.quotes if q.role == "customer"}

    assert "FC-2" in customers()
    correct(home, "FC-2", speakers={"Greta Lind": SpeakerFix(name="Greta L.", role="internal")})
    assert "FC-2" not in customers()
    correct(home, "FC-2", speakers={"Greta Lind": SpeakerFix(role="customer")})
    assert "FC-2" in customers()


def test_a_change_of_the_codebook_is_undone(home: Library) -> None:
    code = codebook.add(home, NewCode(label="Alarms", examples=("It rings for nothing",)))
    editing_done = codebook.rename(home, code.id, "Night alarms")
    codebook.remove(home, code.id)
    assert editing_done.label == "Night alarms"
    for label in ("Night alarms", "Alarms"):
        undo(home)
        with home.read() as connection:
            [only] = codebook.list_codes(connection)
        assert (only.id, only.label, only.examples) == (
            code.id, label, ("It rings for nothing",),
        )  # fmt: skip
    undo(home)
    with home.read() as connection:
        assert codebook.list_codes(connection) == []


def test_no_row_of_an_erased_call_is_left_anywhere(home: Library) -> None:
    code = codebook.add(home, NewCode(label="False alarms"))
    codebook.judge(home, code.id, "FC-1", 1, "confirm")
    with home.read() as connection:
        first = sa.select(evidence.c.evidence_id).where(evidence.c.call_id == "FC-1").limit(1)
        found = connection.scalars(first).one()
    editing.reject(home, found)
    memo = draft_and_save(home, filters=EVERYTHING, today=TODAY)
    answer = answer_history.ask(home, "What do customers need?", EVERYTHING)
    picks.add(home, answer.id or "")
    with home.read() as connection:
        held = rows_with(connection, "FC-1", "Noor", "three in the morning")
    assert held.keys() >= {
        "calls", "speakers", "utterances", "passages", "passage_words", "evidence", "memos",
        "judgements", "evidence_edits", "codebook_history", "answers", "picks",
    }  # fmt: skip
    erase(home, "FC-1")
    with home.read() as connection:
        assert rows_with(connection, "Noor", "three in the morning", "exhausted") == {}
        # That there was a call of this name is told by what was done to it, and nothing else.
        assert rows_with(connection, "FC-1").keys() <= {"jobs", "codebook_history"}
        assert load(connection, memo.id).id == memo.id
    feed(home)
    assert not apart(home)
    left = [p for p in (home.home / "media").rglob("*") if p.is_file()]
    assert not [p for p in left if "Noor" in p.read_text()]


def rows_with(connection: sa.Connection, *words: str) -> dict[str, int]:
    """In how many rows of which tables any of the words stands, whatever the column."""
    found = {}
    names = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = set(connection.scalars(names))
    assert tables > set(metadata.tables)
    pattern = "|".join(map(re.escape, words))
    for name in sorted(tables):
        held = sa.text(f'SELECT count(*) FROM "{name}" AS t WHERE t::text ~* :pattern')  # noqa: S608
        if count := connection.scalar(held.bindparams(pattern=pattern)):
            found[name] = count
    return found
