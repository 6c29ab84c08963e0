"""Accounts: read them, one with all that is known of it, and load them as JSON or as CSV."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter, ValidationError

from ingest.accounts import Examined, examine_accounts
from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from service.account_import import ImportPreview, preview
from service.account_page import AccountPage, account_page
from service.account_rows import AccountRow, account_rows
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api/accounts", tags=["accounts"], route_class=GuardedRoute)

LARGEST = 20_000_000  # bytes of accounts taken in one request

# As `GET` gives them, so that they can be sent back; what is computed in them is not read.
_ACCOUNTS = TypeAdapter(list[AccountRow])
_BODY: dict[str, object] = {"requestBody": {"content": {"text/csv": {}, "application/json": {}}}}


@router.get("")
@needs("viewer")
def every(library: LibraryDep) -> list[AccountRow]:
    """All accounts, most ARR first."""
    with library.read() as connection:
        return account_rows(connection)


@router.get("/{account_id}")
@needs("viewer", "see")
def one(library: LibraryDep, account_id: str) -> AccountPage:
    """One account with its calls, people, themes, risks and own words over time."""
    return account_page(library, account_id, datetime.now(UTC).date())


@router.put("", openapi_extra=_BODY)
@needs("admin", "change")
async def put(library: LibraryDep, request: Request) -> list[AccountRow]:
    """Load or update accounts: ``text/csv`` with a heading line, or a JSON list."""
    given = await _read(request)
    return await run_in_threadpool(_load, library, given)


@router.post("/preview", openapi_extra=_BODY)
@needs("admin")
async def preview_(library: LibraryDep, request: Request) -> ImportPreview:
    """What ``PUT`` of the same body would change. Nothing is written."""
    given = await _read(request)
    return await run_in_threadpool(_preview, library, given)


def _load(library: Library, given: Examined) -> list[AccountRow]:
    if given.faults:
        raise BadInput(given.faults[0])
    with library.change() as connection:
        put_accounts(connection, given.accounts)
        return account_rows(connection)


def _preview(library: Library, given: Examined) -> ImportPreview:
    with library.read() as connection:
        return preview(connection, given)


async def _read(request: Request) -> Examined:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST:
            raise BadInput(f"The accounts have over {LARGEST:,} bytes; send them in parts.")
    kind = request.headers.get("content-type", "")
    return await run_in_threadpool(_parse, bytes(body), kind)


def _parse(body: bytes, content_type: str) -> Examined:
    if "json" not in content_type:
        return examine_accounts(body)
    try:
        rows = _ACCOUNTS.validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"]) or "the list"
        raise BadInput(f"The accounts cannot be read: {where}: {first['msg']}.") from error
    seen: set[str] = set()
    for row in rows:
        if row.account_id in seen:
            raise BadInput(f"The account id {row.account_id!r} stands there twice.")
        seen.add(row.account_id)
    accounts = tuple(
        Account(**{name: getattr(r, name) for name in Account.model_fields}) for r in rows
    )
    return Examined(accounts, faults=(), missing=())
