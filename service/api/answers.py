"""Answers that are kept, what was picked from them for the memo, and what could be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ingest.models import Frozen
from service import answer_history, picks
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.shapes import AnswerLine, KeptAnswer, Pick, Suggestion
from service.suggestions import suggestions

router = APIRouter(prefix="/api", tags=["answers"], route_class=GuardedRoute)


class Picked(Frozen):
    """Which statement of which answer; all of them without ``n``."""

    answer_id: str
    n: int | None = None
    part: picks.Part = "statements"


@router.get("/ask/suggestions")
@needs("viewer")
def suggested(library: LibraryDep) -> list[Suggestion]:
    """Questions worth asking of what is there; none while there is nothing."""
    return suggestions(library)


@router.get("/answers")
@needs("viewer")
def every_answer(
    library: LibraryDep,
    limit: Annotated[int, Query(ge=1, le=answer_history.LONGEST_PAGE)] = answer_history.PAGE,
    before: Annotated[str | None, Query(description="go on after this one")] = None,
) -> list[AnswerLine]:
    """The answers that were given, the newest first."""
    with library.read() as connection:
        return answer_history.list_answers(connection, limit, before)


@router.get("/answers/{answer_id}")
@needs("viewer", "see")
def one_answer(library: LibraryDep, answer_id: str) -> KeptAnswer:
    """An answer as it was given, every quote checked anew against its call."""
    with library.read() as connection:
        return answer_history.load(connection, answer_id)


@router.delete("/answers/{answer_id}", status_code=204)
@needs("editor", "delete")
def remove_answer(library: LibraryDep, answer_id: str) -> None:
    """Take an answer off the list; what was picked from it stays."""
    answer_history.remove(library, answer_id)


@router.get("/picks")
@needs("viewer")
def every_pick(library: LibraryDep) -> list[Pick]:
    """What was picked for the memo, in the order in which it was."""
    with library.read() as connection:
        return picks.listed(connection)


@router.post("/picks", status_code=201)
@needs("editor", "change")
def pick(library: LibraryDep, picked: Picked) -> list[Pick]:
    """Pick a statement of an answer, or all of them, for the memo."""
    return picks.add(library, picked.answer_id, picked.n, picked.part)


@router.delete("/picks/{pick_id}", status_code=204)
@needs("editor", "change")
def remove_pick(library: LibraryDep, pick_id: str) -> None:
    """What was picked goes into no further memo."""
    picks.remove(library, pick_id)
