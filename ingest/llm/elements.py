"""Takes the elements of a list out of a JSON document while the document still arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import JsonValue

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*")
_AFTER = re.compile(r"[\s,\]}]")
_COLON = re.compile(r"\s*:\s*")


class Elements:
    """Finds what is complete in the list under ``name`` of the document's outermost object.

    It waits at anything that is not JSON: whether a document is broken is told when it is whole.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = ""
        self._at = 0
        self._in: Literal["front", "object", "list", "rest"] = "front"

    def feed(self, piece: str) -> Iterator[JsonValue]:
        """The elements that ``piece`` completes: with their last character, not later."""
        self._text += piece
        while True:
            if self._in == "front":
                if not self._enter():
                    return
            elif self._in == "object":
                if not self._pass_member():
                    return
            elif self._in == "list":
                found = self._value(self._skip(self._at))
                if found is None:
                    return
                element, self._at = found
                yield element
            else:
                return

    def _enter(self) -> bool:
        """Go to the outermost object: models think first, or write a fence before it."""
        front = self._text.lstrip()
        thought = self._text.find("</think>") if "<think>".startswith(front[:7]) else 0
        start = self._text.find("{", thought) if thought >= 0 else -1
        if start < 0:
            return False
        self._at, self._in = start + 1, "object"
        return True

    def _pass_member(self) -> bool:
        """Go past one name and its value, or into the list that is looked for."""
        at = self._skip(self._at)
        if self._text.startswith("}", at):
            self._in = "rest"
            return True
        name = self._value(at) if self._text.startswith('"', at) else None
        colon = _COLON.match(self._text, name[1]) if name else None
        if name is None or colon is None:
            return False
        if name[0] == self._name and self._text.startswith("[", colon.end()):
            self._at, self._in = colon.end() + 1, "list"
            return True
        value = self._value(colon.end())
        if value is None:
            return False
        self._at = value[1]
        return True

    def _skip(self, at: int) -> int:
        found = _BETWEEN.match(self._text, at)
        assert found is not None, "matches the empty text"
        return found.end()

    def _value(self, at: int) -> tuple[JsonValue, int] | None:
        """The value that begins there and its end, once it is complete."""
        try:
            value, end = _DECODER.raw_decode(self._text, at)
        except (ValueError, RecursionError):
            return None
        # A number is known to have ended only by what follows it: 1 may become 12, or 1e5.
        if self._text[end - 1] in '}]"' or _AFTER.match(self._text, end):
            return value, end
        return None
