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

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.errors import NotFound
from ingest.store import get_call
from service.api.deps import LibraryDep, SettingsDep
from service.doctor import leaving
from service.settings import Settings

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PACKAGE = Path(__file__).parent.parent
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


@router.get("/")
def home(settings: SettingsDep) -> HTMLResponse:
    """Ask, calls, upload and memos in one room."""
    return _page("home.html", settings)


@router.get("/themes")
def themes(settings: SettingsDep) -> HTMLResponse:
    """What is confirmed and what is on offer, and the decisions on it."""
    return _page("themes.html", settings)


@router.get("/calls/{call_id}")
def call(library: LibraryDep, settings: SettingsDep, call_id: str) -> HTMLResponse:
    """One call: the player and what was said. ``?t=SECONDS`` and ``#u14`` point into it."""
    try:
        with library.read() as connection:
            found = get_call(connection, call_id)
    except NotFound as problem:
        # A person followed a link here: they get a page to go on from, not a problem document.
        return _page("missing.html", settings, status=problem.status, detail=str(problem))
    return _page("call.html", settings, call_id=found.call_id, title=found.title)


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


def _page(template: str, settings: Settings, status: int = 200, **values: str) -> HTMLResponse:
    static_files = f"/static/{_assets().digest}"
    # What leaves the machine stands in every page itself, whatever scripts do.
    html = (
        _templates()
        .get_template(template)
        .render(static=static_files, leaving=leaving(settings), **values)
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
