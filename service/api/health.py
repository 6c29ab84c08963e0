"""Whether the server lives, whether it can work, and what it has done."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from ingest.errors import FirsthandError
from ingest.tables import calls, jobs, utterances
from service.api.deps import LibraryDep
from service.api.problems import problem

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None)
def ready(library: LibraryDep) -> dict[str, str] | Response:
    """The database answers and the index and the sentence model are open."""
    try:
        with library.read() as connection:
            connection.execute(sa.select(sa.func.count()).select_from(calls))
            library.index.accept(connection, library.embedder.name)
        library.embedder.embed(["ready"])
    except (FirsthandError, sa.exc.SQLAlchemyError, OSError) as error:
        return problem(503, f"Not ready: {type(error).__name__}.")
    return {"status": "ready"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(library: LibraryDep) -> PlainTextResponse:
    """Counts in Prometheus' text format."""
    with library.read() as connection:
        by_call = _counts(connection, calls.c.state)
        by_job = _counts(connection, jobs.c.state)
        words = connection.scalar(sa.select(sa.func.count()).select_from(utterances)) or 0
        heard = connection.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(calls.c.duration_s), 0.0)).where(
                calls.c.is_recording, calls.c.state == "ready"
            )
        )
    lines = ["# TYPE firsthand_calls gauge"]
    lines += [f'firsthand_calls{{state="{state}"}} {n}' for state, n in by_call]
    lines += ["# TYPE firsthand_jobs gauge"]
    lines += [f'firsthand_jobs{{state="{state}"}} {n}' for state, n in by_job]
    lines += ["# TYPE firsthand_utterances gauge", f"firsthand_utterances {words}"]
    lines += ["# TYPE firsthand_recorded_seconds gauge", f"firsthand_recorded_seconds {heard}"]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _counts(connection: sa.Connection, column: sa.ColumnElement[str]) -> list[tuple[str, int]]:
    query = sa.select(column, sa.func.count()).group_by(column).order_by(column)
    return [(state, n) for state, n in connection.execute(query)]
