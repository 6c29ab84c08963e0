"""What `loop` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.printing import console, indented
from service.cli.text import money, plain

if TYPE_CHECKING:
    from service.loop import Entry, Queue


def queue(found: Queue) -> None:
    """Need by need, and beneath each whom to tell, with the note."""
    out = console()
    for need in found.needs:
        since = f" on {need.status_at:%Y-%m-%d}" if need.status_at else ""
        out.print(Text(f"{plain(need.label)}  ({need.status}{since}, {need.id})", style="bold"))
        for entry in need.entries:
            out.print(Text(f"  {_line(entry)}"), soft_wrap=True)
            for line in entry.note.splitlines():
                indented(out, line, "dim", by=4)
    if not found.needs:
        out.print(
            "Nobody is to be told anything here. Mark a need as shipped with "
            "`firsthand codebook status CODE shipped`."
        )


def _line(entry: Entry) -> str:
    owner = f", {plain(entry.owner)}’s" if entry.owner else ""
    state = ""
    if entry.at is not None:
        state = f"  {entry.state} by {plain(entry.by or '')} on {entry.at:%Y-%m-%d}"
    return f"{entry.id}  {plain(entry.account)} ({money(entry.arr_usd)}{owner}){state}"
