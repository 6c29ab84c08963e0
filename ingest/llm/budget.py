"""The spending limit: nothing is begun that is expected to go over it; what is billed is noted.

How long an answer gets is not known before: one that is longer than allowed for ends over the limit
and is the last.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.llm.errors import BudgetSpent
from ingest.llm.options import ModelOptions
from ingest.llm.request import Purpose
from ingest.llm.spending import price, record, spent

# Tokens out that a request is taken to need before it is known: answers are lists of short items,
# and models that think aloud bill their thoughts.
OUTPUT_TOKENS = 4_000


@dataclass(slots=True)
class Charge:
    """What one request used, once that is known; nothing while it may not have been billed."""

    tokens: tuple[int, int] | None = None

    def used(self, input_tokens: int, output_tokens: int) -> None:
        """Replaces what was said before."""
        self.tokens = (input_tokens, output_tokens)


class Purse:
    """The limit is of the home: what other processes spent counts, what they are at does not."""

    def __init__(self, options: ModelOptions, engine: sa.Engine) -> None:
        self._options = options
        self._engine = engine
        self._lock = threading.Lock()
        self._reserved = 0.0

    @contextmanager
    def charge(self, prompt: str, purpose: Purpose, input_tokens: int) -> Iterator[Charge]:
        """Hold what one request may cost while it runs, and note what it did cost at the end.

        Raises ``BudgetSpent`` when the limit leaves too little, with what runs counted as spent.
        """
        reserved = self._reserve(input_tokens)
        charge = Charge()
        try:
            yield charge
        finally:
            # Noted before the reservation is given back: nobody sees the money in neither place.
            try:
                if charge.tokens is not None:
                    with self._engine.execution_options(writes=True).begin() as connection:
                        record(connection, self._options, prompt, purpose, charge.tokens)
            finally:
                with self._lock:
                    self._reserved -= reserved

    def _reserve(self, input_tokens: int) -> float:
        limit = self._options.budget_usd
        if limit is None:
            return 0.0
        needed = price(self._options, input_tokens, OUTPUT_TOKENS) or 0.0
        with self._lock:
            with self._engine.connect() as connection:
                already = spent(connection)
            if already + self._reserved + needed > limit:
                raise BudgetSpent(
                    f"The spending limit of ${limit:g} (FIRSTHAND_MODEL_BUDGET_USD) is reached: "
                    f"${already:.2f} spent; nothing is lost, raise it and go on."
                )
            self._reserved += needed
        return needed
