"""What must hold of a home once all is done, whatever was killed meanwhile."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ingest.feeding import feed
from ingest.library import Library
from ingest.mending import apart, misworded
from ingest.pipeline import About, process, receive
from ingest.store import files as files_of_calls
from ingest.tables import calls, evidence, jobs, passages, stage_results, stage_runs, utterances
from service.repairing import findings

_OF_A_CALL = (utterances, evidence, passages)


def check_whole(library: Library, files: Collection[Path]) -> None:
    """Every file is one ready call with one job that is done, and nothing is left over."""
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    with library.read() as connection:
        there = connection.execute(sa.select(calls)).all()
        assert Counter(row.content_sha256 for row in there) == Counter(hashes)
        assert {row.state for row in there} == {"ready"}
        done = connection.execute(sa.select(jobs).where(jobs.c.kind == "ingest")).all()
        assert Counter(row.job_id for row in done) == Counter(sha[:32] for sha in hashes)
        assert {row.state for row in done} == {"done"}
        assert connection.scalar(sa.select(sa.func.count()).select_from(stage_results)) == 0
        spoken = set(connection.scalars(sa.select(utterances.c.call_id).distinct()))
        assert spoken == {row.call_id for row in there}
        assert not misworded(connection)
        named = files_of_calls(connection)
    assert set(library.media.names()) == named
    feed(library)
    assert not apart(library)
    assert [found.what for found in findings(library)] == []


def check_not_again(library: Library, book: sa.Engine, schema: str | None = None) -> None:
    """No stage was done again once the engine had written down that it was done."""
    table = sa.Table("operation_outputs", sa.MetaData(), schema=schema, autoload_with=book)
    with book.connect() as connection:
        ended = {
            (row.workflow_uuid, row.function_name): row.completed_at_epoch_ms / 1000
            for row in connection.execute(sa.select(table))
            if row.completed_at_epoch_ms is not None
        }
    with library.read() as connection:
        runs = connection.execute(sa.select(stage_runs)).all()
    assert runs
    for run in runs:
        began = run.ended_at.timestamp() - run.seconds
        checkpoint = ended.get((f"{run.job_id}.{run.attempt}", run.stage))
        assert checkpoint is None or began <= checkpoint, run


def check_like_undisturbed(
    library: Library, files: Mapping[Path, str | None], scratch: Library
) -> None:
    """The same words, evidence and passages as when each file is worked on in one go.

    ``files`` with the engine that heard each; ``scratch`` is an empty home.
    """
    for path, engine in files.items():
        call_id = receive(scratch, path, About()).call_id
        process(scratch, call_id, transcriber=engine)
        for table in _OF_A_CALL:
            assert _rows(library, table, call_id) == _rows(scratch, table, call_id), table.name


def _rows(library: Library, table: sa.Table, call_id: str) -> list[tuple[Any, ...]]:
    # Vectors may differ in the last bit from one machine's batch to the next.
    columns = [c for c in table.c if not isinstance(c.type, sa.LargeBinary)]
    select = sa.select(*columns).where(table.c.call_id == call_id).order_by(*table.primary_key)
    with library.read() as connection:
        return [tuple(row) for row in connection.execute(select)]
