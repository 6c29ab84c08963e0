"""What the language model cost this home: in all, and for each call, question and memo."""

from __future__ import annotations

from ingest.library import Library
from ingest.llm import spending as core
from ingest.models import Frozen
from ingest.store import list_calls
from service.settings import Settings


class Cost(Frozen):
    """What was asked for one purpose. ``title`` is the call's where ``subject`` is a call.

    ``cost_usd`` is ``None`` when no price was known.
    """

    kind: str
    subject: str
    title: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class Spending(Frozen):
    """``budget_usd`` is the limit of the settings; ``purposes`` are dearest first in each kind."""

    spent_usd: float
    budget_usd: float | None
    purposes: tuple[Cost, ...]


def spending(library: Library, settings: Settings) -> Spending:
    """What this home has spent until now."""
    with library.read() as connection:
        rows, total = core.by_purpose(connection), core.spent(connection)
        titles = {call.call_id: call.title for call in list_calls(connection)}
    costs = [
        Cost(
            kind=row.kind,
            subject=row.subject,
            title=titles.get(row.subject) if row.kind == "call" else None,
            requests=row.requests,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost_usd=row.cost_usd,
        )
        for row in rows
    ]
    costs.sort(key=lambda one: (one.kind, -(one.cost_usd or 0.0), -one.requests, one.subject))
    return Spending(spent_usd=total, budget_usd=settings.model_budget_usd, purposes=tuple(costs))
