"""Takes what a person wrote in one memo over into another, drafted anew.

Every block that they added or changed is put under the heading of the same name, after what is
drafted there; where there is none, at the end. What they took out is not taken out again, and
nothing that is drafted anew is changed: it becomes a version, to be read and put right. What cited
a call that was erased is left behind.
"""

from __future__ import annotations

from ingest.errors import NotFound
from ingest.library import Library
from service import kept
from service.edited import versions
from service.edited.difference import blocks
from service.edited.drafted import draft_of
from service.edited.text import WITHDRAWN, read

_OWN = "Carried over"


def carry(library: Library, from_id: str, to_id: str) -> versions.Version | None:
    """The new version of ``to_id``; ``None`` when nobody wrote anything, or ``from_id`` is gone."""
    with library.read() as connection:
        try:
            before = versions.version(library, connection, from_id, 0)
            mine = versions.version(library, connection, from_id)
        except NotFound:
            return None
        fresh = versions.version(library, connection, to_id)
        # As it was drafted, too: what no longer holds of it was nobody's own either.
        stored = draft_of(kept.stored(connection, from_id))
    drafted = {
        block for text in (before.text, stored.text, fresh.text) for _, block in blocks(text)
    }
    own = [
        (heading, block)
        for heading, block in blocks(mine.text)
        if block not in drafted and f"[^{WITHDRAWN}]" not in block
    ]
    if not own:
        return None
    text = merged(fresh.text, own)
    note = f"with what you wrote in the memo of {before.created_at:%d %B %Y}"
    return versions.save(library, to_id, text, fresh.n, note, cites=mine.text)


def merged(text: str, own: list[tuple[str, str]]) -> str:
    """``text`` with each block put at the end of what stands under its heading."""
    lines = text.rstrip("\n").split("\n")
    places = _ends(text, len(lines))
    added: dict[int, list[str]] = {}
    last: list[str] = []
    for heading, block in own:
        is_heading = block.startswith("#")
        if heading in places and not is_heading:
            added.setdefault(places[heading], []).append(block)
        else:
            last.append(block)
    made: list[str] = []
    for n, line in enumerate(lines):
        made.append(line)
        for block in added.get(n + 1, ()):
            made += ["", block]
    if last:
        made += ["", *([] if last[0].startswith("#") else [f"## {_OWN}", ""])]
        for block in last:
            made += [block, ""]
    return "\n".join(made).rstrip("\n") + "\n"


def _ends(text: str, lines: int) -> dict[str, int]:
    """By heading, the last line of what stands directly under it."""
    heads = [
        (piece.line, " ".join(one.words for one in piece.sentences))
        for piece in read(text)
        if piece.kind in ("title", "section", "heading")
    ]
    source = text.split("\n")
    found: dict[str, int] = {}
    for (_, name), end in zip(heads, [line - 1 for line, _ in heads[1:]] + [lines], strict=True):
        at = end
        while at > 1 and not source[at - 1].strip():
            at -= 1
        found.setdefault(name, at)
    return found
