"""What `firsthand crm` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from service.cli import render_account
from service.cli.printing import console, heading, indented, several
from service.cli.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.crm.shapes import Applied, CallMatch, CrmPreview, Mapping

_LISTED = 20
_HOW = {
    "mapping": "--map COLUMN=FIELD changes one, --yes says it is right",
    "dates": "--dates dmy or mdy",
    "decimal": "--decimal point or comma",
    "rate": "--rate {currency}=…",
    "stages": "--sum STAGE, repeatable; --sum all; --sum none",
    "match": "--match {line}=ACCOUNT, new or skip",
    "twice": "--match {line}=skip, or ACCOUNT",
}


def preview(found: CrmPreview) -> None:
    """Everything: the columns, what is open, what would change."""
    out = console()
    columns(found)
    for note in found.notes:
        out.print(Text(plain(note)))
    for fault in found.faults[:_LISTED]:
        out.print(Text(plain(fault.text), style="red"))
    if len(found.faults) > _LISTED:
        indented(out, f"and {len(found.faults) - _LISTED} more faulty lines", "dim")
    for question in found.questions[:_LISTED]:
        out.print(Text(f"? {plain(question.text)}", style="yellow"))
        for one in question.candidates:
            indented(out, f"{one.account_id}  {one.name}: {one.why}")
        for stage in question.stages:
            indented(out, f"{stage.stage or 'no stage'} ({stage.deals_n})")
        how = _HOW[question.about].format(line=question.line, currency=question.currency)
        indented(out, how, "dim")
    if len(found.questions) > _LISTED:
        indented(out, f"and {len(found.questions) - _LISTED} more questions", "dim")
    difference(found)
    out.print("Nothing was changed.")


def columns(found: CrmPreview, *, numbered: bool = False) -> None:
    """Which column is what, with a sample of its values."""
    table = Table(box=None, pad_edge=False)
    for name in ("Column", "Field", "Values"):
        table.add_column(name, overflow="fold")
    for n, one in enumerate(found.columns, start=1):
        if not numbered and one.field is None and not one.why:
            continue
        name = f"{n}  {one.column}" if numbered else one.column
        field = one.field or "–"
        samples = " · ".join(one.samples)
        told = f"{samples}\n{one.why}" if one.why and one.field is None else samples
        table.add_row(Text(plain(name)), field, Text("\n".join(map(plain, told.split("\n")))))
    out = console()
    out.print(table)
    left = sum(one.field is None for one in found.columns)
    if left and not numbered:
        out.print(f"{several(left, 'column')} left out.")


def difference(found: CrmPreview) -> None:
    """Accounts that would be added and changed."""
    render_account.changes(found.difference)
    if found.skipped:
        console().print(f"{several(found.skipped, 'line')} left out, as you said.")


def applied(done: Applied, program: str) -> None:
    console().print(
        f"{several(done.added, 'account')} added, {done.changed:,} changed, {done.same:,} the "
        f"same. `{plain(program)} crm undo` takes it back."
    )


def mappings(found: Sequence[Mapping]) -> None:
    out = console()
    for one in found:
        heading(out, f"{one.id}  {one.kind}, used {one.used_at}")
        for column, field in one.columns.items():
            if field is not None:
                indented(out, f"{column}: {field}")
    if not found:
        out.print("No mapping is remembered yet.")


def calls(found: Sequence[CallMatch]) -> None:
    out = console()
    for one in found:
        indented(out, f"{one.call_id}  {one.date or 'no date'}  {one.title}", by=0)
        indented(out, f"{one.account_id}  {one.name}? {one.why}")
    if not found:
        out.print("No call without an account has a customer at a domain of one account only.")
