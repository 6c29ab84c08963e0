"""What `firsthand accounts show` and `accounts import --dry-run` print for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.printing import DOUBTFUL, console, heading, indented, quote, several
from service.cli.text import clock, money, plain

if TYPE_CHECKING:
    from service.account_import import FieldChange, ImportPreview
    from service.account_page import AccountPage

_LISTED = 20  # accounts of a sort that are named


def preview(found: ImportPreview) -> None:
    """What loading the file would change."""
    out = console()
    for fault in found.faults[:_LISTED]:
        out.print(Text(plain(fault), style="red"))
    _more(len(found.faults), "faulty line")
    if found.faults:
        out.print("Nothing of a file with a faulty line is loaded.")
    changes(found)
    if found.emptied:
        out.print(Text(f"{several(found.emptied, 'field')} would be emptied.", style="yellow"))
    if found.missing:
        out.print(f"The file has no column {', '.join(found.missing)}.")
    out.print("Nothing was changed.")


def changes(found: ImportPreview) -> None:
    """Accounts that would be added and changed."""
    out = console()
    heading(out, several(len(found.added), "account") + " would be added")
    for account in found.added[:_LISTED]:
        indented(out, f"{account.account_id}  {account.name}  {money(account.arr_usd)}")
    _more(len(found.added), "account")
    heading(out, several(len(found.changed), "account") + " would change")
    for change in found.changed[:_LISTED]:
        indented(out, f"{change.account_id}  {change.name}")
        for field in change.fields:
            indented(out, _changed(field), by=6)
    _more(len(found.changed), "account")
    out.print()
    out.print(
        f"{found.same:,} in the file as they are here, {found.untouched:,} here and not in it."
    )


def _more(n: int, noun: str) -> None:
    if n > _LISTED:
        indented(console(), f"and {several(n - _LISTED, f'more {noun}')}", "dim")


def _changed(change: FieldChange) -> str:
    def shown(value: str | float | None) -> str:
        if value is None:
            return "nothing"
        return money(value) if isinstance(value, float) else value

    return f"{change.field}: {shown(change.before)} → {shown(change.after)}"


def page(found: AccountPage) -> None:
    """One account."""
    out = console()
    out.print(Text(plain(found.name), style="bold"))
    rank = f"number {found.rank} by ARR" if found.rank else None
    renewal = f"renews {found.renewal_date}" if found.renewal_date else None
    health = f"health {found.health}" if found.health else None
    facts = (found.account_id, money(found.arr_usd), rank, found.tier, found.segment, found.region)
    out.print(Text(plain(" · ".join(str(f) for f in (*facts, renewal, health) if f))))
    also = (*found.aliases, *found.domains, *(f"id {one}" for one in found.crm_ids))
    if also:
        out.print(Text(plain(f"Also known as {', '.join(also)}"), style="dim"))
    for sentence in found.missing:
        out.print(Text(f"! {sentence}", style="yellow"))
    _calls(found)
    _people(found)
    for theme in found.themes:
        where = f"{theme.kind}, {theme.status}, {several(theme.mentions_n, 'mention')} of theirs"
        heading(out, f"{theme.label} ({where})")
        for said in theme.quotes:
            quote(out, said, clipped=True)
    if found.also:
        heading(out, "Also said")
        for said in found.also:
            quote(out, said, clipped=True)
    if found.at_risk:
        heading(out, "May leave" if found.at_risk.threat else "Renews soon, and complains hard")
        for one in found.at_risk.statements:
            for said in one.quotes:
                quote(out, said, clipped=True)


def _calls(found: AccountPage) -> None:
    if found.calls:
        heading(console(), several(len(found.calls), "call"))
    for call in found.calls:
        facts = (call.call_id, call.date or "no date", call.title, clock(call.duration_s))
        indented(console(), "  ".join(str(f) for f in facts if f))


def _people(found: AccountPage) -> None:
    if found.people:
        heading(console(), "Who spoke")
    for person in found.people:
        doubt = ", a guess" if person.role_doubt >= DOUBTFUL else ""
        title = f", {person.title}" if person.title else ""
        n = several(len(person.calls), "call")
        indented(console(), f"{person.name}{title} ({person.role}{doubt}), {n}")
