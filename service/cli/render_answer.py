"""What `firsthand ask` prints for people: counted statements apart from one account's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from service.cli import printing
from service.cli.printing import heading, indented, several
from service.cli.text import money, plain

if TYPE_CHECKING:
    from service.shapes import Answer, Statement

# The count; then the accounts, or what a reader should know of it.
_COUNTED = re.compile(r"(.*? worth \$[\d,]+ a year(?:, \d+ of the Top 20)?)([.:]) ?(.*)", re.DOTALL)
_LONG = 5  # accounts in their own words; more than these are shown briefly
_QUOTES = 2  # quotes shown under a counted statement
_AGAINST = 3  # statements shown that speak against it


def answer(given: Answer, names: Mapping[str, str], *, verbose: bool = False) -> None:
    """``verbose`` prints every quote, whole; otherwise long lists are shortened and say so."""
    console = printing.console()
    heard = given.coverage
    console.print(Text(plain(given.question), style="bold"))
    console.print(
        f"heard {heard.accounts_heard} of {several(heard.accounts_in_scope, 'account')} in scope "
        f"({money(heard.arr_heard_usd)} of {money(heard.arr_in_scope_usd)} a year), "
        f"{several(heard.calls_read, 'call')}"
    )
    if given.provenance.note:
        console.print(Text(f"! {plain(given.provenance.note)}", style="yellow"))
    if given.provenance.mode == "llm" and given.statements:
        console.print(
            Text(
                f"sentences written by {plain(given.provenance.model or 'a language model')}, each "
                "checked against the quotes under it; quotes, sums and order are not the model's",
                style="dim",
            )
        )
    if given.reason and given.abstained:
        console.print(Text(f"\nNo answer: {plain(given.reason)}", style="yellow"))
    elif given.reason:
        console.print(Text(f"\n{plain(given.reason)}"))
    summed = given.provenance.mode == "llm" and given.kind != "lookup"
    whole = _statements(console, given.statements, names, verbose=verbose, summed=summed)
    if given.counter:
        heading(console, "What speaks against it")
        whole &= _few(console, given.counter, names, verbose=verbose, summed=summed)
    if given.internal:
        heading(console, "Said only by your own people (counts for no customer)")
        _quotes(console, given.internal, names)
    if given.nearest:
        heading(console, "Nearest, but no clear answer" if given.abstained else "Also near")
        _quotes(console, given.nearest, names)
    silent = [names.get(a, a) for a in heard.accounts_silent]
    if silent and given.kind != "lookup" and not given.reason:
        console.print(Text(f"\nnot heard: {plain(', '.join(silent))}", style="dim"))
    if len(given.statements) > _LONG and all(lead(s) is not None for s in given.statements):
        console.print(
            "\nNo confirmed theme is in this answer, so nothing is added up across accounts: "
            "`firsthand themes` shows what could be named."
        )
    _dropped(console, given, verbose=verbose)
    if not whole:
        console.print(Text("\n--verbose prints every quote, whole; --json has all.", style="dim"))


def _dropped(console: Console, given: Answer, *, verbose: bool) -> None:
    found = given.provenance.dropped
    if not found:
        return
    told = f"{several(len(found), 'sentence')} did not check out"
    if not verbose:
        console.print(Text(f"\n{told}; --verbose shows what and why.", style="dim"))
        return
    model = plain(given.provenance.model or "a language model")
    rows = [("", one.text, one.why) for one in found]
    printing.dropped(console, f"Dropped of what {model} wrote: {told}", rows)


def lead(statement: Statement) -> str | None:
    """What stands before the quote in which the sentence ends; ``None`` for a sentence of its own.

    A statement without quoted words counts something, or sums it up; one with them is a voice.
    """
    said = [" ".join(quote.text.split()) for quote in statement.quotes]
    start = statement.text.find("“")
    while start >= 0:
        inner = " ".join(statement.text[start + 1 :].rstrip("” .").rstrip("… ").split())
        if inner and any(inner in words for words in said):
            return statement.text[:start].rstrip(": ")
        start = statement.text.find("“", start + 1)
    return None


def _statements(
    console: Console,
    found: Sequence[Statement],
    names: Mapping[str, str],
    *,
    verbose: bool,
    summed: bool,
) -> bool:
    """Whether all was printed. ``summed`` puts accounts and revenue under a model's sentence."""
    whole, n = True, 0
    for voice, group in groupby(found, key=lambda s: lead(s) is not None):
        run = list(group)
        brief = voice and len(run) > _LONG and not verbose
        if voice and len(run) > _LONG:
            heading(console, f"{_voices(run)} in their own words, most revenue first")
        for statement in run:
            n += 1
            if brief:
                _brief(console, n, statement, names)
            else:
                mark = f"{n}."
                whole &= _statement(console, mark, statement, names, verbose=verbose, summed=summed)
        whole &= not brief
    return whole


def _voices(run: Sequence[Statement]) -> str:
    accounts = {a for s in run for a in s.accounts}
    unknown = any(not s.accounts for s in run)
    told = several(len(accounts), "account")
    return f"{told}, and calls without an account," if unknown else told


def _few(
    console: Console,
    found: Sequence[Statement],
    names: Mapping[str, str],
    *,
    verbose: bool,
    summed: bool,
) -> bool:
    shown = found if verbose else found[:_AGAINST]
    whole = len(shown) == len(found)
    for statement in shown:
        whole &= _statement(console, "–", statement, names, verbose=verbose, summed=summed)
    if len(shown) < len(found):
        indented(console, f"… and {len(found) - len(shown)} more", "dim")
    return whole


def _quotes(console: Console, found: Sequence[Statement], names: Mapping[str, str]) -> None:
    """What is no answer has no rank and no revenue."""
    for quote in (quote for statement in found for quote in statement.quotes):
        console.print()
        printing.quote(console, quote, names)


def _statement(
    console: Console,
    mark: str,
    statement: Statement,
    names: Mapping[str, str],
    *,
    verbose: bool,
    summed: bool,
) -> bool:
    before = lead(statement)
    if before is None:
        found = _COUNTED.match(statement.text)
        console.print(
            Text(f"\n{mark} {plain(found[1] if found else statement.text)}", style="bold")
        )
        if found and found[2] == "." and found[3]:
            indented(console, f"! {found[3]}", "yellow")
        if summed and not found:
            who = several(statement.accounts_n, "account")
            indented(console, f"{who}, {_worth(statement)}" if statement.accounts else "no account")
        if found or len(statement.accounts) > 1:
            indented(console, ", ".join(names.get(a, a) for a in statement.accounts))
        shown = statement.quotes if verbose else statement.quotes[:_QUOTES]
    else:
        title = plain(whose(statement, before, names))
        line = Text(f"\n{mark} {title}", style="bold")
        line.append(f"  {_worth(statement)}" if statement.accounts else "")
        console.print(line)
        shown = statement.quotes
    for quote in shown:
        printing.quote(console, quote, names if before is None else None)
    left = len(statement.quotes) - len(shown)
    if left:
        indented(console, f"+ {several(left, 'more quote')}", "dim")
    return not left


def _brief(console: Console, n: int, statement: Statement, names: Mapping[str, str]) -> None:
    title = plain(whose(statement, lead(statement) or "", names))
    line = Text(f"\n{n}. {title}", style="bold")
    if statement.accounts:
        line.append(f"  {_worth(statement)}")
    if more := len(statement.quotes) - 1:
        line.append(f"  + {several(more, 'more quote')}", style="dim not bold")
    console.print(line)
    printing.quote(console, statement.quotes[0], clipped=True)


def _worth(statement: Statement) -> str:
    return f"{money(statement.arr_usd)} a year" if statement.arr_usd else "no ARR on file"


def whose(statement: Statement, before: str, names: Mapping[str, str]) -> str:
    """The account instead of who spoke, who stands under the quote; and what else is said of it."""
    first = statement.quotes[0]
    account = names.get(first.account_id or "", "no account")
    speaker = f"{first.speaker} ({account})"
    return before.removesuffix(speaker) + account if before.endswith(speaker) else before
