"""Reading by the language model: what waits for it, and having it done now."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request

from ingest.errors import Conflict
from ingest.models import Frozen
from service import jobs
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.model_reading import unread, waiting
from service.shapes import Job

router = APIRouter(prefix="/api/reading", tags=["reading"], route_class=GuardedRoute)


class Waiting(Frozen):
    """``calls`` are ids of those that the model has not read; ``waits`` says whether anything is
    left to read or to sort. ``job`` is the newest reading.
    """

    model: str | None
    calls: tuple[str, ...] = ()
    waits: bool = False
    job: Job | None = None


@router.get("")
@needs("viewer")
def state(library: LibraryDep) -> Waiting:
    """What waits for the model; nothing does when none is set."""
    if library.llm is None:
        return Waiting(model=None)
    with library.read() as connection:
        newest = next(iter(jobs.list_jobs(connection, kind="read", limit=1)), None)
    return Waiting(
        model=library.llm.name,
        calls=tuple(unread(library)),
        waits=waiting(library),
        job=newest,
    )


@router.post("", status_code=202)
@needs("editor", "change", costly="reading")
def read(library: LibraryDep) -> Job:
    """Have the model read and sort what waits; the work is a job to be followed."""
    if library.llm is None:
        raise Conflict("No language model is set; set FIRSTHAND_MODEL, as in openai:gpt-5-mini.")
    with library.change() as connection:
        return jobs.get_job(connection, jobs.enqueue_reading(connection))


def read_after(library: LibraryDep, request: Request) -> Iterator[None]:
    """For routes that change the codebook: afterwards the model sorts what is to be sorted anew."""
    yield
    if request.method != "GET" and waiting(library):
        with library.change() as connection:
            jobs.enqueue_reading(connection)
