"""What `doctor` and `models` print for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from ingest.llm.spending import Spent
    from ingest.transcribe.whisper_models import ModelInfo
    from service.doctor import Report


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
            f"model       {report.model} ({report.model_requests} requests so far, "
            f"${report.model_spent_usd:,.2f})"
        )
    else:
        console.print("model       none: rules read, answer and draft (FIRSTHAND_MODEL sets one)")
    for part in report.parts:
        there = part.version or "not installed"
        console.print(f"  {part.name:<16} {there:<14} {part.what_for}")
    if not report.leaving:
        console.print(Text("Nothing leaves this machine.", style="green"))
    for leaving in report.leaving:
        sentence = f"Leaves this machine: {leaving.what}, to {leaving.where}, {leaving.when}."
        console.print(Text(sentence, style="yellow"))
    for problem in report.problems:
        console.print(Text(f"! {problem}", style="red"))


def spending(rows: Sequence[Spent], total: float, budget: float | None) -> None:
    """What models were asked for: a line for each kind, then the subjects that cost most."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("for", "which", "requests", "tokens in", "tokens out", "cost"):
        right = column not in ("for", "which")
        table.add_column(column, header_style="bold", justify="right" if right else "left")
    for row in sorted(rows, key=lambda r: (r.kind, -(r.input_tokens + r.output_tokens))):
        cost = "no price set" if row.cost_usd is None else f"${row.cost_usd:,.4f}"
        numbers = (f"{n:,}" for n in (row.requests, row.input_tokens, row.output_tokens))
        table.add_row(*map(Text, (row.kind, row.subject or "", *numbers, cost)))
    console = _console()
    if rows:
        console.print(table)
    limit = "no limit is set" if budget is None else f"the limit is ${budget:,.2f}"
    console.print(f"${total:,.4f} in all; {limit}." if rows else f"Nothing asked yet; {limit}.")


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
