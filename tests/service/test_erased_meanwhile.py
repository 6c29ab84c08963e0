"""What a model says of words that are erased while it thinks is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.erasures import Erased
from ingest.library import Library
from ingest.tables import answers, found_themes, memos, model_replies, readings
from service import answer_history
from service.drafting import draft_and_save
from service.erase import erase
from service.erase_person import erase_person
from service.model_reading import see_to
from service.shapes import Filters
from tests import reader
from tests.conftest import ON_POSTGRESQL
from tests.leftovers import leftovers
from tests.llm_server import Data, LlmServer, Said
from tests.service import memo_model
from tests.service.modelled import opened
from tests.service.spoken import hold

HERS = "The alarm of the qwobbleplex rings at night and my zyxthornian crew never wakes up."
WORDS = ("qwobblep", "zyxthor", "dana ruiz")
NEEDS = "What do customers say about the alarm?"


@pytest.fixture
def home(filled: Library, filled_home: Path, llm_server: LlmServer) -> Iterator[Library]:
    """Dana Ruiz speaks in DR-1 with another; nothing of it is read yet."""
    lines = [("v", "What is hard?"), ("Dana Ruiz", HERS), ("c", "The alarm is too quiet for us.")]
    hold(filled, "DR-1", "FRZ-2", lines, others=("Dana Ruiz",))
    llm_server.model = honest
    library = opened(filled_home, llm_server, concurrency=1)
    yield library
    library.close()


def honest(prompt: str, data: Data) -> Said:
    model = memo_model.honest if prompt.startswith("memo_") else reader.honest
    return model(prompt, data)


def meanwhile(server: LlmServer, at: str, act: Callable[[], object]) -> None:
    """While the model thinks about the prompt ``at`` something is done, once."""
    left = [act]

    def model(prompt: str, data: Data) -> Said:
        said = honest(prompt, data)
        if prompt == at and left:
            left.pop()()
        return said

    server.model = model


def rows(library: Library, table: sa.Table) -> str:
    with library.read() as connection:
        return str(connection.execute(sa.select(table)).all())


def test_an_answer_under_way_does_not_bring_a_person_back(
    home: Library, filled_home: Path, llm_server: LlmServer
) -> None:
    see_to(home)
    assert "qwobblep" in rows(home, readings)
    meanwhile(llm_server, "answer_question", lambda: erase_person(home, "Dana Ruiz"))
    with pytest.raises(Erased, match="A person was erased while this was under way"):
        answer_history.ask(home, NEEDS, Filters())
    given = answer_history.ask(home, NEEDS, Filters())  # again, of what is left
    assert given.id is not None
    home.close()
    assert ON_POSTGRESQL or leftovers(filled_home, WORDS) == []


def test_a_reading_under_way_does_not(
    home: Library, filled_home: Path, llm_server: LlmServer
) -> None:
    meanwhile(llm_server, "read_call", lambda: erase_person(home, "Dana Ruiz"))
    with pytest.raises(Erased):
        see_to(home)
    see_to(home)
    home.close()
    assert ON_POSTGRESQL or leftovers(filled_home, WORDS) == []


def test_sorting_under_way_does_not(
    home: Library, filled_home: Path, llm_server: LlmServer
) -> None:
    meanwhile(llm_server, "group_matters", lambda: erase_person(home, "Dana Ruiz"))
    with pytest.raises(Erased):
        see_to(home)
    assert rows(home, found_themes) == "[]"
    see_to(home)
    home.close()
    assert ON_POSTGRESQL or leftovers(filled_home, WORDS) == []


@pytest.mark.parametrize("at", ["memo_needs", "memo_summary"])
def test_a_memo_under_way_does_not(
    home: Library, filled_home: Path, llm_server: LlmServer, at: str
) -> None:
    meanwhile(llm_server, at, lambda: erase_person(home, "Dana Ruiz"))
    with pytest.raises(Erased):
        draft_and_save(home, filters=Filters(), today=date(2026, 6, 3))
    assert rows(home, memos) == "[]"
    draft_and_save(home, filters=Filters(), today=date(2026, 6, 3))
    home.close()
    assert ON_POSTGRESQL or leftovers(filled_home, WORDS) == []


def test_what_was_dropped_of_a_call_that_is_erased_meanwhile_is_not_kept(
    home: Library, llm_server: LlmServer
) -> None:
    see_to(home)

    def model(prompt: str, data: Data) -> Said:
        given = reader.honest(prompt, data)
        if prompt == "answer_question":
            lie = {"text": f"No: {HERS}", "rests_on": ["T9"], "against": False}
            given["sentences"].append(lie)
            erase(home, "DR-1")
        return given

    llm_server.model = model
    given = answer_history.ask(home, NEEDS, Filters())
    assert given.statements
    assert "qwobblep" not in given.model_dump_json()
    assert "qwobblep" not in rows(home, answers)
    assert "qwobblep" not in rows(home, model_replies)
