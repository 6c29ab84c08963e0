"""The lines of a CRM's file as what they say about accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ingest.errors import BadInput
from ingest.transcripts.clean import clean_name, clean_title
from service.crm.fields import YES
from service.crm.mappings import Ways
from service.crm.names import domains_in, id_key, name_key
from service.crm.shapes import ALL, Fault, FieldName
from service.crm.table import Row, Table
from service.crm.values import currency_of, named_currency, parse_amount, parse_day

_TRAITS: tuple[FieldName, ...] = ("tier", "segment", "region", "health")
DOLLARS = "USD"
_TRAIT_LIMIT = 100
_ID_LIMIT = 100
_SEVERAL = 20  # domains, or other names, of one line

Value = str | float | date


@dataclass(frozen=True, slots=True)
class Record:
    """What a line, or several about the same account, say. ``values`` by the account's fields.

    ``unlike`` are fields about which the lines differ, and which therefore say nothing. Where none
    of its deals is of a stage that was chosen, it does not ``count``.
    """

    lines: tuple[int, ...]
    crm_id: str
    other_ids: tuple[str, ...]  # a deal can be of several companies
    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    stage: str = ""
    unlike: tuple[str, ...] = ()
    counts: bool = True
    no_rate: str = ""  # the currency of its amount, which nobody gave a rate for

    @property
    def line(self) -> int:
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class Read:
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    deleted: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a table: which column is which field, and how its values are meant."""

    columns: Mapping[FieldName, Sequence[int]]
    ways: Ways
    rates: Mapping[str, float]
    header_currency: str | None


def reading(
    table: Table, columns: Mapping[str, FieldName | None], ways: Ways, rates: Mapping[str, float]
) -> Reading:
    at: defaultdict[FieldName, list[int]] = defaultdict(list)
    for n, column in enumerate(table.columns):
        if (told := columns[column]) is not None:
            at[told].append(n)
    currency = None
    if at["arr_usd"]:
        currency = named_currency(table.columns[at["arr_usd"][0]])
    return Reading(dict(at), ways, {**rates, DOLLARS: 1.0}, currency)


def read_records(table: Table, how: Reading) -> Read:
    """One record for each good line. ``how.ways`` are settled, or their questions are open and
    what cannot be read without an answer says nothing.
    """
    records: list[Record] = []
    deleted: list[Record] = []
    faults = [Fault(line=line, text=text) for line, text in table.faults]
    for row in table.rows:
        try:
            record = _record(row, how)
        except BadInput as problem:
            faults.append(Fault(line=row.line, text=f"line {row.line}, {problem}"))
            continue
        gone = _cell(row, how, "deleted").casefold() in YES
        (deleted if gone else records).append(record)
    return Read(tuple(records), tuple(faults), tuple(deleted))


def by_account(records: Iterable[Record], stages: Sequence[str] | None) -> tuple[Record, ...]:
    """Deals put together by the account they are of, in the order of the file.

    With ``stages`` only those deals say anything but whose they are, and their amounts are summed;
    without them amounts say nothing. Where deals differ otherwise they say nothing.
    """
    every = list(records)
    ids_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in every:
        if one.crm_id:
            ids_of[name_key(one.name)].add(id_key(one.crm_id))
    groups: defaultdict[tuple[str, ...], list[Record]] = defaultdict(list)
    for one in every:
        ids = {id_key(one.crm_id)} if one.crm_id else {id_key(i) for i in one.other_ids}
        if not ids and len(ids_of[name_key(one.name)]) == 1:
            ids = ids_of[name_key(one.name)]
        groups[("id", *sorted(ids)) if ids else ("name", name_key(one.name))].append(one)
    return tuple(_together(group, stages) for group in groups.values())


def counted(records: Iterable[Record], stages: Sequence[str] | None) -> list[Record]:
    """The deals of the stages; without any, all."""
    return [one for one in records if not stages or ALL in stages or one.stage in stages]


def _together(group: Sequence[Record], stages: Sequence[str] | None) -> Record:
    counting = counted(group, stages)
    values: dict[str, Value] = {}
    unlike = []
    amounts = [a for one in counting if isinstance(a := one.values.get("arr_usd"), float)]
    if stages and amounts:
        values["arr_usd"] = round(sum(amounts), 2)
    for name in sorted({name for one in counting for name in one.values} - {"arr_usd"}):
        told = {one.values[name] for one in counting if name in one.values}
        if len(told) == 1:
            values[name] = told.pop()
        else:
            unlike.append(name)
    first = next((one for one in group if one.crm_id), group[0])
    return replace(
        first,
        lines=tuple(one.line for one in group),
        values=values,
        domains=tuple(dict.fromkeys(d for one in group for d in one.domains)),
        aliases=tuple(dict.fromkeys(a for one in group for a in one.aliases)),
        unlike=tuple(unlike),
        counts=bool(counting),
    )


# --- one line ------------------------------------------------------------------------------------


def _record(row: Row, how: Reading) -> Record:
    """Raises ``BadInput`` with what is wrong in which column."""
    ids = tuple(dict.fromkeys(_ids(_cell(row, how, "account_id"))))
    name = _told("the account's name", _cell(row, how, "name"))
    if not ids and not name_key(name):
        raise BadInput("no id and no name says which account it is about")
    values: dict[str, Value] = {}
    for trait in _TRAITS:
        if text := _told(trait, _cell(row, how, trait)):
            if len(text) > _TRAIT_LIMIT:
                raise BadInput(f"{trait} has over {_TRAIT_LIMIT} characters; shorten it")
            values[trait] = text
    if owner := _told("owner", _cell(row, how, "owner")):
        values["owner"] = owner
    if (day := _day(_cell(row, how, "renewal_date"), how)) is not None:
        values["renewal_date"] = day
    amount, currency = _amount(row, how)
    if amount is not None and currency in how.rates:
        values["arr_usd"] = round(amount * how.rates[currency], 2)
    return Record(
        lines=(row.line,),
        crm_id=ids[0] if len(ids) == 1 else "",
        other_ids=ids if len(ids) > 1 else (),
        name=name,
        values=values,
        domains=tuple(d for cell in _cells(row, how, "domains") for d in domains_in(cell))[
            :_SEVERAL
        ],
        aliases=tuple(
            told
            for cell in _cells(row, how, "aliases")
            for part in cell.split(";")
            if (told := _told("another name", part))
        )[:_SEVERAL],
        stage=clean_title(_cell(row, how, "stage")) or "",
        no_rate=currency if currency not in how.rates else "",
    )


def _ids(cell: str) -> list[str]:
    """A company's ids, several parted by semicolons where a deal has several."""
    found = [" ".join(part.split()) for part in cell.split(";")]
    for one in found:
        if len(one) > _ID_LIMIT or not one.isprintable():
            raise BadInput(f"the account's id is no id; it has over {_ID_LIMIT} characters")
    return [one for one in found if one]


def _told(what: str, cell: str) -> str:
    try:
        return clean_name(cell)
    except BadInput as problem:
        raise BadInput(f"{what}: {problem}") from problem


def _day(text: str, how: Reading) -> date | None:
    if not text:
        return None
    if how.ways.dates is None:  # a question is open
        return None
    try:
        return parse_day(text, how.ways.dates)
    except BadInput as problem:
        raise BadInput(f"renewal date: {problem}") from problem


def _amount(row: Row, how: Reading) -> tuple[float | None, str]:
    """The amount and its currency; no amount where the cell is empty, or a question open."""
    text = _cell(row, how, "arr_usd")
    if not text or how.ways.decimal is None:
        return None, DOLLARS
    try:
        amount, told = parse_amount(text, how.ways.decimal)
    except BadInput as problem:
        raise BadInput(f"amount: {problem}") from problem
    cell = _cell(row, how, "currency")
    if told is None and cell not in ("", "$"):
        told = currency_of(cell)
        if told is None:
            raise BadInput(f"currency: {clean_name(cell[:40])!r} is none that is known here")
    return amount, told or how.header_currency or DOLLARS


def _cell(row: Row, how: Reading, name: FieldName) -> str:
    at = how.columns.get(name)
    return row.cells[at[0]] if at else ""


def _cells(row: Row, how: Reading, name: FieldName) -> Sequence[str]:
    return [row.cells[n] for n in how.columns.get(name, ())]
