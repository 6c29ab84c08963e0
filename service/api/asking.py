"""Questions, themes and coverage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event

from ingest.models import Frozen
from service import coverage as core_coverage
from service.api.deps import LibraryDep
from service.ask import ask
from service.listening import GOAL_HOURS
from service.shapes import Answer, CoverageReport, Filters, Theme
from service.themes import themes

router = APIRouter(prefix="/api", tags=["questions"])


class Question(Frozen):
    question: str
    filters: Filters = Filters()


@router.post("/ask", response_model=Answer)
def ask_(library: LibraryDep, request: Request, question: Question) -> Answer | Response:
    """The answer; with ``Accept: text/event-stream`` its statements as they come, then all of it.

    Events: ``statement`` (one each, best first) and last ``answer``.
    """
    answer = ask(library, question.question, question.filters)
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_stream(answer), media_type="text/event-stream")
    return answer


def _stream(answer: Answer) -> Iterator[bytes]:
    for statement in answer.statements:
        yield format_sse_event(data_str=statement.model_dump_json(), event="statement")
    yield format_sse_event(data_str=answer.model_dump_json(), event="answer")


def _filters(
    top: Annotated[int | None, Query(ge=1)] = None,
    tier: str | None = None,
    segment: str | None = None,
    region: str | None = None,
    account: Annotated[list[str] | None, Query()] = None,
    since: date | None = None,
    until: date | None = None,
) -> Filters:
    return Filters(
        top=top,
        tier=tier,
        segment=segment,
        region=region,
        accounts=tuple(account) if account else None,
        since=since,
        until=until,
    )


FiltersDep = Annotated[Filters, Depends(_filters)]


@router.get("/themes")
def every_theme(
    library: LibraryDep,
    filters: FiltersDep,
    by: Literal["arr", "accounts", "top", "mentions"] = "arr",
) -> list[Theme]:
    """Ranked themes."""
    return themes(library, filters, by=by)


@router.get("/coverage")
def coverage(
    library: LibraryDep,
    filters: FiltersDep,
    start: date | None = None,
    goal: Annotated[float, Query(description="hours a week")] = GOAL_HOURS,
) -> CoverageReport:
    """Who was listened to, who was not, and whom to call next."""
    return core_coverage.report(library, filters, start, datetime.now(UTC).date(), goal)
