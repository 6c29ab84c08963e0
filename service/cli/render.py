"""What commands print for people. Programs take --json instead."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.printing import DOUBTFUL, command, console, dropped, indented, several
from service.cli.text import clock, money, plain

if TYPE_CHECKING:
    from ingest.models import Account, Call
    from service.adding import Outcome
    from service.reading import CallText
    from service.shapes import Memo


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
        console().print("No accounts yet: `firsthand accounts import FILE.csv`.")
        return
    table = _table("account", "name", "ARR", "tier", "segment", "region", "renewal", right=["ARR"])
    for a in found:
        row = (a.account_id, a.name, money(a.arr_usd), a.tier, a.segment, a.region, a.renewal_date)
        table.add_row(*map(_cell, row))
    console().print(table)


def calls(found: Sequence[Call], names: Mapping[str, str]) -> None:
    if not found:
        console().print("No calls yet: `firsthand add FILE_OR_FOLDER`, or try `firsthand demo`.")
        return
    table = _table("call", "date", "with", "title", "length", "speakers", "state")
    for c in found:
        account = names.get(c.account_id or "", "no account")
        row = (c.call_id, c.date, account, c.title, clock(c.duration_s) or None, _who(c), _state(c))
        table.add_row(*map(_cell, row))
    console().print(table)


def _state(call: Call) -> str:
    return f"{call.state}, waits for consent" if call.waits_for_consent else call.state


def _who(call: Call, noun: str = "") -> str:
    doubt = " (check who is who)" if any(s.doubt >= DOUBTFUL for s in call.speakers) else ""
    return f"{len(call.speakers)}{noun}{doubt}"


def call(text: CallText, program: str) -> None:
    """``program`` is how to call this one for this home."""
    out = console()
    out.print(Text(plain(text.title), style="bold"))
    read = f"read by {text.read_by}" if text.read_by else None
    facts = (text.call_id, text.date, text.account_id or "no account", clock(text.duration_s), read)
    out.print(Text(plain(" · ".join(str(f) for f in facts if f))))
    if text.waits_for_consent:
        out.print(Text("! It waits for consent and counts nowhere.", style="yellow"))
    elif text.consent:
        out.print(Text(f"consent {text.consent}"))
    if text.transcript_file is not None and text.state == "ready":
        out.print(Text(plain(_words_from(text))))
    for warning in text.warnings:
        out.print(Text(f"! {plain(warning)}", style="yellow"))
    speakers(text)
    suggested(text, program)
    names = {s.label: s.name for s in text.speakers}
    for u in text.utterances:
        line = Text(f"\n[{u.i}] {clock(u.start_s)} ".replace("  ", " "), style="dim")
        line.append(plain(names.get(u.speaker, u.speaker)), style="bold not dim")
        out.print(line)
        out.print(Padding(Text(plain(u.text)), (0, 0, 0, 4)))
    if text.dropped:
        n = len(text.dropped)
        read = f"{several(n, 'thing')} that {text.read_by} read in it did not check out"
        dropped(out, read, [(f"{one.what}: ", one.text, one.why) for one in text.dropped])


def _words_from(call: Call) -> str:
    alike = f" ({call.agreement:.0%} heard alike in the recording)" if call.agreement else ""
    if call.words_from == "transcript":
        return f"words from {call.transcript_file}{alike}, sound from {call.file_name}"
    return f"words heard in {call.file_name}, not from {call.transcript_file}{alike}"


def suggested(found: CallText, program: str) -> None:
    """Who speakers may be, the words that say so, and how to put the name in place."""
    out = console()
    for one in found.suggested:
        out.print(Text(plain(f"{one.label} is perhaps {one.name} (gathered by {found.read_by}):")))
        indented(out, f"“{one.words}” [{one.utterance}]")
        fix = shlex.quote(f"{one.label}={one.name}")
        command(out, f"{program} speakers {shlex.quote(found.call_id)} {fix}")


def speakers(found: Call) -> None:
    table = _table("label", "name", "role", "from", "doubt")
    for s in found.speakers:
        doubt = f"{s.doubt:.0%}" + (" – check" if s.doubt >= DOUBTFUL else "")
        table.add_row(*map(_cell, (s.label, s.name, s.role, s.basis, doubt)))
    console().print(table)


def added(outcome: Outcome) -> None:
    out = console()
    for c in outcome.calls:
        holds = f"{c.utterances_n} utterances, {_who(c, ' speakers')}"
        out.print(Text(f"{c.call_id}  {plain(c.title)}: {holds}"), soft_wrap=True)
        for warning in c.warnings:
            out.print(Text(f"  ! {plain(warning)}", style="yellow"))
        if c.account_id is None:
            out.print("  no account yet; add the file again with --account ID")
    for call_id in outcome.known:
        out.print(f"{call_id}  was here already")
    for call_id in outcome.queued:
        out.print(f"{call_id}  waits for `firsthand serve` or `firsthand worker`")
    if outcome.skipped:
        names = ", ".join(Path(file).name for file in outcome.skipped)
        out.print(Text(f"left out, no calls: {plain(names)}", style="dim"))
    errors = Console(stderr=True, markup=False, highlight=False)
    for failure in outcome.errors:
        errors.print(Text(f"firsthand: {plain(failure.error)}"), soft_wrap=True)


def memo(drafted: Memo, written: str | None) -> None:
    out = console()
    out.print(Text(plain(drafted.title), style="bold"))
    leaving = sum(account.threat for account in drafted.at_risk)
    found = sum(need.by == "model" for need in drafted.needs)
    named = f"{several(found, 'need')} found by the model and not confirmed, " if found else ""
    out.print(
        f"day {drafted.day}: {several(len(drafted.needs) - found, 'confirmed need')}, {named}"
        f"{several(len(drafted.voices), 'account')} in their own words, "
        f"{several(leaving, 'account')} may leave, {len(drafted.not_now)} not now, "
        f"{several(len(drafted.prompts), 'sentence')} left to you"
    )
    if not drafted.needs and drafted.candidates:
        out.print(
            f"no theme is confirmed yet; {several(len(drafted.candidates), 'group')} on offer: "
            "see `firsthand themes`"
        )
    if drafted.changes and drafted.changes.calls:
        out.print(f"since the last memo: {several(len(drafted.changes.calls), 'new call')}")
    out.print(f"written to {written}" if written else f"kept as memo {drafted.id}")
