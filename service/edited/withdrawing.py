"""Takes an erased call out of what people made of memos, whichever version it is.

Its citations become ``[^withdrawn]``; a quote that cited it loses its words, and so does what
stands between quotation marks in a sentence that did. Words of the call that somebody pasted have
a gap in their place wherever six in a row are the call's, and so do its title and the names of
those who spoke nowhere else. What a person said about it in words of their own stays theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from ingest.tables import accounts, calls, memo_versions, speakers
from service.edited.text import WITHDRAWN, Piece, read

GAP = "[…]"
_QUOTED = re.compile(r"[“\"„«][^“”\"«»]*[”\"»]")
_CITATION = re.compile(r"\[\^([^\]\n]{1,400})\]")


def withdraw_from_versions(
    connection: sa.Connection, call_id: str, gaps: Callable[[str], str]
) -> None:
    """Rewrite every version that has words of the call, while the call is still there."""
    names = _names(connection, call_id)
    for row in connection.execute(sa.select(memo_versions)).all():
        text = without(row.text, call_id, gaps, names)
        note = gaps(row.note)
        cited = [c for c in row.cited if c["call_id"] != call_id and gaps(c["words"]) == c["words"]]
        if (text, note, cited) != (row.text, row.note, row.cited):
            v = memo_versions.c
            connection.execute(
                memo_versions.update()
                .where(v.memo_id == row.memo_id, v.n == row.n)
                .values(text=text, note=note, cited=cited)
            )


def without(text: str, call_id: str, gaps: Callable[[str], str], names: Iterable[str] = ()) -> str:
    """``text`` with nothing of the call left in it."""
    for piece in reversed(read(text)):
        for one in reversed(piece.sentences):
            if any(place[0] == call_id for place in one.places):
                inner = _emptied(text[one.start : one.end], piece, call_id)
                text = text[: one.start] + inner + text[one.end :]
    text = gaps(text)  # whole: what is quoted may be wrapped over lines
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", GAP, text)
    return text


def _emptied(source: str, piece: Piece, call_id: str) -> str:
    """A sentence that cites the call, without what it quotes. ``[…]`` is read as plain words."""

    def cited(found: re.Match[str]) -> str:
        one = read(found.group())[0].sentences[0]
        mine = any(place[0] == call_id for place in one.places)
        return f"[^{WITHDRAWN}]" if mine else found.group()

    marks = map(cited, _CITATION.finditer(source))
    if piece.kind == "said":
        return GAP + "".join(f" {mark}" for mark in dict.fromkeys(marks))
    return _CITATION.sub(cited, _QUOTED.sub(f"“{GAP}”", source))


def _names(connection: sa.Connection, call_id: str) -> list[str]:
    """The call's title, and the names of those who spoke in it and in no other; no account's."""
    here = sa.select(speakers.c.name).where(speakers.c.call_id == call_id)
    elsewhere = set(
        connection.scalars(sa.select(speakers.c.name).where(speakers.c.call_id != call_id))
    )
    found = {name for name in connection.scalars(here) if name not in elsewhere}
    title = sa.select(calls.c.title).where(calls.c.call_id == call_id)
    titles = set(connection.scalars(title))
    others = set(connection.scalars(sa.select(calls.c.title).where(calls.c.call_id != call_id)))
    theirs = {name.casefold() for name in connection.scalars(sa.select(accounts.c.name))}
    return [
        name
        for name in (*found, *(titles - others))
        # A single word is anybody's: "Ana", "Intro".
        if len(name.split()) > 1 and name.casefold() not in theirs
    ]
