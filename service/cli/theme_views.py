"""Commands that show themes from other sides: one to read, by account, over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

import click

from service.cli.shell import Chosen, Shell, account_names, command, filter_options, filters

if TYPE_CHECKING:
    from rich.console import Console

    from service.heatmap import Heatmap
    from service.one_theme import OneTheme
    from service.timeline import Timeline

_HOW = {1: "mildly", 2: "plainly", 3: "strongly"}


@click.command()
@click.argument("theme_id", metavar="THEME")
@filter_options
@command
def theme(shell: Shell, theme_id: str, **chosen: Unpack[Chosen]) -> None:
    """One theme to read: each account's words, and those against.

    \b
    Example: firsthand theme code-83bc1e403c25 --account ACC-1187
    """
    from service.cli import printing
    from service.one_theme import one_theme

    with shell.library() as library:
        found = one_theme(library, theme_id, filters(chosen))
        names = account_names(library)
    if shell.as_json:
        return shell.document(found)
    _theme(printing.console(), found, names)
    return None


@click.command()
@filter_options
@command
def heatmap(shell: Shell, **chosen: Unpack[Chosen]) -> None:
    """How often and how strongly each account spoke of each theme.

    \b
    Example: firsthand heatmap --top 20
    """
    from service.cli import printing
    from service.heatmap import heatmap as heatmap_of

    with shell.library() as library:
        found = heatmap_of(library, filters(chosen))
    if shell.as_json:
        return shell.document(found)
    _heatmap(printing.console(), found)
    return None


@click.command()
@filter_options
@command
def timeline(shell: Shell, **chosen: Unpack[Chosen]) -> None:
    """When each theme was spoken of, first to last.

    \b
    Example: firsthand timeline --segment Utilities
    """
    from service.cli import printing
    from service.timeline import timeline as timeline_of

    with shell.library() as library:
        found = timeline_of(library, filters(chosen))
    if shell.as_json:
        return shell.document(found)
    _timeline(printing.console(), found)
    return None


def _theme(to: Console, one: OneTheme, names: Mapping[str, str]) -> None:
    from service.cli import printing
    from service.cli.text import money

    told = one.theme
    printing.heading(to, told.label)
    figures = [printing.several(told.accounts_n, "account"), f"{money(told.arr_usd)} a year"]
    printing.indented(to, " · ".join([*figures, printing.several(told.mentions_n, "mention")]))
    if told.definition:
        printing.indented(to, told.definition)
    for mine in one.words:
        who = names.get(mine.account_id or "", mine.account_id or "Calls without an account")
        printing.heading(to, f"{who}, {printing.several(mine.mentions_n, 'mention')}")
        for quote in mine.quotes:
            printing.quote(to, quote)
        if left := mine.mentions_n - len(mine.quotes):
            printing.indented(to, f"+ {printing.several(left, 'more quote')}", "dim")
    if one.against:
        printing.heading(to, f"What speaks against it ({one.against_n})")
    for quote in one.against:
        printing.quote(to, quote, names)


def _heatmap(to: Console, found: Heatmap) -> None:
    from service.cli import printing
    from service.cli.text import money

    names = {account.account_id: account.name for account in found.accounts}
    if not found.themes:
        to.print("No theme that has a name was spoken of; `firsthand themes` shows what could be.")
    for row in found.themes:
        open_ = "" if row.status == "confirmed" else ", not confirmed"
        printing.heading(to, f"{row.label}, {money(row.arr_usd)} a year{open_}")
        for cell in row.cells:
            how = f"{printing.several(cell.mentions_n, 'mention')}, put {_HOW[cell.intensity]}"
            printing.indented(to, f"{names[cell.account_id]}: {how}")
    silent = [account.name for account in found.accounts if not account.heard]
    if silent:
        printing.heading(to, "Not heard yet")
        printing.indented(to, ", ".join(silent))
    if found.accounts_left_out:
        left = printing.several(found.accounts_left_out, "smaller account")
        printing.indented(to, f"{left} left out; filters choose others.", "dim")


def _timeline(to: Console, found: Timeline) -> None:
    from service.cli import printing

    if not found.themes:
        to.print("No theme that has a name was spoken of; `firsthand themes` shows what could be.")
    for row in found.themes:
        printing.heading(to, row.label)
        if row.first_heard is not None:
            printing.indented(to, f"first {row.first_heard}, last {row.last_heard}")
        steps = [f"{one.date} {one.mentions_n}" for one in row.heard]
        if row.undated_n:
            steps.append(f"no date {row.undated_n}")
        printing.indented(to, " · ".join(steps), "dim")
    if found.themes and found.step != "day":
        printing.indented(to, f"Each date is the first day of a {found.step}.", "dim")


COMMANDS = (theme, heatmap, timeline)
