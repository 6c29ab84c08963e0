"""A request to a model as a value: which prompt, which data, which shape the answer must have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, JsonValue

A = TypeVar("A", bound=BaseModel)

PurposeKind = Literal["call", "themes", "question", "memo"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for: its cost is counted under ``kind`` and ``subject`` (an id)."""

    kind: PurposeKind
    subject: str


@dataclass(frozen=True, slots=True)
class Request(Generic[A]):
    """``prompt`` names a file of ``prompts``: the system message, in which no data stands ever.

    ``data`` is the user message: it is sent as one JSON document, so that nothing anybody said can
    end it. ``calls`` are the ids of the calls whose words are in it: a kept reply goes with them.
    ``answer`` is the shape of what has to come back.
    """

    prompt: str
    data: JsonValue
    answer: type[A]
    purpose: Purpose
    calls: tuple[str, ...] = field(default=())
