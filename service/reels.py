"""Several quotes one after another, each led by a caption: of an answer, a theme, or the picks."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Frozen
from ingest.redaction import Redaction
from service import picks
from service.answer_history import load
from service.assembling import Captions
from service.clips import Found, Made, NoClip, Place, find_place, make
from service.picks import Part
from service.scope import resolve
from service.shapes import Filters, Quote, Statement
from service.themes import find, named_themes

MOST = 50  # quotes
_one_at_a_time = Lock()  # each takes a core for a while


class ReelOf(Frozen):
    """What goes into a reel: ``quotes``, or those of an answer, of a theme, or of what is picked.

    ``n`` is a statement of the answer, from 0; without it all of that part are taken.
    """

    quotes: tuple[Place, ...] = Field(default=(), max_length=MOST)
    answer_id: str | None = None
    part: Part = "statements"
    n: int | None = Field(default=None, ge=0)
    theme_id: str | None = None
    filters: Filters = Field(default=Filters(), description="within which the theme is looked at")
    picks: bool = False
    captions: Captions = "written"


def reel(library: Library, of: ReelOf, redaction: Redaction) -> Made:
    """An .mp4 with written captions, else an .m4a. What has no sound is left out, and told.

    Raises ``NotFound``, ``BadInput`` and, while another one is made, ``Conflict``.
    """
    if sum((bool(of.quotes), of.answer_id is not None, of.theme_id is not None, of.picks)) != 1:
        raise BadInput("Name quotes, an answer, a theme or the picks: one of them.")
    note = ""

    def look() -> list[Found]:
        nonlocal note
        with library.read() as connection:
            if of.quotes:
                return [find_place(connection, place, redaction) for place in of.quotes]
            found, silent = _with_sound(connection, _quotes(library, connection, of), redaction)
        note = _left_out(silent)
        return found

    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("Another reel is being made; try again when it is done.")
    try:
        made = make(library, look, captions=of.captions, title="Firsthand reel", reel=True)
    finally:
        _one_at_a_time.release()
    return made.noted(note)


def _quotes(library: Library, connection: sa.Connection, of: ReelOf) -> list[Quote]:
    if of.answer_id is not None:
        answer = load(connection, of.answer_id).answer
        told: tuple[Statement, ...] = getattr(answer, of.part)
        if of.n is not None and of.n >= len(told):
            raise BadInput("The answer has no such statement; see how many it has.")
        return _each_once(told if of.n is None else (told[of.n],))
    if of.theme_id is not None:
        scope = resolve(connection, of.filters)
        themes = named_themes(library, connection, scope)
        if all(theme.id != of.theme_id for theme in themes):
            themes = find(library, connection, scope)
        for theme in themes:
            if theme.id == of.theme_id:
                return list(theme.evidence)
        raise NotFound(f"Nobody in these accounts and calls spoke of a theme {of.theme_id[:80]!r}.")
    return _each_once(pick.statement for pick in picks.listed(connection))


def _each_once(told: Iterable[Statement]) -> list[Quote]:
    every = (quote for statement in told for quote in statement.quotes)
    return list({(q.call_id, q.utterance, q.text): q for q in every}.values())


def _with_sound(
    connection: sa.Connection, quotes: list[Quote], redaction: Redaction
) -> tuple[list[Found], int]:
    """The quotes that can be heard, and how many cannot."""
    found = []
    for quote in quotes:
        place = Place(call_id=quote.call_id, utterance=quote.utterance, words=quote.text)
        try:
            found.append(find_place(connection, place, redaction, original=True))
        except NoClip:
            continue
    if not quotes:
        raise BadInput("There is no quote in it.")
    if not found:
        raise NoClip("None of these quotes has a recording that can be heard.")
    if len(found) > MOST:
        raise BadInput(f"These are {len(found)} quotes, and a reel has {MOST} at most; take fewer.")
    return found, len(quotes) - len(found)


def _left_out(n: int) -> str:
    if n == 0:
        return ""
    return f"{n} {'quote has' if n == 1 else 'quotes have'} no sound that can be given; left out."
