"""What language models have cost this home, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.llm.options import ModelOptions
from ingest.llm.request import Purpose
from ingest.tables import model_usage


@dataclass(frozen=True, slots=True)
class Spent:
    """The requests of one purpose. ``cost_usd`` is ``None`` when no price was known for any."""

    kind: str
    subject: str
    requests: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None


def price(options: ModelOptions, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars at the prices of the settings, or ``None`` without prices."""
    if options.prices is None:
        return None
    per_input, per_output = options.prices
    return (input_tokens * per_input + output_tokens * per_output) / 1_000_000


def record(
    connection: sa.Connection,
    options: ModelOptions,
    prompt: str,
    purpose: Purpose,
    tokens: tuple[int, int],
) -> None:
    """Note one request that was billed: ``tokens`` in and out."""
    connection.execute(
        model_usage.insert().values(
            model=options.name,
            prompt=prompt,
            purpose=purpose.kind,
            subject=purpose.subject,
            input_tokens=tokens[0],
            output_tokens=tokens[1],
            cost_usd=price(options, *tokens),
            created_at=datetime.now(UTC),
        )
    )


def spent(connection: sa.Connection) -> float:
    """US dollars, of all requests whose price was known."""
    total = connection.scalar(sa.select(sa.func.sum(model_usage.c.cost_usd)))
    return float(total or 0.0)


def by_purpose(connection: sa.Connection) -> list[Spent]:
    """One for each kind and subject, in the order of their names."""
    kind, subject = model_usage.c.purpose, model_usage.c.subject
    sums = (model_usage.c.input_tokens, model_usage.c.output_tokens, model_usage.c.cost_usd)
    found = connection.execute(
        sa.select(kind, subject, sa.func.count(), *(sa.func.sum(column) for column in sums))
        .group_by(kind, subject)
        .order_by(kind, subject)
    )
    return [Spent(*row) for row in found]
