"""What `doctor` and `models` print for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.leaving import lines
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.transcribe.whisper_models import ModelInfo
    from service.doctor import Report
    from service.spending import Cost, Spending


def _console() -> Console:
    return Console(markup=False, highlight=False, emoji=False)


def doctor(report: Report) -> None:
    console = _console()
    console.print(Text(f"Firsthand {report.version} on Python {report.python}", style="bold"))
    console.print(f"home        {report.home} ({report.disk_free_gb} GB free)")
    console.print(
        f"holds       {report.accounts} accounts, {report.calls} calls, "
        f"{report.utterances} utterances"
    )
    console.print(f"transcriber {report.transcriber_now} (set to {report.transcriber})")
    if report.model is not None:
        console.print(
            f"model       {plain(report.model)} ({report.model_requests} requests so far, "
            f"${report.model_spent_usd:,.2f})"
        )
    else:
        console.print("model       none: rules read, answer and draft (FIRSTHAND_MODEL sets one)")
    kept = "can reach its own home alone" if report.seal else "can reach all: no Landlock here"
    console.print(f"seal        who decodes a file {kept}")
    for part in report.parts:
        there = part.version or "not installed"
        console.print(f"  {part.name:<16} {there:<14} {part.what_for}")
    if not report.leaving:
        console.print(Text("Nothing leaves this machine.", style="green"))
    else:
        console.print("What leaves this machine:")
    for line in lines(report.leaving):
        by = 4 if line.startswith(" ") else 2
        console.print(Padding(Text(line.strip(), style="yellow"), (0, 0, 0, by), expand=False))
    for line in report.mended:
        console.print(Text(f"+ {line}", style="green"))
    for problem in report.problems:
        console.print(Text(f"! {problem}", style="red"))


_FOR = {"call": "calls", "themes": "themes", "question": "questions", "memo": "memos"}


def spending(found: Spending) -> None:
    """What the model was asked for: the dearest first of each kind, and what each kind came to."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("for", "which", "requests", "tokens in", "tokens out", "cost"):
        right = column not in ("for", "which")
        table.add_column(
            column,
            header_style="bold",
            justify="right" if right else "left",
            no_wrap=right or column == "for",
            overflow="fold",
        )
    for kind, group in groupby(found.purposes, key=lambda one: one.kind):
        rows = list(group)
        for row in rows:
            table.add_row(*map(Text, (kind, _which(row), *_numbers([row]))))
        if len(rows) > 1:
            name = f"all {len(rows):,} {_FOR.get(kind, kind)}"
            table.add_row(*(Text(cell, style="bold") for cell in ("", name, *_numbers(rows))))
    console = _console()
    if found.purposes:
        console.print(table)
    budget = found.budget_usd
    limit = "no limit is set" if budget is None else f"the limit is ${budget:,.2f}"
    spent = f"${found.spent_usd:,.4f} in all" if found.purposes else "Nothing asked yet"
    console.print(f"{spent}; {limit}.")


def _which(row: Cost) -> str:
    return plain(f"{row.title} ({row.subject})" if row.title else row.subject or "–")


def _numbers(rows: Sequence[Cost]) -> tuple[str, ...]:
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    counts = (
        sum(row.requests for row in rows),
        sum(row.input_tokens for row in rows),
        sum(row.output_tokens for row in rows),
    )
    return *(f"{n:,}" for n in counts), f"${sum(known):,.4f}" if known else "no price set"


def models(found: Sequence[ModelInfo]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("model", "engine", "here", "size", "from"):
        table.add_column(column, header_style="bold")
    for model in found:
        here = "yes" if model.present else "no"
        size = f"{model.bytes / 1e6:,.0f} MB"
        table.add_row(*map(Text, (model.name, model.engine, here, size, model.source)))
    console = _console()
    console.print(table)
    console.print("Fetch one with `firsthand models get NAME`; nothing is fetched unasked.")
