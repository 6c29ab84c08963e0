"""What commands print for people. Programs take --json instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.text import clock, money, plain

if TYPE_CHECKING:
    from ingest.models import Account, Call
    from service.adding import Outcome
    from service.reading import CallText
    from service.shapes import Answer, Memo, Quote, Statement, Theme

DOUBTFUL = 0.2  # from here on a role is shown with a question mark


def _console() -> Console:
    # Names and words are hostile text: never markup, never emoji codes.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=False)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            header_style="bold",
            # An id or a date that is cut or wrapped cannot be copied.
            no_wrap=column in ("call", "account", "date", "ARR", "renewal", "last heard"),
            min_width=17 if column == "call" else len(column),
        )
    return table


def _cell(value: object) -> Text:
    return Text("–" if value is None else plain(str(value)))


def accounts(found: Sequence[Account]) -> None:
    if not found:
        _console().print("No accounts yet: `firsthand accounts import FILE.csv`.")
        return
    table = _table("account", "name", "ARR", "tier", "segment", "region", "renewal", right=["ARR"])
    for a in found:
        row = (a.account_id, a.name, money(a.arr_usd), a.tier, a.segment, a.region, a.renewal_date)
        table.add_row(*map(_cell, row))
    _console().print(table)


def calls(found: Sequence[Call], names: Mapping[str, str]) -> None:
    if not found:
        _console().print("No calls yet: `firsthand add FILE_OR_FOLDER`, or try `firsthand demo`.")
        return
    table = _table("call", "date", "with", "title", "length", "speakers", "state")
    for c in found:
        account = names.get(c.account_id or "", "no account")
        row = (c.call_id, c.date, account, c.title, clock(c.duration_s) or None, _who(c), c.state)
        table.add_row(*map(_cell, row))
    _console().print(table)


def _who(call: Call) -> str:
    doubt = " (check who is who)" if any(s.doubt >= DOUBTFUL for s in call.speakers) else ""
    return f"{len(call.speakers)}{doubt}"


def call(text: CallText) -> None:
    console = _console()
    console.print(Text(plain(text.title), style="bold"))
    facts = (text.call_id, text.date, text.account_id or "no account", clock(text.duration_s))
    console.print(Text(plain(" · ".join(str(f) for f in facts if f))))
    for warning in text.warnings:
        console.print(Text(f"! {plain(warning)}", style="yellow"))
    speakers(text)
    names = {s.label: s.name for s in text.speakers}
    for u in text.utterances:
        line = Text(f"\n[{u.i}] {clock(u.start_s)} ".replace("  ", " "), style="dim")
        line.append(plain(names.get(u.speaker, u.speaker)), style="bold not dim")
        console.print(line)
        console.print(Padding(Text(plain(u.text)), (0, 0, 0, 4)))


def speakers(found: Call) -> None:
    table = _table("label", "name", "role", "from", "doubt")
    for s in found.speakers:
        doubt = f"{s.doubt:.0%}" + (" – check" if s.doubt >= DOUBTFUL else "")
        table.add_row(*map(_cell, (s.label, s.name, s.role, s.basis, doubt)))
    _console().print(table)


def added(outcome: Outcome) -> None:
    console = _console()
    for c in outcome.calls:
        console.print(
            Text(f"{c.call_id}  {plain(c.title)}: {c.utterances_n} utterances, {_who(c)} speakers"),
            soft_wrap=True,
        )
        for warning in c.warnings:
            console.print(Text(f"  ! {plain(warning)}", style="yellow"))
        if c.account_id is None:
            console.print("  no account yet; add the file again with --account ID")
    for call_id in outcome.known:
        console.print(f"{call_id}  was here already")
    for call_id in outcome.queued:
        console.print(f"{call_id}  waits for `firsthand serve` or `firsthand worker`")
    if outcome.skipped:
        names = ", ".join(Path(file).name for file in outcome.skipped)
        console.print(Text(f"left out, no calls: {plain(names)}", style="dim"))
    errors = Console(stderr=True, markup=False, highlight=False)
    for failure in outcome.errors:
        errors.print(Text(f"firsthand: {plain(failure.error)}"), soft_wrap=True)


def answer(given: Answer, names: Mapping[str, str]) -> None:
    console = _console()
    heard = given.coverage
    console.print(Text(plain(given.question), style="bold"))
    console.print(
        f"heard {heard.accounts_heard} of {heard.accounts_in_scope} accounts in scope "
        f"({money(heard.arr_heard_usd)} of {money(heard.arr_in_scope_usd)}), "
        f"{_n(heard.calls_read, 'call')}"
    )
    if given.abstained:
        console.print(Text(f"\nNo answer: {plain(given.reason or '')}", style="yellow"))
    _statements(console, None, given.statements, names)
    _statements(console, "Against it", given.counter, names)
    _statements(console, "Said only by your own people (not counted)", given.internal, names)
    _statements(console, "Nearest, but no clear answer", given.nearest, names)
    silent = [names.get(a, a) for a in heard.accounts_silent]
    if silent and given.kind != "lookup":
        console.print(Text(f"\nnot heard: {plain(', '.join(silent))}", style="dim"))


def _statements(
    console: Console, heading: str | None, found: Sequence[Statement], names: Mapping[str, str]
) -> None:
    if found and heading:
        console.print(Text(f"\n{heading}", style="bold"))
    for n, statement in enumerate(found, start=1):
        accounts = ", ".join(names.get(a, a) for a in statement.accounts) or "no account"
        console.print(Text(f"\n{n}. {plain(accounts)}  {money(statement.arr_usd)}", style="bold"))
        for quote in statement.quotes:
            _quote(console, quote)


def _quote(console: Console, quote: Quote) -> None:
    console.print(Padding(Text(f"“{plain(quote.text)}”"), (0, 0, 0, 3)))
    place = f"{quote.speaker}, {quote.call_id} [{quote.utterance}] {clock(quote.start_s)}".rstrip()
    doubt = " (role uncertain)" if quote.role_doubt >= DOUBTFUL else ""
    hand = " (about others)" if quote.hand == "third" else ""
    console.print(Padding(Text(plain(place) + doubt + hand, style="dim"), (0, 0, 0, 3)))


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def themes(found: Sequence[Theme], names: Mapping[str, str]) -> None:
    console = _console()
    if not found:
        console.print("No themes: no customer in scope voiced a need. See `firsthand coverage`.")
        return
    for t in found:
        accounts = ", ".join(names.get(a.account_id, a.account_id) for a in t.accounts)
        console.print(Text(f"\n{t.rank}. {plain(t.label)}", style="bold"))
        facts = f"{t.kind}, {t.status} · {money(t.arr_usd)} · {_n(t.accounts_n, 'account')} "
        console.print(Text(f"   {facts}({t.top_accounts_n} of the Top 20): {plain(accounts)}"))
        for quote in t.evidence[:2]:
            _quote(console, quote)


def memo(drafted: Memo, written: str | None) -> None:
    console = _console()
    console.print(Text(plain(drafted.title), style="bold"))
    leaving = sum(account.threat for account in drafted.at_risk)
    console.print(
        f"day {drafted.day}: {_n(len(drafted.needs), 'confirmed need')}, "
        f"{_n(len(drafted.voices), 'account')} in their own words, "
        f"{_n(leaving, 'account')} may leave, {len(drafted.not_now)} not now, "
        f"{_n(len(drafted.prompts), 'sentence')} left to you"
    )
    if not drafted.needs and drafted.candidates:
        console.print(
            f"no theme is confirmed yet; {_n(len(drafted.candidates), 'group')} on offer: "
            "see `firsthand codebook`"
        )
    if drafted.changes and drafted.changes.calls:
        console.print(f"since the last memo: {_n(len(drafted.changes.calls), 'new call')}")
    console.print(f"written to {written}" if written else f"kept as memo {drafted.id}")
