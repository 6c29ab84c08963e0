"""The page: bare HTML rooms that the browser fills from the API, and their static files.

The templates carry structure, and what leaves the machine; small ES modules in ``service/static``
fetch the data and put it in as text. Both folders lie inside the package, so an installed wheel
serves the same page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.errors import NotFound, NotSignedIn
from ingest.store import get_account, get_call
from service.answer_history import question_of
from service.api.deps import LibraryDep, RedactionDep, SettingsDep
from service.api.needs import GuardedRoute, needs, person_of
from service.doctor import leaving
from service.links import workspace_named
from service.memo import memo_title


class RoomRoute(GuardedRoute):
    """Somebody who has not signed in is shown the way, and comes back to this room."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await answer(request)
            except NotSignedIn:
                path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                there = "" if path == "/" else f"?{urlencode({'next': path})}"
                return RedirectResponse(f"/sign-in{there}", 303)

        return handle


router = APIRouter(
    include_in_schema=False, default_response_class=HTMLResponse, route_class=RoomRoute
)

PACKAGE = Path(__file__).parent.parent
ROOMS = (
    ("/", "Home"),
    ("/ask", "Ask"),
    ("/themes", "Themes"),
    ("/loop", "Close the loop"),
    ("/calls", "Calls"),
    ("/accounts", "Accounts"),
    ("/memos", "Memo"),
    ("/settings", "Settings"),
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """The static files by name, and a digest of them all that stands in their address."""

    files: dict[str, bytes]
    digest: str


class Page:
    """Makes the rooms of one person."""

    def __init__(self, settings: SettingsDep, library: LibraryDep, request: Request) -> None:
        self._settings = settings
        self._library = library
        self._person = person_of(request)

    def __call__(
        self, template: str, room: str, status: int = 200, **values: str | bool | None
    ) -> HTMLResponse:
        workspace = None  # as the links that people copy name it
        if self._person is not None:
            with self._library.read() as connection:
                workspace = workspace_named(self._library, connection)
        # What leaves the machine stands in every page itself, whatever scripts do.
        html = (
            _templates()
            .get_template(f"rooms/{template}.html")
            .render(
                static=f"/static/{_assets().digest}",
                rooms=ROOMS,
                room=room,
                here=status == 200 and not values,  # else the room is only where this page belongs
                leaving=leaving(self._settings, self._library),
                person=self._person,
                workspace=workspace,
                **values,
            )
        )
        return HTMLResponse(html, status)

    def missing(self, problem: NotFound, room: str) -> HTMLResponse:
        """A person followed a link here: a page to go on from, not a problem document."""
        address = next(address for address, name in ROOMS if name == room)
        return self("missing", room, problem.status, detail=str(problem), room_address=address)


PageDep = Annotated[Page, Depends(Page)]


@router.get("/", response_model=None)
@needs("viewer")
def home(page: PageDep, request: Request) -> Response:
    """The 30-day clock: who was heard, what they need most, what to do next."""
    if "q" in request.query_params:  # questions were asked here once: links to them still work
        return RedirectResponse(f"/ask?{request.url.query}", 308)
    return page("home", "Home")


def _room(address: str, template: str, name: str) -> None:
    """A room that says nothing by itself: the browser fills it."""

    @router.get(address)
    @needs("viewer")
    def show(page: PageDep) -> HTMLResponse:
        return page(template, name)


_room("/ask", "ask", "Ask")
_room("/themes", "themes", "Themes")
_room("/loop", "loop", "Close the loop")
_room("/calls", "calls", "Calls")
_room("/accounts", "accounts", "Accounts")
_room("/memos", "memos", "Memo")
_room("/settings", "settings", "Settings")


@router.get("/ask/{answer_id}")
@needs("viewer")
def kept_answer(
    library: LibraryDep, redaction: RedactionDep, page: PageDep, answer_id: str
) -> HTMLResponse:
    """An answer as it was given."""
    try:
        with library.read() as connection:
            question = question_of(connection, answer_id)
    except NotFound as problem:
        return page.missing(problem, "Ask")
    return page("ask", "Ask", question=redaction.text(question))


@router.get("/calls/{call_id}")
@needs("viewer")
def call(
    library: LibraryDep, redaction: RedactionDep, page: PageDep, request: Request, call_id: str
) -> HTMLResponse:
    """One call: the player and what was said. ``?t=SECONDS`` and ``#u14`` point into it, and
    ``?originals=1`` shows an admin its private details.
    """
    try:
        with library.read() as connection:
            found = get_call(connection, call_id)
    except NotFound as problem:
        return page.missing(problem, "Calls")
    unmasked = getattr(request.state, "originals", False)
    person = person_of(request)
    unmasks = unmasked or (person is not None and person.may("admin") and redaction.masks)
    return page(
        "call",
        "Calls",
        call_id=found.call_id,
        title=redaction.text(found.title),
        unmasked="?originals=1" if unmasked else "",
        unmasks=unmasks,
    )


@router.get("/accounts/{account_id}")
@needs("viewer")
def account(
    library: LibraryDep, redaction: RedactionDep, page: PageDep, account_id: str
) -> HTMLResponse:
    """One account: facts, calls, and their own words over time."""
    try:
        with library.read() as connection:
            found = get_account(connection, account_id)
    except NotFound as problem:
        return page.missing(problem, "Accounts")
    return page("account", "Accounts", account_id=found.account_id, name=redaction.text(found.name))


@router.get("/memos/{memo_id}")
@needs("viewer")
def memo(library: LibraryDep, redaction: RedactionDep, page: PageDep, memo_id: str) -> HTMLResponse:
    """One memo, to be read and worked on."""
    try:
        with library.read() as connection:
            title = memo_title(connection, memo_id)
    except NotFound as problem:
        return page.missing(problem, "Memo")
    return page("memo", "Memo", memo_id=memo_id, title=redaction.text(title))


@router.get("/static/{digest}/{name}", response_class=Response)
@needs(None)
def static(digest: str, name: str) -> Response:
    """A stylesheet, module or picture of the page. Only names that are there; no paths."""
    assets = _assets()
    body = assets.files.get(name)
    if body is None:
        raise NotFound(f"The page has no file {name[:100]!r}.")
    # The digest changes whenever a file does, so this very address never changes its content. A
    # page left open over an upgrade asks with the old digest: it gets today's, and keeps nothing.
    lasting = "public, max-age=31536000, immutable" if digest == assets.digest else "no-store"
    headers = {"Cache-Control": lasting}
    return Response(body, media_type=TYPES[Path(name).suffix], headers=headers)


@cache
def _assets() -> Assets:
    folder = PACKAGE / "static"
    files = {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.suffix in TYPES}
    every = hashlib.sha256()
    for name, body in files.items():
        every.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
    return Assets(files, every.hexdigest()[:16])


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
