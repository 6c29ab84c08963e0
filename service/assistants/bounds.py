"""How much an assistant is told at once: it has little room, and long lists crowd out the question.

What was left out is counted, so that it can be asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from service.shapes import Quote

Told = TypeVar("Told", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most so many ``quotes`` in any list of quotes, and ``limit`` things in any other."""

    quotes: int = 3
    limit: int = 50


def bounded(told: Told, bounds: Bounds) -> tuple[Told, dict[str, int]]:
    """``told`` with its lists cut short; by the path of each kind of list how much was left out."""
    left: Counter[str] = Counter()
    return _model(told, bounds, "", left), dict(left)


def _model(told: Told, bounds: Bounds, path: str, left: Counter[str]) -> Told:
    found = {
        name: _value(getattr(told, name), bounds, f"{path}.{name}" if path else name, left)
        for name in type(told).model_fields
    }
    return told.model_copy(update=found)


def _value(value: object, bounds: Bounds, path: str, left: Counter[str]) -> object:
    if isinstance(value, BaseModel):
        return _model(value, bounds, path, left)
    if not isinstance(value, tuple):
        return value
    most = bounds.quotes if value and isinstance(value[0], Quote) else bounds.limit
    if len(value) > most:
        left[path] += len(value) - most
    return tuple(_value(one, bounds, path, left) for one in value[:most])
