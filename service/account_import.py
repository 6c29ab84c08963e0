"""What loading accounts would change, told before anything is written.

An account is loaded as a whole: a column that the file lacks, or a cell that is empty, empties that
field of an account that is here already. The preview says so for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from pydantic import Field

from ingest.accounts import Examined
from ingest.models import Account, Frozen
from ingest.store import list_accounts


class FieldChange(Frozen):
    """``null`` is an empty field. Amounts and dates are as JSON has them in an account."""

    field: str
    before: str | float | None
    after: str | float | None


class AccountChange(Frozen):
    account_id: str
    name: str = Field(description="as it would be")
    fields: tuple[FieldChange, ...]


class ImportPreview(Frozen):
    """``same`` and ``untouched`` are numbers: in the file without a change, not in the file.

    With any ``faults`` the file is not loaded at all.
    """

    added: tuple[Account, ...]
    changed: tuple[AccountChange, ...]
    same: int
    untouched: int
    emptied: int = Field(description="fields that are filled now and would be empty")
    missing: tuple[str, ...] = Field(default=(), description="known columns the file lacks")
    faults: tuple[str, ...] = Field(default=(), description="a sentence for each faulty line")


def preview(connection: sa.Connection, given: Examined) -> ImportPreview:
    """What ``put_accounts`` with these would do; nothing is written."""
    here = {account.account_id: account for account in list_accounts(connection)}
    added = tuple(a for a in given.accounts if a.account_id not in here)
    changed = tuple(changes(here, given.accounts))
    fields = [f for change in changed for f in change.fields]
    return ImportPreview(
        added=added,
        changed=changed,
        same=len(given.accounts) - len(added) - len(changed),
        untouched=len(here.keys() - {a.account_id for a in given.accounts}),
        emptied=sum(f.after is None for f in fields),
        missing=given.missing,
        faults=given.faults,
    )


def changes(here: Mapping[str, Account], given: Sequence[Account]) -> Iterator[AccountChange]:
    """Those of the given accounts that are here and would be otherwise."""
    for account in given:
        before = here.get(account.account_id)
        if before is None or before == account:
            continue
        then, now = before.model_dump(mode="json"), account.model_dump(mode="json")
        yield AccountChange(
            account_id=account.account_id,
            name=account.name,
            fields=tuple(
                FieldChange(field=name, before=then[name], after=now[name])
                for name in now
                if then[name] != now[name]
            ),
        )
