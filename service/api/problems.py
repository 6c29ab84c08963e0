"""Errors as RFC 9457 problem documents: ``type``, ``title``, ``status``, ``detail``."""

from __future__ import annotations

import logging
from http import HTTPStatus

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ingest.database import passing
from ingest.errors import FirsthandError, NotSignedIn, TooOften
from ingest.media.port import FULL
from service.api.requests import route_of

_PHRASES = {460: "Checksum Mismatch"}  # the one of tus, which HTTP does not have

log = logging.getLogger(__name__)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": _PHRASES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def told(error: FirsthandError) -> JSONResponse:
    """What went wrong, as it is told to people."""
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooOften) else {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, str(error), headers)


def install(app: FastAPI) -> None:
    """Answer every error, foreseen or not, as a problem document."""

    @app.exception_handler(FirsthandError)
    def foreseen(_request: Request, error: FirsthandError) -> JSONResponse:
        return told(error)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # The first fault is enough to act on, and repeating the input back could echo anything.
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "the request body"
        return problem(422, f"{where}: {first['msg']}.")

    @app.exception_handler(sa.exc.SQLAlchemyError)
    def database(request: Request, error: sa.exc.SQLAlchemyError) -> JSONResponse:
        why = passing(error)
        return unforeseen(request, error) if why is None else problem(why.status, str(why))

    @app.exception_handler(OSError)
    def disk(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in FULL:
            return unforeseen(request, error)
        return problem(507, "The disk of the home folder is full; free some space.")

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        told = {"request_id": request.state.request_id, "route": route_of(request.scope)}
        log.error("an error that nobody foresaw", extra=told, exc_info=error)
        return problem(500, "Something unexpected went wrong; the server's log has the details.")
