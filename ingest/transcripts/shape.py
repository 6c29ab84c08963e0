"""Takes values out of JSON from strangers, which may be of any shape."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.errors import BadInput

UNDERSTOOD = (
    "WebVTT (Zoom, Teams, Grain), SubRip and SubViewer captions with names, Word files (Teams, "
    "Google Meet, Otter), text (Otter, Fathom, Gong, Google Meet, or lines 'Name: text'), CSV with "
    "columns for speaker and words, and JSON (Gong, Fireflies, Fathom, Grain, Teams, Google Meet, "
    "Read, tl;dv, Firsthand's own)"
)


def entries(of: Mapping[str, object], key: str, where: str) -> list[dict[str, object]]:
    """The list of objects at ``key``; BadInput when it is missing or anything else."""
    value = of.get(key)
    if not isinstance(value, list):
        raise BadInput(f"{where} has no list {key!r}; see the kinds of transcript in the README")
    for n, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise BadInput(f"entry {n} of {key!r} in {where} is no object")
    return value


def object_at(of: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object at ``key``, an empty one when there is none."""
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def text_at(of: Mapping[str, object], key: str) -> str | None:
    """The text at ``key``, numbers as written; ``None`` when missing or null."""
    value = of.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadInput(f"{key!r} is a {type(value).__name__} where text belongs")


def strings_at(of: Mapping[str, object], key: str) -> list[str]:
    """The texts in the list at ``key``; anything else in it is left out."""
    value = of.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
