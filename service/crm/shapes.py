"""What is shown and asked about a CRM's file, and what a person answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ingest.models import Frozen
from service.account_import import ImportPreview
from service.crm.values import DateOrder, Decimal

Kind = Literal["accounts", "deals"]
FieldName = Literal[
    "account_id",
    "name",
    "arr_usd",
    "currency",
    "tier",
    "segment",
    "region",
    "renewal_date",
    "health",
    "owner",
    "domains",
    "aliases",
    "stage",
    "deleted",
]
Basis = Literal["remembered", "name", "values", "chosen"]
ALL = "*"  # in place of stages: all of them
NEW, SKIP = "new", "skip"  # in place of an account's id


def _codes(rates: dict[str, float]) -> dict[str, float]:
    return {code.upper(): rate for code, rate in rates.items()}


class Choices(Frozen):
    """What a person said about a file; what is left out is proposed, remembered or asked."""

    kind: Kind | None = Field(default=None, description="whether a line is an account or a deal")
    columns: dict[str, FieldName | Literal[""]] = Field(
        default={}, max_length=500, description="column to field; empty: leave the column out"
    )
    mapping_is_right: bool = False
    matches: dict[int, str] = Field(
        default={},
        max_length=100_000,
        description="line to an account's id, `new`, or `skip`; a faulty line can be skipped",
    )
    others: Literal["new", "skip"] | None = Field(
        default=None, description="for every doubtful line without a word of its own"
    )
    dates: DateOrder | None = None
    decimal: Decimal | None = None
    rates: Annotated[
        dict[
            Annotated[str, Field(pattern="^[A-Za-z]{3}$")],
            Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)],
        ],
        AfterValidator(_codes),
    ] = Field(default={}, max_length=50, description="dollars for one of a currency")
    stages: tuple[str, ...] | None = Field(
        default=None,
        max_length=200,
        description="of deals: whose amounts are summed as ARR; `*` all of them, none: no amounts",
    )


class ColumnMap(Frozen):
    """``field`` is null for a column that is left out; ``why`` says so where it may surprise."""

    column: str
    field: FieldName | None
    basis: Basis | None
    samples: tuple[str, ...] = Field(description="the first different values")
    why: str = ""


class Candidate(Frozen):
    account_id: str
    name: str
    why: str


class Stage(Frozen):
    stage: str
    deals_n: int


class Question(Frozen):
    """What only a person can say. ``line`` and ``candidates`` go with match and twice."""

    about: Literal["mapping", "dates", "decimal", "rate", "stages", "match", "twice"]
    text: str
    line: int | None = None
    name: str = ""
    candidates: tuple[Candidate, ...] = ()
    may_be_new: bool = False
    currency: str = ""
    stages: tuple[Stage, ...] = ()


class Fault(Frozen):
    line: int
    text: str


class CrmPreview(Frozen):
    """What applying the file would do. With questions or faults left nothing is applied."""

    kind: Kind
    rows_n: int
    columns: tuple[ColumnMap, ...]
    remembered: bool = Field(description="the same columns were mapped before")
    questions: tuple[Question, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = Field(description="what was read or left out, in sentences")
    skipped: int = Field(description="lines left out because a person said so")
    difference: ImportPreview
    seen: str = Field(description="changes with the difference; give it back to apply just this")


class Applied(Frozen):
    import_id: int | None = Field(description="null where there was nothing new in the file")
    added: int
    changed: int
    same: int
    remembered: int = Field(description="ids, domains and other names learnt")


class Undone(Frozen):
    import_id: int
    file_name: str
    removed: int
    put_back: int


class Mapping(Frozen):
    """A mapping that is remembered for files with just these columns."""

    id: str
    kind: Kind
    columns: dict[str, FieldName | None]
    used_at: str


class CallMatch(Frozen):
    """An account that a call without one may belong to."""

    call_id: str
    title: str
    date: dt.date | None
    account_id: str
    name: str
    why: str
