"""Questions, themes and coverage."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event

from ingest.errors import FirsthandError
from ingest.models import Frozen
from service import coverage as core_coverage
from service import themes as core_themes
from service.answer_history import ask, asking
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.api.problems import problem
from service.shapes import Answer, CoverageReport, Filters, Statement, Theme

router = APIRouter(prefix="/api", tags=["questions"], route_class=GuardedRoute)


_STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


class Question(Frozen):
    question: str
    filters: Filters = Filters()


@router.post("/ask", response_model=Answer, responses=_STREAMED)
@needs("viewer", "ask", costly="ask")
def ask_(library: LibraryDep, request: Request, question: Question) -> Answer | Response:
    """The answer; with ``Accept: text/event-stream`` its statements as they come, then all of it.

    Events: ``statement`` (one each, as they check out) and last ``answer``, in whose order they
    count; or ``problem``, with a problem document, when it cannot be answered after all. The
    answer is kept.
    """
    if "text/event-stream" not in request.headers.get("accept", ""):
        return ask(library, question.question, question.filters)
    coming = asking(library, question.question, question.filters)
    # What is wrong with the question is told as a problem document, before the stream begins.
    first = _next(coming)
    return StreamingResponse(_stream(first, coming), media_type="text/event-stream")


def _next(coming: Generator[Statement, None, Answer]) -> Statement | Answer:
    try:
        return next(coming)
    except StopIteration as done:
        whole: Answer = done.value
        return whole


def _stream(one: Statement | Answer, coming: Generator[Statement, None, Answer]) -> Iterator[bytes]:
    while isinstance(one, Statement):
        yield format_sse_event(data_str=one.model_dump_json(), event="statement")
        try:
            one = _next(coming)
        except FirsthandError as error:
            told = bytes(problem(error.status, str(error)).body).decode()
            yield format_sse_event(data_str=told, event="problem")
            return
    yield format_sse_event(data_str=one.model_dump_json(), event="answer")


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
@needs("viewer", "see")
def every_theme(
    library: LibraryDep,
    filters: FiltersDep,
    by: Literal["arr", "accounts", "top", "mentions"] = "arr",
    quotes: Annotated[
        int | None, Query(ge=1, description="at most so many for and so many against each")
    ] = None,
    only: Annotated[
        Literal["named", "groups"] | None,
        Query(description="what has a name, which is there sooner, or groups by likeness"),
    ] = None,
) -> list[Theme]:
    """Ranked themes; then, in no order, groups by likeness."""
    if only is None:
        found = core_themes.themes(library, filters, by)
    elif only == "named":
        found = core_themes.named(library, filters, by)
    else:
        found = core_themes.grouped(library, filters)
    return found if quotes is None else core_themes.fewer(found, quotes)


@router.get("/coverage")
@needs("viewer")
def coverage(
    library: LibraryDep,
    filters: FiltersDep,
    start: date | None = None,
    goal: Annotated[float | None, Query(description="hours a week")] = None,
) -> CoverageReport:
    """Who was listened to, who was not, and whom to call next."""
    return core_coverage.report(library, filters, start, datetime.now(UTC).date(), goal)
