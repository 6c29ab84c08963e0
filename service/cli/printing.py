"""How words, quotes and headings look on a terminal: the parts that several outputs share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from service.cli.text import clock, masked, plain

if TYPE_CHECKING:
    from service.shapes import Quote

DOUBTFUL = 0.2  # from here on a role is shown with a question mark
_CLIPPED = 160  # characters of a quote in a list of many


def console() -> Console:
    # Names and words are hostile text: never markup, never emoji codes.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=False)


def several(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def indented(to: Console, text: str, style: str = "", by: int = 3) -> None:
    to.print(Padding(Text(plain(text), style=style), (0, 0, 0, by), expand=False))


def heading(to: Console, text: str) -> None:
    to.print(Text(f"\n{plain(text)}", style="bold"))


def command(to: Console, text: str, by: int = 3) -> None:
    """A line to be copied: never broken, however narrow the terminal."""
    to.print(Text(" " * by + plain(text), style="cyan"), soft_wrap=True)


def dropped(to: Console, title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """What a model gave and its quotes do not bear: (what it was to be, text, why), struck out."""
    heading(to, f"{title}:")
    for what, text, why in rows:
        line = Text(f"✗ dropped {what}", style="dim")
        line.append(plain(text) or "not repeated here", style="strike" if text else "")
        to.print(Padding(line, (0, 0, 0, 3), expand=False))
        indented(to, f"because {why}", "dim", by=5)


def quote(
    to: Console, said: Quote, names: Mapping[str, str] | None = None, *, clipped: bool = False
) -> None:
    """Who said it stands below it, with what a reader should know of that.

    Without ``names`` the account is left out: it stands above.
    """
    text = masked(said.text)  # before it is cut
    text = shorten(text, _CLIPPED, placeholder=" …") if clipped else text
    indented(to, f"“{text}”")
    who = said.speaker
    if names is not None:
        who += f", {names.get(said.account_id or '', said.account_id or 'no account')}"
    place = f"{who}, {said.call_id} [{said.utterance}] {clock(said.start_s)}"
    notes = []
    if said.role_doubt >= DOUBTFUL:
        notes.append("role uncertain")
    if said.hand == "third":
        notes.append("hearsay: about others")
    told = f"{place.rstrip()} ({'; '.join(notes)})" if notes else place.rstrip()
    indented(to, told, "dim")
