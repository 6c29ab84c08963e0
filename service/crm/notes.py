"""What was read, left out or left as it is in a CRM's file, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest.models import Account
from service.crm import asking
from service.crm.columns import Mapped
from service.crm.mappings import Ways, column_key
from service.crm.matching import Matcher, Sure
from service.crm.records import Read
from service.crm.signs import Signs
from service.crm.table import Table
from service.crm.whose import Decided

_NAMED = 5  # accounts in a sentence


def of_file(table: Table, mapped: Mapped, read: Read, ways: Ways) -> Iterator[str]:
    """About the file and its lines."""
    if table.left_out:
        yield f"{table.left_out} lines below the table are remarks and were left out."
    before = mapped.remembered
    if before is not None:
        keys = {column_key(column) for column in table.columns}
        gone = sorted(key for key, field in before.columns.items() if field and key not in keys)
        if gone:
            yield f"Columns that such files had before are not in it: {', '.join(gone)}."
    if mapped.kind == "deals" and mapped.column_of("arr_usd") and ways.stages is not None:
        yield from asking.summed(read.records, ways.stages)


def of_accounts(
    read: Read, decided: Decided, after: Mapping[int, Account], signs: Signs
) -> Iterator[str]:
    """About the accounts it speaks of."""
    if decided.left_out:
        names = [one.name or one.crm_id for one in decided.left_out]
        yield f"Without such a deal, and not added: {_some(names)}."
    unlike = [
        f"{after[one.record.line].name} ({field})"
        for one in decided.kept
        for field in one.record.unlike
    ]
    if unlike:
        yield f"Deals of the same account differ, so this is left as it is: {_some(unlike)}."
    if read.deleted:
        matcher = Matcher(signs)
        found = [m for r in read.deleted if isinstance(m := matcher.match(r), Sure)]
        names = sorted({signs.accounts[one.account_id].name for one in found})
        told = f" Here they stay: {_some(names)}." if names else ""
        several = "line is" if len(read.deleted) == 1 else "lines are"
        yield f"{len(read.deleted)} {several} marked as deleted and left out.{told}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
