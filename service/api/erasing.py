"""Erasing a person from all calls, and how long calls are kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from ingest.models import Frozen
from service import retention as core
from service.api.deps import LibraryDep, PersonDep
from service.api.needs import GuardedRoute, needs
from service.erase_person import erase_person
from service.person_erasure import PersonErasure, person_erasure

router = APIRouter(prefix="/api", tags=["erasing"], route_class=GuardedRoute)

SWEEP_S = 3600.0
log = logging.getLogger(__name__)


class Whom(Frozen):
    """``name`` is first and last name; ``also`` other names of theirs, ``emails`` addresses."""

    name: str = Field(min_length=1, max_length=200)
    emails: tuple[str, ...] = Field(default=(), max_length=20)
    also: tuple[str, ...] = Field(default=(), max_length=20)


@router.get("/people/erasure")
@needs("admin", "see")
def going(
    library: LibraryDep,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    email: Annotated[tuple[str, ...], Query(max_length=20)] = (),
    also: Annotated[tuple[str, ...], Query(max_length=20)] = (),
) -> PersonErasure:
    """What erasing the person would take; nothing changes."""
    return person_erasure(library, name, emails=email, also=also)


@router.post("/people/erasure")
@needs("admin", "delete")
def erase(library: LibraryDep, person: PersonDep, whom: Whom) -> PersonErasure:
    """Erase the person; what was taken."""
    return erase_person(library, whom.name, emails=whom.emails, also=whom.also, by=person)


@router.get("/retention")
@needs("viewer")
def retention(library: LibraryDep) -> core.Retention:
    """How long calls are kept, and which are due to be erased."""
    with library.read() as connection:
        return core.retention(connection, _today())


async def sweeping(sweep: Callable[[dt.date], object]) -> None:
    """Erase what is older than calls are kept, now and every hour."""
    while True:
        try:
            await run_in_threadpool(sweep, _today())
        except Exception:  # the task's edge: it has to go on
            log.exception("calls that are due were not erased")
        await asyncio.sleep(SWEEP_S)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
