"""Several quotes one after another, each led by a caption: of an answer, a theme, or the picks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from threading import Lock

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput, Conflict
from ingest.library import Library
from ingest.models import Frozen
from ingest.redaction import Redaction
from service import picks
from service.answer_history import load
from service.assembling import Captions
from service.clips import Found, Made, NoClip, Place, find_place, make
from service.one_theme import OneTheme, one_theme
from service.picks import Part
from service.shapes import Filters, Quote, Statement

MOST = 50  # quotes
OF_A_THEME = 8  # the strongest
_one_at_a_time = Lock()  # each takes a core for a while


class ReelOf(Frozen):
    """What goes into a reel: ``quotes``, or those of an answer or of what is picked, or those of a
    theme, the strongest that can be heard.

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
        theme = of.theme_id and one_theme(library, of.theme_id, of.filters)
        with library.read() as connection:
            if of.quotes:
                return [find_place(connection, place, redaction) for place in of.quotes]
            quotes = _strongest_first(theme) if theme else _quotes(connection, of)
            found = _with_sound(connection, quotes, redaction)
        if theme:
            return found[:OF_A_THEME]
        note = _left_out(len(quotes) - len(found))
        if len(found) > MOST:
            raise BadInput(f"These are {len(found)} quotes; a reel has {MOST} at most: take fewer.")
        return found

    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("Another reel is being made; try again when it is done.")
    try:
        made = make(library, look, captions=of.captions, title="Firsthand reel", reel=True)
    finally:
        _one_at_a_time.release()
    return made.noted(note)


def _quotes(connection: sa.Connection, of: ReelOf) -> list[Quote]:
    if of.answer_id is not None:
        answer = load(connection, of.answer_id).answer
        told: tuple[Statement, ...] = getattr(answer, of.part)
        if of.n is not None and of.n >= len(told):
            raise BadInput("The answer has no such statement; see how many it has.")
        return _each_once(told if of.n is None else (told[of.n],))
    return _each_once(pick.statement for pick in picks.listed(connection))


def _each_once(told: Iterable[Statement]) -> list[Quote]:
    every = (quote for statement in told for quote in statement.quotes)
    return list({(q.call_id, q.utterance, q.text): q for q in every}.values())


def _strongest_first(theme: OneTheme) -> list[Quote]:
    """Each account's first quote, most ARR first, then each one's second, and so on."""
    by_turns = zip_longest(*(mine.quotes for mine in theme.words))
    return [quote for turn in by_turns for quote in turn if quote is not None]


def _with_sound(
    connection: sa.Connection, quotes: Sequence[Quote], redaction: Redaction
) -> list[Found]:
    """The quotes that can be heard."""
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
    return found


def _left_out(n: int) -> str:
    if n == 0:
        return ""
    return f"{n} {'quote has' if n == 1 else 'quotes have'} no sound that can be given; left out."
