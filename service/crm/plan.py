"""From a CRM's file and what a person said of it to what would change; nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.models import Account
from service.account_import import AccountChange, ImportPreview, changes
from service.crm import asking, notes
from service.crm.columns import map_columns, settle, shown
from service.crm.mappings import Ways
from service.crm.outcome import accounts_after, learnt
from service.crm.records import Read, by_account, counted, read_records, reading
from service.crm.shapes import (
    SKIP,
    Choices,
    CrmPreview,
    FieldName,
    Kind,
)
from service.crm.signs import Sign, known_by
from service.crm.table import Table
from service.crm.whose import decide


@dataclass(frozen=True, slots=True)
class Plan:
    """``preview`` for people; the rest is what applying writes."""

    preview: CrmPreview
    after: tuple[Account, ...]  # new and changed accounts, as they would be
    signs: tuple[Sign, ...]
    columns: Mapping[str, FieldName | None]
    ways: Ways
    kind: Kind


def plan(connection: sa.Connection, table: Table, choices: Choices) -> Plan:
    """Raises ``BadInput`` for a choice that fits nothing in the file or in the home."""
    signs = known_by(connection)
    mapped = map_columns(connection, table, choices)
    ways, questions = settle(table, mapped, choices)
    how = reading(table, mapped.fields, ways, choices.rates)
    read = read_records(table, how) if mapped.tells_whose else Read((), (), ())
    records = read.records
    if mapped.kind == "deals":
        if mapped.column_of("arr_usd") and ways.stages is None:
            questions.append(asking.stages(read.records))
        elif ways.stages:
            questions += asking.rates(counted(read.records, ways.stages))
        records = by_account(read.records, ways.stages)
    decided = decide(records, signs, choices)
    if mapped.kind == "accounts":
        questions += asking.rates(one.record for one in decided.kept)
    questions += decided.questions
    after = accounts_after(decided.kept, signs, mapped.kind)
    _refuse_other_lines(table, choices)
    faults = tuple(f for f in read.faults if choices.matches.get(f.line) != SKIP)
    difference = _difference(signs.accounts, after)
    skipped = len(decided.skipped) + len(read.faults) - len(faults)
    preview = CrmPreview(
        kind=mapped.kind,
        rows_n=len(table.rows) + len(table.faults),
        columns=shown(table, mapped),
        remembered=mapped.exact,
        questions=tuple(questions),
        faults=faults,
        notes=(
            *notes.of_file(table, mapped, read, ways),
            *notes.of_accounts(read, decided, after, signs),
        ),
        skipped=skipped,
        difference=difference,
        seen=_seen(difference),
    )
    written = tuple(a for a in after.values() if signs.accounts.get(a.account_id) != a)
    told = tuple(learnt(decided.kept, after, signs, mapped.kind))
    return Plan(preview, written, told, mapped.fields, ways, mapped.kind)


def _refuse_other_lines(table: Table, choices: Choices) -> None:
    known = {row.line for row in table.rows} | {line for line, _ in table.faults}
    if other := sorted(choices.matches.keys() - known):
        raise BadInput(f"The file has no account in line {other[0]}.")


def _difference(here: Mapping[str, Account], after: Mapping[int, Account]) -> ImportPreview:
    given = tuple(after.values())
    added = tuple(a for a in given if a.account_id not in here)
    changed: tuple[AccountChange, ...] = tuple(changes(here, given))
    return ImportPreview(
        added=added,
        changed=changed,
        same=len(given) - len(added) - len(changed),
        untouched=len(here.keys() - {a.account_id for a in given}),
        emptied=0,
    )


def _seen(difference: ImportPreview) -> str:
    told = difference.model_dump_json(include={"added", "changed"})
    return hashlib.sha256(told.encode()).hexdigest()
