"""Takes what is erased out of what people made of memos, whichever version it is.

Its citations become ``[^withdrawn]``; a quote that cited it loses its words, and so does what
stands between quotation marks in a sentence that did. Words of it that somebody pasted have a gap
in their place wherever six in a row are its own, and so do titles and names (``service.gone``).
What a person said about it in words of their own stays theirs.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from ingest.tables import memo_versions
from service.edited.text import WITHDRAWN, Piece, read
from service.gone import GAP, Gone

_QUOTED = re.compile(r"[“\"„«][^“”\"«»]*[”\"»]")
_CITATION = re.compile(r"\[\^([^\]\n]{1,400})\]")


def withdraw_from_versions(connection: sa.Connection, gone: Gone) -> None:
    """Rewrite every version that has something of what goes, while the call is still there."""
    for row in connection.execute(sa.select(memo_versions)).all():
        text = without(row.text, gone)
        note = gone.without(row.note)
        cited = [
            {**c, "words": gone.quoted(c["call_id"], c["words"])}
            for c in row.cited
            if not gone.has(c["call_id"], c["utterance"]) and gone.gaps(c["words"]) == c["words"]
        ]
        if (text, note, cited) != (row.text, row.note, row.cited):
            v = memo_versions.c
            connection.execute(
                memo_versions.update()
                .where(v.memo_id == row.memo_id, v.n == row.n)
                .values(text=text, note=note, cited=cited)
            )


def without(text: str, gone: Gone) -> str:
    """``text`` with nothing left in it of what goes."""
    about = False
    for piece in reversed(read(text)):
        for one in reversed(piece.sentences):
            about |= any(call_id == gone.call_id for call_id, _ in one.places)
            if any(gone.has(*place) for place in one.places):
                inner = _emptied(text[one.start : one.end], piece, gone)
                text = text[: one.start] + inner + text[one.end :]
    named = gone.wide if about and gone.wide is not None else gone.named
    return named(gone.gaps(text))  # whole: what is quoted may be wrapped over lines


def _emptied(source: str, piece: Piece, gone: Gone) -> str:
    """A sentence that cites what goes, without what it quotes. ``[…]`` is read as plain words."""

    def cited(found: re.Match[str]) -> str:
        one = read(found.group())[0].sentences[0]
        mine = any(gone.has(*place) for place in one.places)
        return f"[^{WITHDRAWN}]" if mine else found.group()

    marks = map(cited, _CITATION.finditer(source))
    if piece.kind == "said":
        return GAP + "".join(f" {mark}" for mark in dict.fromkeys(marks))
    return _CITATION.sub(cited, _QUOTED.sub(f"“{GAP}”", source))
