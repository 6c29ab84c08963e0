"""The codebook as YAML: a list of entries with the fields of a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from ingest.errors import BadInput
from ingest.transcripts.clean import clean_name
from service.codebook_csv import COLUMNS, kind
from service.codebook_entry import NewCode
from service.shapes import Code
from service.yaml_text import Node, read_tree

_DEEPEST = 3  # the list, an entry, its examples
_LISTS = ("examples", "counterexamples")


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
    tree = read_tree(text, deepest=_DEEPEST)
    if not isinstance(tree, list):
        raise BadInput("it is no list of codes; begin every code with '- label: '.")
    return [(f"entry {n}", _code(f"entry {n}", node)) for n, node in enumerate(tree, start=1)]


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
