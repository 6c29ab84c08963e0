"""What commands print about the corrections of a call."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ingest.correction_log import Correction
from service.cli.printing import console, indented
from service.cli.text import clock, plain
from service.reading import CallText


def corrections(found: Sequence[Correction]) -> None:
    """The list, the newest first, with what no longer fitted."""
    out = console()
    if not found:
        out.print("Nothing was corrected in this call.")
    for one in found:
        line = Text(f"{one.at:%Y-%m-%d %H:%M}  {plain(one.what)}")
        if not one.undoable:
            line.append("  (cannot be taken back)", style="dim")
        out.print(line, soft_wrap=True)
        for lost in one.lost:
            where = [lost.speaker or "", clock(lost.start_s)]
            out.print(Text(plain(f"  no longer fitted: {' '.join(filter(None, where))}")))
            if lost.text:
                indented(out, f"“{lost.text}”")


def undone(what: str) -> None:
    console().print(Text(f"Taken back: {plain(what)}."), soft_wrap=True)


def utterance(call: CallText, number: int) -> None:
    """One utterance as it is now, and what was heard where that differs."""
    out = console()
    names = {s.label: s.name for s in call.speakers}
    one = next(u for u in call.utterances if u.i == number)
    out.print(Text(plain(f"[{one.i}] {names.get(one.speaker, one.speaker)}: {one.text}")))
    if one.original is not None:
        out.print(Text(plain(f"heard as: {one.original}"), style="dim"))
    if one.original_speaker is not None:
        out.print(Text(plain(f"heard from: {one.original_speaker}"), style="dim"))
