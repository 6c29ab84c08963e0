"""Which column of a CRM's file is which field, and how its values are meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from ingest.errors import BadInput
from service.crm import asking
from service.crm.fields import MANY, Proposal, kind_of, propose
from service.crm.mappings import Remembered, Ways, column_key, recall
from service.crm.shapes import Choices, ColumnMap, FieldName, Kind, Question
from service.crm.table import Table
from service.crm.values import DateOrder, Decimal, date_orders, decimals

_SAMPLES = 3
_SAMPLE = 60  # characters


@dataclass(frozen=True, slots=True)
class Mapped:
    """``remembered``: what was mapped before, of these columns or of some much like them."""

    kind: Kind
    columns: Mapping[str, Proposal]
    remembered: Remembered | None

    @property
    def fields(self) -> dict[str, FieldName | None]:
        return {column: one.field for column, one in self.columns.items()}

    def column_of(self, field: FieldName) -> str | None:
        return next((c for c, one in self.columns.items() if one.field == field), None)

    @property
    def tells_whose(self) -> bool:
        """Whether anything says which account a line is about."""
        return bool({"account_id", "name"} & set(self.fields.values()))

    @property
    def exact(self) -> bool:
        return self.remembered is not None and self.remembered.exact


def map_columns(connection: sa.Connection, table: Table, choices: Choices) -> Mapped:
    """What a person chose, else what is remembered, else what names and values speak for.

    Raises ``BadInput`` for a column that is not there, or two that are to be the same field.
    """
    remembered = recall(connection, table.columns)
    exact = remembered is not None and remembered.exact
    kind = choices.kind or (remembered.kind if remembered and exact else kind_of(table))
    found = propose(table, kind)
    if remembered is not None and remembered.kind == kind:
        for column in table.columns:
            key = column_key(column)
            if key in remembered.columns:
                found[column] = Proposal(remembered.columns[key], "remembered", found[column].why)
    for column, field in choices.columns.items():
        if column not in found:
            raise BadInput(f"The file has no column {column[:80]!r}.")
        found[column] = Proposal(field or None, "chosen", found[column].why)
    return Mapped(kind, _once(found, choices.columns), remembered)


def _once(found: Mapping[str, Proposal], chosen: Collection[str]) -> dict[str, Proposal]:
    """Each field from one column: a person's word is worth more than a proposal."""
    kept = dict(found)
    by_field: dict[FieldName, str] = {}
    for column in sorted(found, key=lambda c: c not in chosen):
        field = found[column].field
        if field is None or field in MANY:
            continue
        if field not in by_field:
            by_field[field] = column
        elif column in chosen:
            raise BadInput(
                f"The columns {by_field[field]!r} and {column!r} are both to be {field}; "
                "choose one."
            )
        else:
            kept[column] = Proposal(None, None, f"{field} is taken from {by_field[field]}.")
    return kept


def shown(table: Table, mapped: Mapped) -> tuple[ColumnMap, ...]:
    return tuple(
        ColumnMap(
            column=column,
            field=one.field,
            basis=one.basis,
            samples=_samples(table.values(column)),
            why=one.why,
        )
        for column, one in mapped.columns.items()
    )


def _samples(values: Iterator[str]) -> tuple[str, ...]:
    found: list[str] = []
    for value in values:
        told = " ".join(value.split())
        told = told if len(told) <= _SAMPLE else told[: _SAMPLE - 1] + "…"
        if told not in found:
            found.append(told)
        if len(found) == _SAMPLES:
            break
    return tuple(found)


def settle(table: Table, mapped: Mapped, choices: Choices) -> tuple[Ways, list[Question]]:
    """How dates and amounts are read, and what has to be asked first."""
    before = mapped.remembered.ways if mapped.remembered else Ways()
    questions: list[Question] = []
    if not mapped.tells_whose:
        questions.append(asking.whose())
    elif not mapped.exact and not choices.mapping_is_right:
        fields = {field for field in mapped.fields.values() if field}
        questions.append(asking.mapping(mapped.remembered, fields))
    dates, decimal = before.dates, before.decimal
    if (column := mapped.column_of("renewal_date")) is not None:
        orders = date_orders(table.values(column))
        dates = cast("DateOrder | None", orders.settled(choices.dates, before.dates, "dmy"))
        if dates is None:
            questions.append(asking.dates(column, orders))
    if (column := mapped.column_of("arr_usd")) is not None:
        signs = decimals(table.values(column))
        decimal = cast("Decimal | None", signs.settled(choices.decimal, before.decimal, "point"))
        if decimal is None:
            questions.append(asking.decimal(column, signs))
    stages = choices.stages if choices.stages is not None else before.stages
    return Ways(dates, decimal, stages if mapped.kind == "deals" else None), questions
