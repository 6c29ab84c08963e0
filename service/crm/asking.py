"""The questions about a CRM's file, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from service.crm.mappings import Remembered
from service.crm.matching import Doubt
from service.crm.records import Record
from service.crm.shapes import ALL, FieldName, Question, Stage
from service.crm.values import Evidence

_STAGES = 200
_NAMED = 5


def whose() -> Question:
    return Question(
        about="mapping",
        text="No column says which account a line is about. Choose one as account_id or name.",
    )


def mapping(before: Remembered | None, fields: Collection[FieldName]) -> Question:
    if before is None:
        return Question(about="mapping", text="Is it right which column is what?")
    lost = sorted(before.fields - set(fields))
    told = f" Nothing is {', '.join(lost)} any more." if lost else ""
    return Question(
        about="mapping",
        text=f"The columns are not quite those of last time.{told} Is it right which one is what?",
    )


def dates(column: str, found: Evidence) -> Question:
    sample = found.unclear or ""
    told = f": {sample[:40]}" if sample else ""
    why = "Some dates" if found.seen else "Dates"
    return Question(
        about="dates",
        text=f"{why} in {column} can be read in two ways{told}. "
        "Does the day stand first (dmy), or the month (mdy)?",
    )


def decimal(column: str, found: Evidence) -> Question:
    sample = found.unclear or ""
    told = f": {sample[:40]}" if sample else ""
    return Question(
        about="decimal",
        text=f"Amounts in {column} can be read in two ways{told}. "
        "Does a point stand before cents (1,234.50), or a comma (1.234,50)?",
    )


def rates(records: Iterable[Record]) -> list[Question]:
    """For each currency without a rate, told with the first line it is in."""
    without: dict[str, int] = {}
    for one in records:
        if one.no_rate:
            without.setdefault(one.no_rate, one.line)
    return [
        Question(
            about="rate",
            text=f"Line {line} has an amount in {currency}, and ARR is in US dollars. "
            f"How many dollars is one {currency}?",
            currency=currency,
            line=line,
        )
        for currency, line in sorted(without.items())
    ]


def stages(records: Sequence[Record]) -> Question:
    counted = Counter(one.stage for one in records)
    return Question(
        about="stages",
        text="Amounts are per deal, and ARR is per account. "
        "The deals of which stages are to be added up as ARR?",
        stages=tuple(Stage(stage=stage, deals_n=n) for stage, n in counted.most_common(_STAGES)),
    )


def summed(records: Sequence[Record], stages: Sequence[str]) -> Iterator[str]:
    """What was added up and what was not."""
    if not stages:
        yield "Amounts of deals are left out."
        return
    counted = Counter(one.stage for one in records)
    if ALL in stages:
        yield "The amounts of all deals of an account are added up as its ARR."
        return
    yield f"Amounts are added up of the stages {', '.join(sorted(stages))}."
    others = [
        f"{stage or 'none'} ({n})" for stage, n in counted.most_common() if stage not in stages
    ]
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        yield f"Not counted are those of the stages {', '.join(others[:_NAMED])}{more}."


def match(record: Record, doubt: Doubt) -> Question:
    what = record.name or f"id {record.crm_id or ', '.join(record.other_ids)}"
    return Question(
        about="match",
        text=f"Line {record.line}: {what}. Is it one of these accounts?"
        if doubt.candidates
        else f"Line {record.line}: {what}. Which account is it?",
        line=record.line,
        name=record.name,
        candidates=doubt.candidates,
        may_be_new=bool(record.name),
    )


def nameless(record: Record) -> Question:
    return Question(
        about="match",
        text=f"Line {record.line} has the id {record.crm_id} and no name, and no account here is "
        "known by it. Which one is it?",
        line=record.line,
    )


def twice(record: Record, first: int, *, named: bool) -> Question:
    what = record.name or record.crm_id
    return Question(
        about="twice",
        text=f"Line {record.line}: {what} is about the same account as line {first}. Leave it out?",
        line=record.line,
        name=record.name,
        may_be_new=named and bool(record.name),
    )
