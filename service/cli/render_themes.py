"""What `firsthand themes` prints: what is confirmed, ranked, and what is only offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from service.cli import printing
from service.cli.printing import command, heading, indented, several
from service.cli.text import money, plain

if TYPE_CHECKING:
    from service.shapes import Code, Theme

_QUOTES = 2
_BY = {
    "arr": "most revenue first",
    "accounts": "most accounts first",
    "top": "most of the Top 20 first",
    "mentions": "most mentions first",
}


def themes(
    confirmed: Sequence[Theme],
    found: Sequence[Theme],
    offered: Sequence[Theme],
    codes: Sequence[Code],
    names: Mapping[str, str],
    *,
    by: str,
    program: str,
    verbose: bool,
) -> None:
    """``found`` a model named; ``offered`` are groups over all calls; ``program`` is how to call
    this one for this home.
    """
    console = printing.console()
    if confirmed:
        heading(console, f"Confirmed themes, {_BY[by]}")
    for theme in confirmed:
        _named(console, theme, names, verbose=verbose)
    heard = {theme.id for theme in confirmed}
    unheard = [code for code in codes if code.id not in heard]
    if unheard:
        heading(console, "In the codebook, but no words for it were found in scope")
        indented(console, ", ".join(code.label for code in unheard))
        indented(
            console,
            f"If somebody did speak of one, show where: {program} codebook judge",
            "dim",
        )
    if not codes and (found or offered):
        _first(console, program, found=bool(found))
    if found:
        heading(console, f"Found by the model, not yet confirmed, {_BY[by]}")
        indented(
            console,
            "Named by a language model; their figures are counted from the quotes, as yours are.",
        )
    for theme in found:
        _named(console, theme, names, verbose=verbose)
        command(console, f"{program} codebook confirm {theme.id}")
        command(console, f"{program} codebook dismiss {theme.id}")
    if not confirmed and not found and not offered and not codes:
        console.print(
            "Nothing to name yet: no customer voiced a need. `firsthand coverage` says who was "
            "heard, `firsthand add FILE` takes calls in."
        )
    if offered:
        heading(console, "Candidate groups: not confirmed, not ranked")
        indented(
            console,
            "Words that lie near each other, by likeness alone; some groups are about nothing. "
            "Read one (all of it with --verbose), then name it or put it aside. "
            "What you decide changes what else is offered.",
        )
    for theme in offered:
        _candidate(console, theme, names, program, verbose=verbose)


def _first(console: Console, program: str, *, found: bool) -> None:
    console.print(
        "\nNo theme is confirmed yet, so none is ranked. Themes are yours to name; ways to begin:"
    )
    of_model = ("confirm what the model found, below", "codebook confirm ID")
    for what, line in (
        *((of_model,) if found else ()),
        ("name a group offered below", 'codebook confirm ID --label "What you call it"'),
        ("write one yourself", 'codebook add "What you call it" --definition "What it means"'),
        ("load those you have", "codebook import codes.csv"),
    ):
        indented(console, f"– {what}:")
        command(console, f"{program} {line}", 5)


def _named(console: Console, theme: Theme, names: Mapping[str, str], *, verbose: bool) -> None:
    pinned = ", pinned" if theme.pinned else ""
    line = Text(f"\n{theme.rank}. {plain(theme.label)}", style="bold")
    line.append(f"  {theme.kind}{pinned}", style="dim not bold")
    console.print(line)
    facts = [
        several(theme.accounts_n, "account"),
        f"{money(theme.arr_usd)} a year",
        f"{theme.top_accounts_n} of the Top 20",
        several(theme.mentions_n, "mention"),
        f"confidence {theme.confidence}",
    ]
    indented(console, " · ".join(facts))
    if theme.definition:
        indented(console, theme.definition)
    for note in theme.notes:
        indented(console, f"! {note}", "yellow")
    accounts = [names.get(a.account_id, a.account_id) for a in theme.accounts]
    if accounts:
        indented(console, ", ".join(accounts), "dim")
    _quotes(console, theme, names, verbose=verbose)
    if theme.counter:
        against = theme.counter if verbose else theme.counter[:1]
        indented(console, f"What speaks against it ({len(theme.counter)}):")
        for quote in against:
            printing.quote(console, quote, names)
    if theme.status == "confirmed":
        indented(console, theme.id, "dim")


def _candidate(
    console: Console, theme: Theme, names: Mapping[str, str], program: str, *, verbose: bool
) -> None:
    facts = f"{theme.kind} · {several(theme.accounts_n, 'account')} · {theme.id}"
    console.print(Text(f"\n– {plain(facts)}"))
    _quotes(console, theme, names, verbose=verbose)
    command(console, f'{program} codebook confirm {theme.id} --label "…"')
    command(console, f"{program} codebook dismiss {theme.id}")


def _quotes(console: Console, theme: Theme, names: Mapping[str, str], *, verbose: bool) -> None:
    shown = theme.evidence if verbose else theme.evidence[:_QUOTES]
    for quote in shown:
        printing.quote(console, quote, names, clipped=not verbose)
    if left := len(theme.evidence) - len(shown):
        indented(console, f"+ {several(left, 'more quote')}", "dim")
