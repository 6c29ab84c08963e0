"""The page: bare HTML rooms that the browser fills from the API, and their static files.

The templates carry structure, and what leaves the machine; small ES modules in ``service/static``
fetch the data and put it in as text. Both folders lie inside the package, so an installed wheel
serves the same page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.errors import NotFound
from ingest.store import get_account, get_call
from service.answer_history import question_of
from service.api.deps import LibraryDep, RedactionDep, SettingsDep, person_of
from service.doctor import leaving
from service.memo import memo_title
from service.settings import Settings

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PACKAGE = Path(__file__).parent.parent
ROOMS = (
    ("/", "Home"),
    ("/ask", "Ask"),
    ("/themes", "Themes"),
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


@router.get("/", response_model=None)
def home(settings: SettingsDep, request: Request) -> Response:
    """The 30-day clock: who was heard, what they need most, what to do next."""
    if "q" in request.query_params:  # questions were asked here once: links to them still work
        return RedirectResponse(f"/ask?{request.url.query}", 308)
    return _page("home", "Home", settings)


@router.get("/ask")
def ask(settings: SettingsDep) -> HTMLResponse:
    """Questions and their answers; ``?q=`` and the filters are in the address."""
    return _page("ask", "Ask", settings)


@router.get("/ask/{answer_id}")
def kept_answer(
    library: LibraryDep, settings: SettingsDep, redaction: RedactionDep, answer_id: str
) -> HTMLResponse:
    """An answer as it was given."""
    try:
        with library.read() as connection:
            question = question_of(connection, answer_id)
    except NotFound as problem:
        return _missing(problem, "Ask", settings)
    return _page("ask", "Ask", settings, question=redaction.text(question))


@router.get("/themes")
def themes(settings: SettingsDep) -> HTMLResponse:
    """What is confirmed and what is on offer, and the decisions on it."""
    return _page("themes", "Themes", settings)


@router.get("/calls")
def calls(settings: SettingsDep) -> HTMLResponse:
    """The calls there are, and adding some."""
    return _page("calls", "Calls", settings)


@router.get("/calls/{call_id}")
def call(
    library: LibraryDep,
    settings: SettingsDep,
    redaction: RedactionDep,
    request: Request,
    call_id: str,
) -> HTMLResponse:
    """One call: the player and what was said. ``?t=SECONDS`` and ``#u14`` point into it, and
    ``?originals=1`` shows an admin its private details.
    """
    try:
        with library.read() as connection:
            found = get_call(connection, call_id)
    except NotFound as problem:
        return _missing(problem, "Calls", settings)
    unmasked = getattr(request.state, "originals", False)
    return _page(
        "call",
        "Calls",
        settings,
        call_id=found.call_id,
        title=redaction.text(found.title),
        unmasked="?originals=1" if unmasked else "",
        unmasks="yes" if unmasked or (person_of(request).may("admin") and redaction.masks) else "",
    )


@router.get("/accounts")
def accounts(settings: SettingsDep) -> HTMLResponse:
    """The accounts there are, and loading them."""
    return _page("accounts", "Accounts", settings)


@router.get("/accounts/{account_id}")
def account(
    library: LibraryDep, settings: SettingsDep, redaction: RedactionDep, account_id: str
) -> HTMLResponse:
    """One account: facts, calls, and their own words over time."""
    try:
        with library.read() as connection:
            found = get_account(connection, account_id)
    except NotFound as problem:
        return _missing(problem, "Accounts", settings)
    return _page(
        "account",
        "Accounts",
        settings,
        account_id=found.account_id,
        name=redaction.text(found.name),
    )


@router.get("/memos")
def memos(settings: SettingsDep) -> HTMLResponse:
    """The memos there are, and drafting one."""
    return _page("memos", "Memo", settings)


@router.get("/memos/{memo_id}")
def memo(
    library: LibraryDep, settings: SettingsDep, redaction: RedactionDep, memo_id: str
) -> HTMLResponse:
    """One memo, to be read and worked on."""
    try:
        with library.read() as connection:
            title = memo_title(connection, memo_id)
    except NotFound as problem:
        return _missing(problem, "Memo", settings)
    return _page("memo", "Memo", settings, memo_id=memo_id, title=redaction.text(title))


@router.get("/settings")
def settings_(settings: SettingsDep) -> HTMLResponse:
    """Engines, goals, and what leaves this machine."""
    return _page("settings", "Settings", settings)


@router.get("/static/{digest}/{name}", response_class=Response)
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


def _missing(problem: NotFound, room: str, settings: Settings) -> HTMLResponse:
    """A person followed a link here: they get a page to go on from, not a problem document."""
    address = next(address for address, name in ROOMS if name == room)
    return _page(
        "missing", room, settings, problem.status, detail=str(problem), room_address=address
    )


def _page(
    template: str, room: str, settings: Settings, status: int = 200, **values: str
) -> HTMLResponse:
    # What leaves the machine stands in every page itself, whatever scripts do.
    html = (
        _templates()
        .get_template(f"rooms/{template}.html")
        .render(
            static=f"/static/{_assets().digest}",
            rooms=ROOMS,
            room=room,
            here=status == 200 and not values,  # else the room is only where this page belongs
            leaving=leaving(settings),
            **values,
        )
    )
    # Titles are customers' business: a shared cache keeps none, and a reload shows today's.
    return HTMLResponse(html, status, headers={"Cache-Control": "private, no-cache"})


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
