"""Which quotes stand for a need in a memo, and which against it.

A memo shows a handful of the passages that belong to a need, so each has to be about it beyond
doubt. What matching found clearest may be a trifle, and what is most telling may be about something
else said in the same breath; both orders together find the right utterances best (over the passages
of two test corpora: area under the curve 0.81 and 0.69, by matching alone 0.74 and 0.66, by weight
alone 0.74 and 0.64).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from ingest import cues
from ingest.library import Library
from service.coding import Coded, code_ledger
from service.ledger import Evidence, plainest
from service.pointed import count, pointed, sharpest
from service.said import voice_of
from service.scope import Scope
from service.shapes import Quote, Theme
from service.themes import QUOTES

# Praise weaker than this is a kind word in passing.
_PRAISED = 2
# Who has the need speaks against it too only with so many words of ease beside those of trouble.
_TORN = 2
_OPENING = 4  # passages that the one to open with is taken from, at least
_WHOLE = 7  # words of a sentence that can stand alone
# "If you don't use it" does not say that nobody does.
_PLEASE = re.compile(r"(?:please|do not|don['’]t)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\bif\b[^.!?]*$", re.IGNORECASE)

Members = Mapping[str, Sequence[Evidence]]


def members(library: Library, connection: sa.Connection, scope: Scope) -> dict[str, list[Evidence]]:
    """What belongs to each code in scope, by the code's id, the plainest first."""
    return {one.code.id: plainest(one.members, scope) for one in _coded(library, connection)}


def witnessed(
    library: Library, connection: sa.Connection, themes: Sequence[Theme], scope: Scope
) -> list[Theme]:
    """``themes`` with the quotes that stand for them and against them most plainly."""
    coded = {one.code.id: one for one in _coded(library, connection)}
    found = []
    for theme in themes:
        one = coded.get(theme.id)
        mine = plainest(one.members, scope) if one else []
        if one is None or not mine:
            found.append(theme)
            continue
        here = [e for e in one.counter if e.spoken.call_id in scope.call_ids]
        having = Counter(_person(e) for e in mine)
        minding = Counter(_person(e) for e in here if e.content)
        against = [
            quote
            for e in here
            if having[_person(e)] <= _TORN * minding[_person(e)]
            and (quote := against_it(e, has_it=having[_person(e)] > 0)) is not None
        ]
        evidence = tuple(_pointed(e) for e in _shown(mine, scope))
        found.append(theme.model_copy(update={"evidence": evidence, "counter": tuple(against)}))
    return found


def against_it(item: Evidence, *, has_it: bool = False) -> Quote | None:
    """The words that speak against a need, where a plain sign says so.

    Of somebody who has the need as well (``has_it``) neither praise nor a no nor a "please don't"
    is enough: it is about something else, or irony.
    """
    text = item.quote().text
    if any(_is_plain(text, m, has_it=has_it) for m in cues.CONTENT.finditer(text)):
        return sharpest(item.spoken, item.first_char, item.end_char, sign=cues.CONTENT)
    praised = item.kind == "praise" and item.strength >= _PRAISED
    refused = cues.NO.match(item.spoken.text) is not None and item.first_char == 0
    return pointed(item) if (praised or refused) and not has_it else None


def _is_plain(text: str, sign: re.Match[str], *, has_it: bool) -> bool:
    asked = has_it and _PLEASE.match(sign.group()) is not None
    return not asked and _SUPPOSED.search(text[: sign.start()]) is None


def _person(item: Evidence) -> tuple[str | None, str]:
    """Who has the need seldom speaks against it; somebody else at the same account may."""
    return item.account_id or item.spoken.call_id, item.spoken.speaker


def _shown(items: Sequence[Evidence], scope: Scope) -> list[Evidence]:
    """One to open with, then of every voice its plainest, in turn, the largest voice first."""
    told: dict[str, list[Evidence]] = {}
    for item in items:
        mine = told.setdefault(voice_of(item.spoken.call_id, item.account_id), [])
        if all(_place(item) != _place(e) for e in mine):
            mine.append(item)
    voices = sorted(told, key=lambda v: (-(scope.arr.get(v) or 0.0), v))
    turns = [told[v][n] for n in range(QUOTES) for v in voices if n < len(told[v])]
    plain = items[: max(_OPENING, len(items) // 4)]
    opening = max(plain, key=lambda e: (_counts(e), -items.index(e)))
    return [opening, *(e for e in turns if e is not opening)][:QUOTES]


def _counts(item: Evidence) -> float:
    """What a reader takes from one sentence: strength, and a cost named in it.

    Of praise the warmest word for word: a kind word in a long speech is about something else.
    """
    text = item.quote().text
    words = len(text.split())
    if words < _WHOLE:
        return 0.0
    if item.kind == "praise":
        return count(text, cues.LIKING) / words
    return item.strength + 2.0 * (cues.COST.search(text) is not None)


def _pointed(item: Evidence) -> Quote:
    """Cut to the sentence that says what it costs, or why it is liked; else to the strongest."""
    if _sign(item).search(item.quote().text) is None:
        return pointed(item)
    return sharpest(item.spoken, item.first_char, item.end_char, sign=_sign(item))


def _sign(item: Evidence) -> re.Pattern[str]:
    return cues.LIKING if item.kind == "praise" else cues.COST


def _place(item: Evidence) -> tuple[str, int]:
    return item.spoken.call_id, item.spoken.i


def _coded(library: Library, connection: sa.Connection) -> tuple[Coded, ...]:
    return code_ledger(library, connection).coded
