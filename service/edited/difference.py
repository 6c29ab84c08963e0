"""What is different between two versions: block by block, and word by word where one was changed.

Lengths are bounded: past ``_MOST`` words the blocks of a change are shown whole, for comparing
words takes time that grows with the square of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from ingest.models import Frozen
from service.edited.text import read

Op = Literal["same", "added", "removed"]

_MOST = 1500
_AHEAD = 40  # blocks within which a changed one is looked for
_WORD = re.compile(r"\s+|[^\s]+")
_ALIKE = 0.5  # of their words two blocks share that are one block, changed


class Part(Frozen):
    """Words that both versions have, or one of them."""

    op: Op
    text: str


class Change(Frozen):
    """A block: the same in both, added, removed, or changed. ``heading`` is that above it."""

    op: Literal["same", "added", "removed", "changed"]
    heading: str
    parts: tuple[Part, ...]


def difference(before: str, after: str) -> list[Change]:
    """Every block of both texts, in the order of reading."""
    old, new = blocks(before), blocks(after)
    matcher = SequenceMatcher(None, [b for _, b in old], [b for _, b in new], autojunk=False)
    found: list[Change] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += [_whole("same", *one) for one in new[c:d]]
        else:
            found += _changed(old[a:b], new[c:d])
    return found


def blocks(text: str) -> list[tuple[str, str]]:
    """Each block as it is written, with the heading it stands under."""
    heading, found = "", []
    lines = text.split("\n")
    pieces = read(text)
    starts = sorted({piece.line for piece in pieces})
    headings = {
        piece.line: " ".join(one.words for one in piece.sentences)
        for piece in pieces
        if piece.kind in ("title", "section", "heading")
    }
    for line, end in pairwise([*starts, len(lines) + 1]):  # no pair where there is no text
        heading = headings.get(line, heading)
        block = "\n".join(lines[line - 1 : end - 1]).strip("\n")
        found.append((heading, block))
    return found


def _whole(op: Op, heading: str, block: str) -> Change:
    return Change(op=op, heading=heading, parts=(Part(op=op, text=block),))


def _changed(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> Iterator[Change]:
    """Blocks in each other's place: those alike are paired, in order; the others went or came."""
    at, pairs = 0, list[int | None]()
    for _, block in new:
        pair = next(
            (n for n in range(at, min(at + _AHEAD, len(old))) if _alike(old[n][1], block)), None
        )
        pairs.append(pair)
        at = at if pair is None else pair + 1
    at = 0
    for n, (heading, block) in enumerate(new):
        until = next((p for p in pairs[n:] if p is not None), len(old))
        yield from (_whole("removed", *gone) for gone in old[at:until])
        at = until
        if pairs[n] is None:
            yield _whole("added", heading, block)
        else:
            yield Change(op="changed", heading=heading, parts=tuple(_parts(old[at][1], block)))
            at += 1
    yield from (_whole("removed", *gone) for gone in old[at:])


def _alike(before: str, after: str) -> bool:
    a, b = before.split(), after.split()
    if len(a) + len(b) > _MOST or 2 * len(set(a) & set(b)) < _ALIKE * len(set(a) | set(b)):
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _parts(before: str, after: str) -> Iterator[Part]:
    a, b = _WORD.findall(before), _WORD.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Part(op="same", text="".join(b[k:m]))
            continue
        if j > i:
            yield Part(op="removed", text="".join(a[i:j]))
        if m > k:
            yield Part(op="added", text="".join(b[k:m]))
