"""What the audit log says of a request: written before the route does anything."""

from __future__ import annotations

from fastapi import Request

from ingest.audit_rows import Row
from ingest.library import Library
from service.access import audit
from service.access.audit import Action, Entry, Result
from service.access.person import Person
from service.access.sights import Sights
from service.api.requests import route_of


def note(
    request: Request,
    person: Person,
    action: Action,
    result: Result,
    library: Library | None = None,
) -> Row | None:
    """Write down what ``person`` is about to do; ``None`` where it was seen just now.

    It goes into the log of ``library``, else of the workspace that they are in. The pieces of an
    upload are one line. Raises ``Unavailable`` when it cannot be written: then it may not be done.
    """
    kind, subject, part = _about(request)
    detail: dict[str, int | str] = {"part": part} if part else {}
    if getattr(request.state, "originals", False):
        detail["originals"] = 1
    entry = Entry(
        person=person,
        action=action,
        kind=kind,
        subject=subject,
        result=result,
        address=address_of(request),
        detail=detail,
    )
    sights: Sights = request.app.state.sights
    return sights.note(library or _library(request), entry)


def note_made(
    request: Request,
    person: Person,
    action: Action,
    kind: str,
    subject: str,
    **detail: int | str,
) -> None:
    """Write down whom or what it was done to, where that is known only once it is done: beside
    ``note``'s line of before. In the transaction, so that what cannot be written is not done:
    raises ``Unavailable``.
    """
    address = address_of(request)
    entry = Entry(person, action, kind, subject, address=address, detail=detail)
    audit.write(_library(request), entry)


def failed(request: Request, allowed: Row) -> None:
    """It came to nothing."""
    audit.write_failed(_library(request), allowed)


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client is not None else ""


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


def _about(request: Request) -> tuple[str, str, str]:
    """Of ``/api/calls/{call_id}/audio``: call, the id, audio. Of ``/api/ask``: ask, "", ""."""
    ids = [(k.removesuffix("_id"), str(v)) for k, v in request.path_params.items() if "_id" in k]
    fixed = [one for one in route_of(request.scope).split("/") if one and "{" not in one]
    last = fixed[-1] if fixed else "page"
    if not ids:
        return last, "", ""
    kind, subject = ids[0]
    ending = route_of(request.scope).rpartition("}")[2].strip("./")
    return kind, subject, ending.replace("/", "-")
