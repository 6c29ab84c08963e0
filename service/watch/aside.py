"""What is said beside a file: in ``NAME.firsthand.json`` or ``.yaml`` next to it, and for all files
of a folder and those below in its ``firsthand.yaml``, which may also have rules for names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from ingest.errors import BadInput, shown
from ingest.transcripts.decode import decode
from service.watch.sources import Entry
from service.yaml_text import Node, read_tree

FIELDS = ("account", "account_id", "date", "title", "consent")
RULES = ("name", "account_from")  # as the options of the command are called
MOST = 64 * 1024  # bytes; what is said of a call has a few hundred
_BESIDE = (".firsthand.json", ".firsthand.yaml", ".firsthand.yml")
_FOLDERS = ("firsthand.yaml", "firsthand.yml")


def is_aside(name: str) -> bool:
    return name in _FOLDERS or name.endswith(_BESIDE)


def above(path: str, there: Mapping[str, Entry]) -> list[Entry]:
    """The files that say something of all files in the folders of the one at ``path``, the
    nearest last.
    """
    folders = path.split("/")[:-1]
    starts = ["".join(f"{folder}/" for folder in folders[:n]) for n in range(len(folders) + 1)]
    return [there[s + name] for s in starts for name in _FOLDERS if s + name in there]


def beside(path: str, there: Mapping[str, Entry]) -> list[Entry]:
    """The files that say something of the one at ``path``."""
    return [there[path + ending] for ending in _BESIDE if path + ending in there]


def read(data: bytes, name: str) -> dict[str, str]:
    """What it says, by field. Raises ``BadInput`` with one sentence."""
    try:
        tree = _json(decode(data)) if name.endswith(".json") else read_tree(decode(data), deepest=1)
        return _fields(tree, (*FIELDS, *RULES) if name in _FOLDERS else FIELDS)
    except BadInput as problem:
        raise BadInput(f"{shown(name)}: {problem}") from problem


def _json(text: str) -> object:
    try:
        found: object = json.loads(text)
    except json.JSONDecodeError as problem:
        raise BadInput(
            f"the JSON is cut off or broken at line {problem.lineno} ({problem.msg}); mend it."
        ) from problem
    except (RecursionError, ValueError) as problem:
        raise BadInput("the JSON is nested too deeply, or has a number of no sense.") from problem
    return found


def _fields(tree: object | Node, fields: Collection[str]) -> dict[str, str]:
    known = ", ".join(fields)
    if not isinstance(tree, dict):
        raise BadInput(f"it has to have fields, as in 'account: Acme'; known are {known}.")
    said: dict[str, str] = {}
    for field, value in tree.items():
        if field not in fields:
            # Passing over it would be to miss a consent that somebody misspelt.
            raise BadInput(f"it has the field {shown(str(field))!r}, which is none of {known}.")
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise BadInput(f"its {field} has to be a text.")
        text = "" if value is None else str(value).strip()
        if field == "account_from" and text not in ("", "folder"):
            raise BadInput("its account_from can only be: folder.")
        name = "account" if field == "account_id" else field
        if name in said:
            raise BadInput("it has both an account and an account_id; keep one.")
        if text:
            said[name] = text
    return said
