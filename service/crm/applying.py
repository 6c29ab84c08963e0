"""Loading a CRM's file into the home, all of it or nothing, and taking the last one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from ingest.errors import BadInput, Conflict, NotFound
from ingest.errors import shown as shown_name
from ingest.library import Library
from ingest.models import Account
from ingest.store import list_accounts
from ingest.tables import (
    account_signs,
    accounts,
    bookings,
    call_transcripts,
    calls,
    crm_changes,
    crm_imports,
    meetings,
)
from service.crm.mappings import remember
from service.crm.plan import Plan, plan
from service.crm.shapes import Applied, Choices, CrmPreview, Undone
from service.crm.signs import Sign, displaced, learn, unknown
from service.crm.table import read_table

_KEPT = 10  # imports that can be taken back, one after the other
_NAMED = 3
_SIGNS = "signs"  # beside the fields an account had before: its ids of a CRM that another took
_BATCH = 500  # ids in one statement


def preview_crm(library: Library, data: bytes, choices: Choices) -> CrmPreview:
    """What ``apply_crm`` with the same would do, and what is to be asked first."""
    table = read_table(data)
    with library.read() as connection:
        return plan(connection, table, choices).preview


def apply_crm(
    library: Library,
    data: bytes,
    choices: Choices,
    now: datetime,
    *,
    file_name: str = "",
    seen: str | None = None,
) -> Applied:
    """Change the accounts, and remember the mapping and who was matched with whom.

    ``seen`` is of the preview that was looked at. Raises ``BadInput`` while questions are open or
    lines cannot be read, ``Conflict`` when the difference is another by now.
    """
    table = read_table(data)
    with library.change() as connection:
        made = plan(connection, table, choices)
        found = made.preview
        _refuse_unanswered(found)
        if seen is not None and seen != found.seen:
            raise Conflict(
                "The accounts were changed since, and so is what this file would change. "
                "Look at it again."
            )
        new = unknown(connection, made.signs)
        import_id = None
        if made.after or new:
            import_id = _write(connection, made, new, shown_name(file_name), now)
            learn(connection, new, import_id)
        remember(connection, made.kind, made.columns, made.ways, now)
    return Applied(
        import_id=import_id,
        added=len(found.difference.added),
        changed=len(found.difference.changed),
        same=found.difference.same,
        remembered=len(new),
    )


def undo_crm(library: Library, import_id: int | None = None) -> Undone:
    """Take the last import back: its new accounts go, changed fields are as they were, and what it
    taught about ids, domains and names is forgotten. The mapping stays.

    Raises ``NotFound`` without one, ``Conflict`` when what it changed was changed since, or when it
    is not the one that is meant.
    """
    with library.change() as connection:
        last = connection.execute(
            sa.select(crm_imports).order_by(crm_imports.c.import_id.desc()).limit(1)
        ).one_or_none()
        if last is None:
            raise NotFound("There is no import from a CRM that could be taken back.")
        if import_id not in (None, last.import_id):
            raise Conflict("Another file was loaded since, and the last one is taken back first.")
        rows = connection.execute(
            sa.select(crm_changes).where(crm_changes.c.import_id == last.import_id)
        ).all()
        before = {row.account_id: row.before for row in rows}
        lost = [one for was in before.values() for one in (was or {}).pop(_SIGNS, ())]
        _refuse_changed(connection, before, {row.account_id: row.after for row in rows})
        added = [account_id for account_id, was in before.items() if was is None]
        for account_id, was in before.items():
            if was:
                where = accounts.c.account_id == account_id
                connection.execute(accounts.update().where(where).values(_values(was)))
        for ids in _batches(added):
            connection.execute(accounts.delete().where(accounts.c.account_id.in_(ids)))
        where_learnt = account_signs.c.import_id == last.import_id
        connection.execute(account_signs.delete().where(where_learnt))
        if lost:
            connection.execute(account_signs.insert(), lost)
        connection.execute(crm_imports.delete().where(crm_imports.c.import_id == last.import_id))
    return Undone(
        import_id=last.import_id,
        file_name=last.file_name,
        removed=len(added),
        put_back=sum(1 for was in before.values() if was),
    )


# --- within --------------------------------------------------------------------------------------


def _refuse_unanswered(found: CrmPreview) -> None:
    if found.faults:
        more = f" ({len(found.faults)} such lines)" if len(found.faults) > 1 else ""
        told = found.faults[0].text
        raise BadInput(
            f"{told[:1].upper()}{told[1:]}{more}. Nothing was loaded: mend it, or skip the line."
        )
    if found.questions:
        n = len(found.questions)
        told = "A question is" if n == 1 else f"{n} questions are"
        raise BadInput(f"{told} open, so nothing was loaded. {found.questions[0].text}")


def _write(
    connection: sa.Connection, made: Plan, signs: Sequence[Sign], file_name: str, now: datetime
) -> int:
    here = {account.account_id: account for account in list_accounts(connection)}
    given = crm_imports.insert().values(file_name=file_name, applied_at=now)
    import_id = int(connection.scalars(given.returning(crm_imports.c.import_id)).one())
    lost = displaced(connection, signs)
    rows = []
    new = []
    for account in made.after:
        before = here.get(account.account_id)
        if before is None:
            new.append(account.model_dump())
        else:
            changed = _unlike(before, account)
            where = accounts.c.account_id == account.account_id
            connection.execute(accounts.update().where(where).values(_values(changed)))
        was = None if before is None else _unlike(account, before)
        after = account.model_dump(mode="json") if before is None else _unlike(before, account)
        if was is not None and account.account_id in lost:
            was[_SIGNS] = lost.pop(account.account_id)
        rows.append(_change(import_id, account.account_id, was, after))
    rows += [_change(import_id, one, {_SIGNS: had}, {}) for one, had in lost.items()]
    if new:
        connection.execute(accounts.insert(), new)
    if rows:
        connection.execute(crm_changes.insert(), rows)
    kept = sa.select(crm_imports.c.import_id).order_by(crm_imports.c.import_id.desc()).limit(_KEPT)
    oldest = min(connection.scalars(kept))
    connection.execute(crm_imports.delete().where(crm_imports.c.import_id < oldest))
    return import_id


def _change(
    import_id: int, account_id: str, before: dict[str, object] | None, after: dict[str, object]
) -> dict[str, object]:
    """A row of ``crm_changes``."""
    return {"import_id": import_id, "account_id": account_id, "before": before, "after": after}


def _unlike(before: Account, after: Account) -> dict[str, object]:
    """The fields of ``after`` that are others, as JSON has them."""
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: value for name, value in now.items() if was[name] != value}


def _values(fields: Mapping[str, object]) -> dict[str, object]:
    """Out of JSON as the table has them."""
    read = Account.model_validate({"account_id": "-", "name": "-", **fields})
    return {name: getattr(read, name) for name in fields}


def _refuse_changed(
    connection: sa.Connection,
    before: Mapping[str, object],
    after: Mapping[str, Mapping[str, object]],
) -> None:
    here = {a.account_id: a.model_dump(mode="json") for a in list_accounts(connection)}
    changed = [
        here[one]["name"] if one in here else one
        for one, fields in after.items()
        if one not in here or any(here[one][name] != value for name, value in fields.items())
    ]
    if changed:
        raise Conflict(
            f"{_listed(changed)} changed since the import, so it cannot be taken back; load the "
            "accounts as they are to be instead."
        )
    added = [account_id for account_id, was in before.items() if was is None]
    used = [
        str(here[account_id]["name"])
        for ids in _batches(added)
        for account_id in _in_use(connection, ids)
    ]
    if used:
        raise Conflict(
            f"{_listed(used)} got calls or meetings since the import, so it cannot be taken "
            "back; give the calls another account first."
        )


def _in_use(connection: sa.Connection, ids: list[str]) -> list[str]:
    """Those of the accounts that a call or a meeting is of, or a call is booked with; also a call
    that may yet be parted from another.
    """
    of = (calls.c.account_id, bookings.c.account_id, meetings.c.account_id)
    found = sa.union(*(sa.select(one).where(one.in_(ids)) for one in of))
    undecided = sa.select(call_transcripts.c.alone).where(call_transcripts.c.words_from.is_(None))
    parted = {alone.get("account_id") for alone in connection.scalars(undecided)}
    return sorted({str(one) for one in connection.scalars(found)} | (parted & set(ids)))


def _batches(ids: list[str]) -> list[list[str]]:
    return [ids[n : n + _BATCH] for n in range(0, len(ids), _BATCH)]


def _listed(names: list[str]) -> str:
    some = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{some}{more}"
