"""What the commands about codebook and evidence print for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.text import plain

if TYPE_CHECKING:
    from service.call_ledger import LedgerItem
    from service.codebook import Change
    from service.shapes import Code


def codes(found: Sequence[Code]) -> None:
    if not found:
        _print("No codes yet: `firsthand codebook add LABEL`, or confirm a candidate theme.")
        return
    table = _table("code", "label", "kind", "state", "examples", "against")
    for c in found:
        state = "pinned" if c.pinned and c.state == "active" else c.state
        _row(table, c.id, c.label, c.kind, state, len(c.examples), len(c.counterexamples))
    _console().print(table)


def history(found: Sequence[Change]) -> None:
    if not found:
        _print("Nothing was changed yet.")
        return
    table = _table("when (UTC)", "what")
    for change in found:
        _row(table, f"{change.at:%Y-%m-%d %H:%M}", change.what)
    _console().print(table)


def evidence(found: Sequence[LedgerItem]) -> None:
    if not found:
        _print("There is no evidence here; `firsthand evidence add` adds some.")
        return
    table = _table("evidence", "kind", "strength", "hand", "role", "status", "quote")
    for item in found:
        edited = "" if item.status == "read" else item.status
        _row(table, item.id, item.kind, item.strength, item.hand, item.role, edited, item.quote)
    _console().print(table)


def _console() -> Console:
    # Labels and words are hostile text: never markup, never emoji codes.
    return Console(markup=False, highlight=False, emoji=False)


def _print(sentence: str) -> None:
    _console().print(sentence)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        # An id that is cut or wrapped cannot be copied.
        table.add_column(column, header_style="bold", no_wrap=n == 0, overflow="fold")
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(Text(plain(str(cell))) for cell in cells))
