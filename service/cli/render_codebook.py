"""What the commands about codebook and evidence print for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.printing import command, console, indented
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.models import Call
    from service.call_ledger import LedgerItem
    from service.codebook import Change
    from service.shapes import Code

_BY = {"model": "the model", "person": "you"}
_KINDS = ("pain", "request", "praise", "risk", "competitor")


def codes(found: Sequence[Code], program: str) -> None:
    """``program`` is how to call this one for this home."""
    out = console()
    if not found:
        out.print("No codes yet. A code is a theme that you named; two ways to the first one:")
        command(out, f"{program} themes", 2)
        indented(out, "offers groups of customers' words, to be named or put aside", by=6)
        command(out, f'{program} codebook add "What you call it"', 2)
        indented(out, "writes one of your own", by=6)
        return
    table = _table("code", "label", "kind", "state", "for", "against")
    for c in found:
        state = "pinned" if c.pinned and c.state == "active" else c.state
        _row(table, c.id, c.label, c.kind, state, len(c.examples), len(c.counterexamples))
    out.print(table)
    _hint(
        out,
        "for, against: words that people judged, or gave as examples. "
        "`firsthand codebook CODE` shows them; `firsthand themes` counts who spoke of each.",
    )


def code(found: Code) -> None:
    """One code, whole."""
    out = console()
    state = "dismissed" if found.state == "dismissed" else "pinned" if found.pinned else ""
    _title(out, found.label, ", ".join(filter(None, (found.id, found.kind, state, _status(found)))))
    for what, text in (
        ("means", found.definition),
        ("belongs to it", found.include),
        ("does not", found.exclude),
    ):
        if text:
            indented(out, f"{what}: {text}")
    for what, words in (
        ("words that belong to it", found.examples),
        ("words that do not", found.counterexamples),
    ):
        if words:
            indented(out, f"{what} ({len(words)}):")
        for said in words:
            indented(out, f"“{said}”", by=6)


def changed(found: Code) -> None:
    """A code after a change, in a line, and how to go on."""
    out = console()
    state = "dismissed" if found.state == "dismissed" else "pinned" if found.pinned else ""
    judged = f"{len(found.examples)} for, {len(found.counterexamples)} against"
    told = (found.id, found.kind, state, _status(found), judged)
    _title(out, found.label, ", ".join(filter(None, told)))
    _hint(out, "`firsthand themes` counts anew, `firsthand codebook undo` takes it back.")


def _status(found: Code) -> str:
    """What became of the need; nothing while nothing did."""
    if found.status_at is None:
        return ""
    return f"{found.status} since {found.status_at:%Y-%m-%d}"


def history(found: Sequence[Change]) -> None:
    if not found:
        console().print("Nothing was changed yet.")
        return
    table = _table("when (UTC)", "what")
    for change in found:
        _row(table, f"{change.at:%Y-%m-%d %H:%M}", change.what)
    console().print(table)


def evidence(found: Sequence[LedgerItem]) -> None:
    out = console()
    if not found:
        out.print("There is no evidence here; `firsthand evidence add` adds some.")
    for item in found:
        facts = [f"{item.kind}, strength {item.strength}", item.speaker]
        if item.role == "internal":
            facts.append("your own people: counts for no customer")
        if item.hand == "third":
            facts.append("hearsay: about others")
        if item.status != "read":
            facts.append(item.status)
        if item.missed:
            facts.append("found by the rules, passed over by the model: not counted")
        elif item.by != "rules":
            facts.append(f"found by {_BY[item.by]}")
        _title(out, item.id, " · ".join(facts))
        indented(out, f"“{item.quote}”")
        for what, text in (("need", item.need), ("problem", item.problem)):
            if text:
                indented(out, f"{what}, as the model read it: {text}", "dim")


def evidence_by_call(found: Sequence[tuple[Call, Sequence[LedgerItem]]]) -> None:
    """How much of each kind customers said in each call; without what does not count."""
    out = console()
    if not found:
        out.print("No calls yet: `firsthand add FILE_OR_FOLDER`, or try `firsthand demo`.")
        return
    table = _table("call", "title", *_KINDS)
    for call, items in found:
        counted: Counter[str] = Counter(
            item.kind
            for item in items
            if item.role == "customer"
            and item.status not in ("rejected", "lost")
            and not item.missed
        )
        _row(table, call.call_id, call.title, *(counted[kind] or "–" for kind in _KINDS))
    out.print(table)
    _hint(
        out,
        "Items of evidence in what customers said. "
        "`firsthand evidence CALL` lists a call's, with the ids by which to correct them.",
    )


def _title(out: Console, name: str, facts: str) -> None:
    line = Text(plain(name), style="bold")
    line.append(f"  {plain(facts)}", style="dim not bold")
    out.print(line)


def _hint(out: Console, sentence: str) -> None:
    out.print(Text(f"\n{plain(sentence)}", style="dim"))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        # An id that is cut or wrapped cannot be copied, and a heading that is cannot be read.
        least = len(column) if n > 1 else None
        table.add_column(
            column, header_style="bold", no_wrap=n == 0, overflow="fold", min_width=least
        )
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(plain(str(cell))) for cell in cells))
