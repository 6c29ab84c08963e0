"""Accounts: read them, and load them as JSON or as CSV."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError

from ingest.accounts import read_accounts
from ingest.errors import BadInput
from ingest.models import Account
from ingest.store import list_accounts, put_accounts
from service.api.deps import LibraryDep

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

LARGEST = 20_000_000  # bytes of accounts taken in one request

_ACCOUNTS = TypeAdapter(list[Account])


@router.get("")
def every(library: LibraryDep) -> list[Account]:
    """All accounts, most ARR first."""
    with library.read() as connection:
        return list_accounts(connection)


@router.put(
    "", openapi_extra={"requestBody": {"content": {"text/csv": {}, "application/json": {}}}}
)
async def put(library: LibraryDep, request: Request) -> list[Account]:
    """Load or update accounts: ``text/csv`` with a heading line, or a JSON list."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST:
            raise BadInput(f"The accounts have over {LARGEST:,} bytes; send them in parts.")
    rows = _parse(bytes(body), request.headers.get("content-type", ""))
    with library.change() as connection:
        put_accounts(connection, rows)
        return list_accounts(connection)


def _parse(body: bytes, content_type: str) -> list[Account]:
    if "json" not in content_type:
        try:
            return read_accounts(body.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BadInput("The accounts are not UTF-8 text; save the CSV as UTF-8.") from error
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
    return rows
