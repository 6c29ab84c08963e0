"""What can go wrong with a language model, each with what to do next."""

from __future__ import annotations

from ingest.errors import EngineFailed, FirsthandError


class ModelFailed(EngineFailed):
    """The model's server could not be reached, refused, or answered nothing usable."""


class ModelRefused(FirsthandError):
    """The model declined to answer; asking again would not help."""

    status = 502


class Misshapen(ModelFailed):
    """The model answers, and not in the shape asked for; on the same it will hardly do better."""


class TooLong(ModelFailed):
    """The answer was cut off, or the request is more than the model takes: ask about less."""


class BudgetSpent(FirsthandError):
    """The spending limit does not leave enough for the next request."""

    status = 402
