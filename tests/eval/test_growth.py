"""The large home is the same however it is made, and what is measured on it is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from eval import growth_page
from eval.growth import measure, questions
from eval.population import ITEMS, UTTERANCES, Population
from ingest.library import Library, Options
from ingest.store import list_accounts
from ingest.tables import calls, evidence, passages, utterances
from tests.service.large_homes import CALLS, seeds
from tests.service.large_homes import _made_once as _made_once
from tests.service.large_homes import made_up as made_up


def rows(library: Library) -> list[object]:
    columns = (
        (calls.c.call_id, calls.c.account_id, calls.c.date),
        (utterances.c.call_id, utterances.c.i, utterances.c.text),
        (evidence.c.evidence_id, evidence.c.kind, evidence.c.vector),
        (passages.c.passage_id, passages.c.text, passages.c.vector),
    )
    with library.read() as connection:
        return [list(connection.execute(sa.select(*some).order_by(*some[:2]))) for some in columns]


def test_a_home_that_grew_is_one_made_at_once(library: Library, tmp_path: Path) -> None:
    population = Population(library, seeds(tmp_path))
    population.grow(3)
    population.grow(5)
    other = Library(tmp_path / "other", Options(models=tmp_path / "models"))
    Population(other, seeds(tmp_path)).grow(5)
    assert rows(library) == rows(other)
    other.close()


def test_calls_are_as_long_as_they_are_said_to_be(made_up: Library) -> None:
    with made_up.read() as connection:
        said = connection.scalar(sa.select(sa.func.count()).select_from(utterances))
        items = connection.scalar(sa.select(sa.func.count()).select_from(evidence)) or 0
        vectors = connection.scalars(sa.select(passages.c.vector)).all()
    assert said == CALLS * UTTERANCES
    assert 0.8 < items / (CALLS * ITEMS) <= 1
    lengths = np.linalg.norm(np.stack([np.frombuffer(v, "<f4") for v in vectors]), axis=1)
    assert np.allclose(lengths, 1, atol=1e-4)


def test_every_kind_of_question_is_measured_and_the_home_left_as_it_was(made_up: Library) -> None:
    before = rows(made_up)
    found = measure(made_up, rounds=1, added=1)
    assert rows(made_up) == before
    with made_up.read() as connection:
        kinds = questions(list_accounts(connection))
    assert kinds.keys() < found.kinds.keys()
    assert {"look-up, after a call", "themes", "coverage and board"} <= found.kinds.keys()
    assert all(seconds > 0 for each in found.kinds.values() for told in each for seconds in told)
    assert (found.calls, found.utterances) == (CALLS, CALLS * UTTERANCES)
    assert found.added_cpu_s[0] > 0
    assert 0 < found.own_gb <= found.peak_gb

    both = [found, replace(found, calls=2 * CALLS)]
    assert f"| {CALLS:,} calls | {2 * CALLS:,} calls |" in growth_page.table(both)
    drawn = growth_page.drawing(both)
    assert drawn.startswith("<svg")
    assert drawn.count("<polyline") == 5
