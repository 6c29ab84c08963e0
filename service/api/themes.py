"""Themes in pictures: by accounts, over time, one of them to read, several together."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from service import heatmap as core_heatmap
from service import one_theme as core_one
from service import timeline as core_timeline
from service.api.asking import FiltersDep
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.heatmap import Heatmap
from service.one_theme import OneTheme, Together
from service.timeline import Timeline

router = APIRouter(prefix="/api/themes", tags=["questions"], route_class=GuardedRoute)


@router.get("/heatmap")
@needs("viewer", "see")
def heatmap(
    library: LibraryDep,
    filters: FiltersDep,
    by: Literal["arr", "accounts", "top", "mentions"] = "arr",
) -> Heatmap:
    """How often and how strongly each account spoke of each theme."""
    return core_heatmap.heatmap(library, filters, by)


@router.get("/timeline")
@needs("viewer", "see")
def timeline(library: LibraryDep, filters: FiltersDep) -> Timeline:
    """When each theme was spoken of."""
    return core_timeline.timeline(library, filters)


@router.get("/together")
@needs("viewer", "see")
def together(
    library: LibraryDep, filters: FiltersDep, id: Annotated[list[str], Query()]
) -> Together:
    """What several themes would come to as one; nothing is changed."""
    return core_one.together(library, id, filters)


@router.get("/{theme_id}")
@needs("viewer", "see")
def one(library: LibraryDep, filters: FiltersDep, theme_id: str) -> OneTheme:
    """One theme to read: each account's words, what speaks against it, and when it was heard."""
    return core_one.one_theme(library, theme_id, filters)
