"""YAML from strangers: read event by event into nothing but texts, lists and mappings.

No tags, so nothing is built; no aliases, so nothing grows ("billion laughs"); few levels, so
nothing is deep. And what looks like a number, a date or a truth value ("no") stays the text it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ingest.errors import BadInput

Node = str | list["Node"] | dict[str, "Node"]

_NOTHING = ("", "~", "null")
# libyaml's parser is some thirty times faster; the same grammar without it.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_tree(text: str, *, deepest: int) -> Node:
    """What the one document in ``text`` holds, an empty list where it is none; of ``deepest``
    levels of lists and mappings. Raises ``BadInput``.
    """
    try:
        # One event after the other: a file of nothing but brackets is refused at the first too
        # many.
        return _tree(iter(yaml.parse(text, Loader=_Loader)), deepest)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the file"
        what = getattr(problem, "problem", None) or "it holds characters that are no text"
        raise BadInput(f"{where} is not proper YAML ({what}); mend it.") from None


def _tree(events: Iterator[Event], deepest: int) -> Node:
    tree: Node = []
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise BadInput(f"{_line(event)} begins a second document; put all into one.")
            tree = _node(next(events), events, deepest)
    return tree


def _node(event: Event, events: Iterator[Event], left: int) -> Node:
    if isinstance(event, AliasEvent):
        raise BadInput(f"{_line(event)} refers to another place (*{event.anchor}); write it out.")
    tag = getattr(event, "tag", None)
    if tag not in (None, "!"):
        raise BadInput(f"{_line(event)} has the tag {str(tag)[:60]!r}; none is needed.")
    if isinstance(event, ScalarEvent):
        plain = not event.style  # libyaml says "" where the other parser says None
        return "" if plain and event.value.lower() in _NOTHING else str(event.value)
    if left == 0:
        raise BadInput(f"{_line(event)} is nested deeper than it may be.")
    if isinstance(event, SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(_node(event, events, left - 1))
        return items
    assert isinstance(event, MappingStartEvent)
    fields: dict[str, Node] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        name = _node(event, events, left - 1)
        if not isinstance(name, str) or name in fields:
            raise BadInput(f"{_line(event)} has a field that is no name or stands there twice.")
        fields[name] = _node(next(events), events, left - 1)
    return fields


def _line(event: Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "the file"
