"""An answer that arrives: its elements one by one, and the whole of it in the end."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar, get_args

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json

A = TypeVar("A", bound=BaseModel)
I_co = TypeVar("I_co", covariant=True)


class Streamed(Iterator[I_co], Generic[A, I_co]):
    """Yields the elements of one list of the answer as they arrive; raises what ``Llm.ask`` does.

    For one reader. Left before the end it is to be closed: until then the request goes on.
    """

    def __init__(self, elements: Generator[I_co, None, A], shape: Shape) -> None:
        self._elements = elements
        self._shape = shape
        self._answer: A | None = None

    def __next__(self) -> I_co:
        try:
            return next(self._elements)
        except StopIteration as end:
            if self._answer is None:
                self._answer = end.value
            raise StopIteration from None

    @property
    def answer(self) -> A:
        """The whole answer; reads the rest of the stream if there is any."""
        for _ in self:
            pass
        if self._answer is None:
            raise RuntimeError("The stream was closed, or failed, before the answer was whole.")
        return self._answer

    @property
    def skipped(self) -> int:
        """How many elements came that are not of their shape; the whole is asked for again then."""
        return self._shape.skipped

    def close(self) -> None:
        """Break off; what came until now is accounted for."""
        self._elements.close()


class Shape:
    """What the elements of a list of an answer must be."""

    def __init__(self, answer: type[BaseModel], items: str, of: object = None) -> None:
        """Raises ``ValueError`` unless ``items`` is a list of ``answer``, of ``of`` if given."""
        field = answer.model_fields.get(items)
        inner = get_args(field.annotation) if field else ()
        if not inner or (of is not None and inner[0] is not of):
            raise ValueError(f"{answer.__name__}.{items} is no list of {of or 'anything'}.")
        self._adapter: TypeAdapter[object] = TypeAdapter(inner[0])
        self.skipped = 0

    def read(self, value: JsonValue) -> Iterator[object]:
        """The element, or nothing and a count."""
        try:
            yield self._adapter.validate_json(to_json(value))
        except ValidationError:
            self.skipped += 1
