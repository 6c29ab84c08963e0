"""Private details stay at home: what a language model is sent has a token in place of each.

``[phone-1]`` tells the model that somebody gave a number, and no more. What comes back is restored,
so that a quote that contains one still matches what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from ingest.private import SORTS, private_details

# Whatever has a token's shape in a text of theirs is masked itself, as ``[text-1]``: so every token
# that comes back is one of ours, and nobody can have another's number filled in by writing one.
_LITERAL = "text"
_TOKEN: Final = re.compile(
    rf"\[(?:{'|'.join([*SORTS, _LITERAL])})-[0-9]{{1,7}}\]", re.IGNORECASE | re.ASCII
)
# Values are looked up by how they begin; the shortest e-mail address is as long as this.
_HEAD = 6
# What is left around a mask can look private by itself; so often is it looked at again.
_PASSES = 4


class Masks:
    """One request's masks: a value that comes twice has the same token both times.

    ``restore(mask(text)) == text`` for any text. No value that was masked stands anywhere in what
    ``mask`` returns, from then on. Time and memory are linear in the text.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._lengths: dict[str, set[int]] = {}

    @property
    def found(self) -> Mapping[str, int]:
        """How many different values of each sort in ``ingest.private.SORTS``; no zeros."""
        return {sort: self._counts[sort] for sort in SORTS if sort in self._counts}

    def mask(self, text: str) -> str:
        self._learn(text)
        return self._masked(text)

    def restore(self, text: str) -> str:
        return _TOKEN.sub(lambda m: self._values.get(m.group().lower(), m.group()), text)

    def mask_json(self, value: JsonValue) -> JsonValue:
        """All strings, keys apart; a value found in any of them is masked in all of them."""
        for text in _strings(value):
            self._learn(text)
        return _mapped(value, self._masked)

    def restore_json(self, value: JsonValue) -> JsonValue:
        return _mapped(value, self.restore)

    def _learn(self, text: str) -> None:
        for _ in range(_PASSES):
            new = [d for d in private_details(text) if text[d.first : d.end] not in self._tokens]
            if not new:
                return
            for detail in new:
                value = text[detail.first : detail.end]
                self._token(value, detail.sort)
                self._lengths.setdefault(value[:_HEAD], set()).add(len(value))
            text = self._masked(text)

    def _masked(self, text: str) -> str:
        parts: list[str] = []
        done = at = 0
        while at < len(text):
            value = self._value_at(text, at)
            if value is None:
                at += 1
                continue
            parts += (text[done:at], self._token(value, _LITERAL))
            done = at = at + len(value)
        return "".join([*parts, text[done:]])

    def _value_at(self, text: str, at: int) -> str | None:
        """The longest known value, or the token of theirs, that begins at ``at``."""
        if text[at] == "[" and (literal := _TOKEN.match(text, at)):
            return literal.group()
        lengths = self._lengths.get(text[at : at + _HEAD])
        if lengths is None:
            return None
        known = (text[at : at + n] for n in sorted(lengths, reverse=True))
        return next((value for value in known if value in self._tokens), None)

    def _token(self, value: str, sort: str) -> str:
        if value not in self._tokens:
            self._counts[sort] = self._counts.get(sort, 0) + 1
            token = f"[{sort}-{self._counts[sort]}]"
            self._tokens[value] = token
            self._values[token] = value
        return self._tokens[value]


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)


def _mapped(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _mapped(one, change) for key, one in value.items()}
    return value
