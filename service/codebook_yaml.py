"""The codebook as YAML: a list of entries with the fields of a code.

It is read event by event into nothing but texts, lists and mappings: no tags, so nothing is built;
no aliases, so nothing grows ("billion laughs"); three levels, so nothing is deep. And what looks
like a number, a date or a truth value ("no") stays the text it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
from ingest.transcripts.clean import clean_name
from service.codebook_csv import COLUMNS, kind
from service.codebook_entry import NewCode
from service.shapes import Code

Node = str | list["Node"] | dict[str, "Node"]

_DEEPEST = 3  # the list, an entry, its examples
_LISTS = ("examples", "counterexamples")
_NOTHING = ("", "~", "null")
# libyaml's parser is some thirty times faster; the same grammar without it.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def write(codes: Sequence[Code]) -> bytes:
    entries = []
    for code in codes:
        fields = code.model_dump(include=set(COLUMNS))
        entry = {name: fields[name] for name in COLUMNS}
        entry |= {name: list(fields[name]) for name in _LISTS}
        entries.append({name: value for name, value in entry.items() if value or name == "label"})
    text: str = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=100)
    return text.encode()


def read(text: str) -> list[tuple[str, NewCode]]:
    """The codes and the entry each is. Raises ``BadInput`` that names entry and field."""
    try:
        # One event after the other: a file of nothing but brackets is refused at the fourth.
        tree = _tree(iter(yaml.parse(text, Loader=_Loader)))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the file"
        what = getattr(problem, "problem", None) or "it holds characters that are no text"
        raise BadInput(f"{where} is not proper YAML ({what}); mend it.") from None
    if not isinstance(tree, list):
        raise BadInput("it is no list of codes; begin every code with '- label: '.")
    return [(f"entry {n}", _code(f"entry {n}", node)) for n, node in enumerate(tree, start=1)]


def _tree(events: Iterator[Event]) -> Node:
    """The first document. Raises ``BadInput`` for a second one."""
    tree: Node = []
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise BadInput(f"{_line(event)} begins a second document; put all codes into one.")
            tree = _node(next(events), events, 0)
    return tree


def _node(event: Event, events: Iterator[Event], depth: int) -> Node:
    if isinstance(event, AliasEvent):
        raise BadInput(f"{_line(event)} refers to another place (*{event.anchor}); write it out.")
    tag = getattr(event, "tag", None)
    if tag not in (None, "!"):
        raise BadInput(f"{_line(event)} has the tag {str(tag)[:60]!r}; a codebook needs none.")
    if isinstance(event, ScalarEvent):
        plain = not event.style  # libyaml says "" where the other parser says None
        return "" if plain and event.value.lower() in _NOTHING else str(event.value)
    if depth == _DEEPEST:
        raise BadInput(f"{_line(event)} is nested deeper than a codebook goes.")
    if isinstance(event, SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(_node(event, events, depth + 1))
        return items
    assert isinstance(event, MappingStartEvent)
    fields: dict[str, Node] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        name = _node(event, events, depth + 1)
        if not isinstance(name, str) or name in fields:
            raise BadInput(f"{_line(event)} has a field that is no name or stands there twice.")
        fields[name] = _node(next(events), events, depth + 1)
    return fields


def _line(event: Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "the file"


def _code(where: str, node: Node) -> NewCode:
    if not isinstance(node, Mapping):
        raise BadInput(f"{where} is no code; it has to have fields, 'label: ' at least.")
    given: dict[str, object] = {}
    for name, value in node.items():
        if name not in COLUMNS:
            raise BadInput(
                f"{where} has the field {clean_name(name[:40])!r}, which is none of "
                f"{', '.join(COLUMNS)}."
            )
        if name in _LISTS:
            given[name] = _texts(value, f"{where}, {name}")
        elif isinstance(value, str):
            given[name] = value
        else:
            raise BadInput(f"{where}, {name}: it has to be a text, not a list or fields.")
    if "label" not in given:
        raise BadInput(f"{where}: it has no label; every code needs one.")
    if not given.get("kind", "x"):
        del given["kind"]
    if "kind" in given:
        given["kind"] = kind(str(given["kind"]), where)
    return NewCode.model_validate(given)


def _texts(value: Node, where: str) -> tuple[str, ...]:
    if value == "":
        return ()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(str(one) for one in value)
    raise BadInput(f"{where}: it has to be a list of texts, each on a line that begins with '- '.")
