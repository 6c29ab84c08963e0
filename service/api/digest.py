"""The weekly digest: as it would be sent, and sending it when it is due."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from service.api.deps import LibraryDep, SettingsDep
from service.api.needs import GuardedRoute, needs
from service.digest import slot
from service.digest.week import Digest
from service.digest.week import digest as core

router = APIRouter(prefix="/api", tags=["goals"], route_class=GuardedRoute)

LOOK_S = 600.0  # how late it may be
log = logging.getLogger(__name__)


@router.get("/digest")
@needs("viewer", "see")
def digest(
    library: LibraryDep,
    settings: SettingsDep,
    week: dt.date | None = None,
    with_words: bool = False,
) -> Digest:
    """What the digest of the week says; nothing is sent."""
    now = dt.datetime.now(dt.UTC)
    of = week or slot.week_told(now.astimezone().date())
    return core(library, now, of, settings.page, with_words=with_words)


async def sending(send: Callable[[dt.datetime], object]) -> None:
    """Send it when it is due, now and every ten minutes."""
    while True:
        try:
            await run_in_threadpool(send, dt.datetime.now(dt.UTC))
        except Exception:  # the task's edge: it has to go on
            log.exception("the digest was not looked after")
        await asyncio.sleep(LOOK_S)
