from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.stamps import STAMPED, Stamp, stamp
from ingest.tables import calls, metadata, stamps


def now(library: Library) -> Stamp:
    with library.read() as connection:
        return stamp(connection)


def changed(before: Stamp, after: Stamp) -> set[str]:
    return {name for (name, was), (_, value) in zip(before, after, strict=True) if was != value}


def test_every_stamped_table_has_one(library: Library) -> None:
    with library.read() as connection:
        assert set(connection.scalars(sa.select(stamps.c.name))) == set(STAMPED)
        with pytest.raises(KeyError):
            stamp(connection, ["jobs"])


@pytest.mark.parametrize("name", ["accounts", "calls", "evidence", "passages", "utterances"])
def test_each_kind_of_change_gives_a_new_one(filled: Library, name: str) -> None:
    table = metadata.tables[name]
    key = next(iter(table.primary_key.columns))
    with filled.read() as connection:
        row = dict(connection.execute(sa.select(table)).mappings().first() or {})
    seen = [now(filled)]
    one = sa.and_(*(c == row[c.name] for c in table.primary_key.columns))
    for change in (
        table.update().where(one).values({key.name: row[key.name]}),
        table.delete().where(one),
        table.insert().values(row),
    ):
        with filled.change() as connection:
            connection.execute(change)
        seen.append(now(filled))
        assert name in changed(seen[-2], seen[-1])
    assert len(set(seen)) == len(seen)


def test_what_a_cascade_deletes_is_seen(filled: Library) -> None:
    before = now(filled)
    with filled.change() as connection:
        connection.execute(calls.delete().where(calls.c.call_id == "FC-1"))
    assert changed(before, now(filled)) >= {"calls", "evidence", "speakers", "utterances"}


def test_reading_and_what_is_not_stamped_change_none(filled: Library) -> None:
    before = now(filled)
    with filled.change() as connection:
        connection.execute(metadata.tables["jobs"].delete())
        connection.execute(metadata.tables["model_usage"].delete())
        connection.execute(sa.select(calls)).all()
    assert now(filled) == before


def test_after_a_rollback_another_change_has_another_stamp(filled: Library) -> None:
    before = now(filled)
    told: list[Stamp] = []
    for title in ("one", "another"):
        with filled.engine.execution_options(writes=True).connect() as connection:
            connection.execute(calls.update().values(title=title))
            told.append(stamp(connection))
            connection.rollback()
    assert now(filled) == before
    assert len({before, *told}) == 3
