"""How a home's CRM files were mapped, by the names of their columns: the same columns again are
mapped by themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import cast

import sqlalchemy as sa

from ingest.errors import Conflict, NotFound
from ingest.tables import crm_mappings
from service.crm.shapes import FieldName, Kind
from service.crm.shapes import Mapping as Shown
from service.crm.values import DateOrder, Decimal

_KEPT = 50  # mappings; those not used for longest go
_ALIKE = 0.5  # of the columns at least are the same


@dataclass(frozen=True, slots=True)
class Ways:
    """How values are read; ``None`` was never asked. ``stages`` are those summed."""

    dates: DateOrder | None = None
    decimal: Decimal | None = None
    stages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """``exact``: of just these columns, in whatever order; else of a file that is much alike."""

    mapping_id: str
    kind: Kind
    columns: Mapping[str, FieldName | None]  # by column_key
    ways: Ways
    exact: bool

    @property
    def fields(self) -> set[FieldName]:
        return {field for field in self.columns.values() if field is not None}


def column_key(column: str) -> str:
    """What is remembered is remembered of a name in whatever capitals and spacing."""
    return " ".join(column.casefold().split())


def recall(connection: sa.Connection, columns: Iterable[str]) -> Remembered | None:
    """The mapping of these columns, else of those most like them, if any are."""
    keys = {column_key(column) for column in columns}
    best: tuple[float, Remembered] | None = None
    newest_first = sa.select(crm_mappings).order_by(crm_mappings.c.used_at.desc())
    for row in connection.execute(newest_first):
        kept = {column_key(column): field for column, field in row.columns}
        alike = len(keys & kept.keys()) / len(keys | kept.keys())
        if alike >= _ALIKE and (best is None or alike > best[0]):
            exact = row.mapping_id == _digest(columns)
            best = (alike, Remembered(row.mapping_id, row.kind, kept, _ways(row.ways), exact))
    return best and best[1]


def remember(
    connection: sa.Connection,
    kind: Kind,
    columns: Mapping[str, FieldName | None],
    ways: Ways,
    now: datetime,
) -> None:
    """In place of what was remembered of the same columns."""
    mapping_id = _digest(columns)
    connection.execute(crm_mappings.delete().where(crm_mappings.c.mapping_id == mapping_id))
    connection.execute(
        crm_mappings.insert().values(
            mapping_id=mapping_id,
            kind=kind,
            columns=[[column, field] for column, field in columns.items()],
            ways=asdict(ways),
            used_at=now,
        )
    )
    c = crm_mappings.c
    kept = sa.select(c.mapping_id).order_by(c.used_at.desc()).limit(_KEPT)
    stale = set(connection.scalars(sa.select(c.mapping_id))) - set(connection.scalars(kept))
    connection.execute(crm_mappings.delete().where(c.mapping_id.in_(sorted(stale))))


def list_mappings(connection: sa.Connection) -> list[Shown]:
    """The mapping used last comes first."""
    return [
        Shown(
            id=row.mapping_id[:12],
            kind=row.kind,
            columns=dict(row.columns),
            used_at=row.used_at.replace(tzinfo=UTC).isoformat(timespec="seconds"),
        )
        for row in connection.execute(
            sa.select(crm_mappings).order_by(crm_mappings.c.used_at.desc())
        )
    ]


def forget(connection: sa.Connection, mapping_id: str) -> None:
    """The beginning of the id will do, as the list has it. Raises ``NotFound``, and ``Conflict``
    where it is that of several.
    """
    c = crm_mappings.c.mapping_id
    found = list(
        connection.scalars(sa.select(c).where(c.startswith(mapping_id, autoescape=True)).limit(2))
    )
    if not mapping_id or not found:
        raise NotFound(f"No mapping {mapping_id!r} is remembered; see `firsthand crm mappings`.")
    if len(found) > 1:
        raise Conflict(
            f"More than one mapping begins with {mapping_id!r}; give more of the id, as "
            "`firsthand crm mappings` has it."
        )
    connection.execute(crm_mappings.delete().where(c == found[0]))


def _digest(columns: Iterable[str]) -> str:
    keys = sorted({column_key(column) for column in columns})
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


def _ways(kept: Mapping[str, object]) -> Ways:
    stages = kept.get("stages")
    return Ways(
        cast("DateOrder | None", kept.get("dates")),
        cast("Decimal | None", kept.get("decimal")),
        tuple(map(str, stages)) if isinstance(stages, list) else None,
    )
