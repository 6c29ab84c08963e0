"""The large home is made of calls like real ones, and what is measured on it is measured."""

import numpy as np
import sqlalchemy as sa

from eval.crowd import UTTERANCES, fill, real_call
from eval.scale import measure
from ingest.library import Library
from ingest.mending import misworded
from ingest.tables import calls, passages, utterances


def test_a_crowd_of_calls_is_filled_once_and_measured(library: Library) -> None:
    fill(library, 500)
    fill(library, 500)
    with library.read() as connection:
        made = connection.scalar(sa.select(sa.func.count()).select_from(calls))
        cut = connection.execute(sa.select(passages.c.role, passages.c.vector)).all()
        said = list(connection.scalars(sa.select(utterances.c.text)))
        assert not misworded(connection)
    assert made == 25
    assert len(cut) >= 500
    assert {row.role for row in cut} == {"customer", "internal"}
    vectors = np.stack([np.frombuffer(row.vector, "<f4") for row in cut])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert 15 < sum(len(text.split()) for text in said) / (25 * UTTERANCES) < 25

    told = {f.name: f.value for f in measure(library, searches=3, added=1)}
    assert told["scale: search in one account, p95 CPU ms"] > 0
    assert told["scale: call of 200 utterances added, CPU s"] > 0
    with library.read() as connection:
        ready = connection.scalar(sa.select(sa.func.count()).where(calls.c.state == "ready"))
    assert ready == made + 2


def test_a_real_call_is_two_peoples() -> None:
    spoken, voices = real_call(200)
    assert [u.i for u in spoken] == list(range(200))
    assert {u.speaker for u in spoken} == {v.label for v in voices} == {"customer", "internal"}
