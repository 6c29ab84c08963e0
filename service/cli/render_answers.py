"""What `answers` and `picks` print for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli import printing, render_answer
from service.cli.printing import indented, several
from service.cli.text import plain

if TYPE_CHECKING:
    from service.shapes import AnswerLine, Filters, KeptAnswer, Pick


def lines(found: Sequence[AnswerLine], names: Mapping[str, str]) -> None:
    out = printing.console()
    for one in found:
        at = f"{one.asked_at:%Y-%m-%d %H:%M}"
        out.print(Text(f"{one.id}  {at}  {plain(one.question)}"), soft_wrap=True)
        told = [several(one.statements_n, "statement"), *_within(one.asked, names)]
        indented(out, " · ".join(told), "dim")
    if not found:
        out.print("Nothing was asked yet.")


def kept(found: KeptAnswer, names: Mapping[str, str], *, verbose: bool) -> None:
    out = printing.console()
    out.print(Text(f"as it was given on {found.asked_at:%Y-%m-%d at %H:%M}", style="dim"))
    if found.withdrawn:
        verb = "was" if found.withdrawn == 1 else "were"
        told = f"! {several(found.withdrawn, 'quote')} {verb} withdrawn since."
        out.print(Text(told, style="yellow"))
    if found.calls_since:
        told = f"! {several(found.calls_since, 'call')} came in since; ask again."
        out.print(Text(told, style="yellow"))
    render_answer.answer(found.answer, names, verbose=verbose)


def picks(found: Sequence[Pick], names: Mapping[str, str]) -> None:
    out = printing.console()
    for one in found:
        out.print(Text(f"{one.id}  {plain(one.statement.text)}", style="bold"))
        indented(out, f"answered: {one.question}", "dim")
        for quote in one.statement.quotes[:2]:
            printing.quote(out, quote, names)
        more = len(one.statement.quotes[2:])
        if more:
            indented(out, f"+ {several(more, 'more quote')}", "dim")
    if not found:
        out.print("Nothing is picked; `firsthand picks add ANSWER N` picks a statement.")


def _within(asked: Filters, names: Mapping[str, str]) -> list[str]:
    """The filters that were set, in words."""
    found = [f"Top {asked.top}"] if asked.top else []
    found += [value for value in (asked.tier, asked.segment, asked.region) if value]
    found += [names.get(a, a) for a in asked.accounts or ()]
    found += [f"since {asked.since}"] if asked.since else []
    return [*found, *([f"until {asked.until}"] if asked.until else [])]
