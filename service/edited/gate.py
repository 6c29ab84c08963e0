"""The gate over an edited memo: of every sentence whether it rests on what customers said.

- ``drafted``: as code drafted it from the ledger.
- ``cited``: its citations hold and, where it is about customers, their words bear it.
- ``plain``: not about customers; nothing has to stand behind it.
- ``unevidenced``: about customers, and nothing is cited.
- ``not found``: a citation names no utterance that is here. ``withdrawn``: its call
  was erased, or may not be quoted.
- ``changed``: the cited words are others than when the sentence was last saved.
- ``not borne``: the cited words do not bear it; ``why`` says what is missing.

Nothing is altered and nothing refused; what is wrong is marked, here and in every export.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import sqlalchemy as sa

from ingest import gate
from ingest.consent import counts
from ingest.erased import ERASED
from ingest.library import Library
from ingest.store import spoken
from ingest.tables import calls, evidence, speakers
from service.borne import Known, borne, cut_for
from service.edited.about import Names, about_customers, names_of
from service.edited.drafted import Draft
from service.edited.text import WITHDRAWN, Piece, Place, Sentence
from service.known import RESTS_ON, known_here
from service.quotes import Spoken, cut
from service.remembering import remembered
from service.shapes import Quote

Status = Literal[
    "drafted", "cited", "plain", "unevidenced", "not found", "withdrawn", "changed", "not borne"
]
FAILING: frozenset[Status] = frozenset(
    ("unevidenced", "not found", "withdrawn", "changed", "not borne")
)
_LABELS = frozenset(("title", "section", "heading", "cell"))
_HELD = 5000  # sentences whose verdict is remembered
Kept = Mapping[tuple[str, Place], str]  # a sentence's digest and a place: the words cited there
_LETTERS = 2  # of a quote there are more
_Verdicts = dict[tuple[str, tuple[Quote, ...]], str | None]
_Spans = dict[tuple[str, Spoken], tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with what the gate says of it and the quotes it rests on."""

    sentence: Sentence
    status: Status
    why: str | None = None
    quotes: tuple[Quote, ...] = ()

    @property
    def failing(self) -> bool:
        return self.status in FAILING


@dataclass(slots=True)
class Desk:
    """What sentences of one memo are held against, read in one transaction."""

    draft: Draft
    kept: Kept
    known: Known
    names: Names
    verdicts: _Verdicts
    spans: _Spans
    spoken: dict[Place, Spoken] = field(default_factory=dict)
    reported: set[Place] = field(default_factory=set)
    days: dict[str, date] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()  # calls that do not count: consent is missing


def desk_for(
    library: Library,
    connection: sa.Connection,
    draft: Draft,
    kept: Kept,
    pieces: Sequence[Piece],
) -> Desk:
    """A desk for the sentences of ``pieces``."""
    known = known_here(library, connection)
    verdicts: _Verdicts
    spans: _Spans
    verdicts, spans = remembered(
        library, connection, ("verdicts", tuple), RESTS_ON, lambda: ({}, {})
    )
    names = remembered(
        library,
        connection,
        ("names about customers", Names),
        RESTS_ON,
        lambda: names_of(known.names.values(), _customers(connection), known.vocabulary),
    )
    places = {p for piece in pieces for one in piece.sentences for p in one.places}
    desk = Desk(draft, kept, known, names, verdicts, spans, spoken(connection, places))
    ids = sorted({call_id for call_id, _ in places})
    hearsay = sa.select(evidence.c.call_id, evidence.c.utterance).where(
        evidence.c.hand == "third", evidence.c.call_id.in_(ids)
    )
    desk.reported = {(row.call_id, row.utterance) for row in connection.execute(hearsay)}
    dated = sa.select(calls.c.call_id, calls.c.date).where(calls.c.call_id.in_(ids))
    kept_back = sa.select(calls.c.call_id).where(calls.c.call_id.in_(ids), ~counts())
    desk.withheld = frozenset(connection.scalars(kept_back))
    desk.days = {row.call_id: row.date for row in connection.execute(dated) if row.date}
    return desk


def _customers(connection: sa.Connection) -> list[str]:
    query = (
        sa.select(speakers.c.name)
        .join(calls, calls.c.call_id == speakers.c.call_id)
        .where(speakers.c.role == "customer", speakers.c.name != ERASED, counts())
    )
    return list(connection.scalars(query.distinct()))


def check(piece: Piece, desk: Desk) -> list[Checked]:
    """Every sentence of a piece, in order."""
    return [_checked(piece, one, desk) for one in piece.sentences]


def digest(sentence: Sentence) -> str:
    """What a sentence is known by until somebody changes a word of it."""
    return hashlib.sha256(sentence.words.encode("utf-8", "replace")).hexdigest()[:16]


def cited_words(pieces: Iterable[Piece], desk: Desk) -> Iterable[tuple[str, Place, str]]:
    """What the citations rest on as of now: kept with a text, so that a change is noticed. Where
    one was noticed already, the words are still those of before.
    """
    for piece in pieces:
        for checked in check(piece, desk):
            one = checked.sentence
            shown = {(q.call_id, q.utterance): q.text for q in checked.quotes}
            for place in one.places:
                words = desk.kept.get((digest(one), place)) or shown.get(place)
                if words:
                    yield digest(one), place, words


def _checked(piece: Piece, one: Sentence, desk: Desk) -> Checked:
    drafted = desk.draft.sentences.get((one.words, frozenset(one.places)))
    if drafted is not None and not one.astray:
        return Checked(one, "drafted", quotes=drafted)
    about = piece.kind == "said" or about_customers(
        one.words, desk.names, label=piece.kind in _LABELS
    )
    here = [_quote(one, place, desk) for place in one.places if place in desk.spoken]
    quotes = tuple(quote for quote in here if quote is not None)
    if WITHDRAWN in one.astray:
        return Checked(one, "withdrawn", "the call it cites was erased", quotes)
    if any(call_id in desk.withheld for call_id, _ in one.places):
        return Checked(one, "withdrawn", "nobody agreed that the call it cites is quoted", quotes)
    lost = [*one.astray, *(f"{c}:{i}" for c, i in one.places if (c, i) not in desk.spoken)]
    if lost:
        return Checked(one, "not found", f"nothing is cited by “{lost[0][:80]}”", quotes)
    if None in here:
        return Checked(one, "not borne", "its words hold a number or an address", quotes)
    if not quotes:
        return Checked(one, "unevidenced" if about else "plain")
    if any(_changed(one, place, desk) for place in one.places):
        return Checked(one, "changed", "the words it cites have changed since", quotes)
    if not about:
        return Checked(one, "cited", quotes=quotes)
    why = _misquoted(one, quotes) if piece.kind == "said" else _unborne(one, quotes, desk)
    return Checked(one, "cited" if why is None else "not borne", why, quotes)


def _quote(one: Sentence, place: Place, desk: Desk) -> Quote | None:
    """The words at the place that bear on the sentence, those it shows itself if it does;
    ``None`` when none of them may be shown.
    """
    there = desk.spoken[place]
    key = (one.words, there)
    if key not in desk.spans:
        if len(desk.spans) >= _HELD:
            desk.spans.clear()
        desk.spans[key] = _shown(one.words, there.text) or cut_for(one.words, there)
    span = desk.spans[key]
    return cut(there, *span, hand="third" if place in desk.reported else "first") if span else None


def _shown(words: str, text: str) -> tuple[int, int] | None:
    for part in (words, *_quotations(words)):
        span = gate.find_exactly(part.strip("“”\"' …"), text)
        if span is not None and span[1] - span[0] > _LETTERS and gate.showable(text, *span):
            return span
    return None


def _quotations(words: str) -> list[str]:
    """What stands between quotation marks."""
    found, at = [], 0
    while (first := words.find("“", at)) >= 0 and (end := words.find("”", first)) > 0:
        found.append(words[first + 1 : end])
        at = end
    return found


def _changed(one: Sentence, place: Place, desk: Desk) -> bool:
    before = desk.kept.get((digest(one), place))
    return before is not None and before not in desk.spoken[place].text


def _misquoted(one: Sentence, quotes: Sequence[Quote]) -> str | None:
    words = one.words.strip("“”\"' …")
    if not words:
        return None
    if not any(gate.find_exactly(words, quote.text) for quote in quotes):
        return "nobody said these words there"
    return _ours(quotes)


def _unborne(one: Sentence, quotes: tuple[Quote, ...], desk: Desk) -> str | None:
    theirs = [q for q in quotes if q.role == "customer"]
    if not theirs:
        return _ours(quotes)
    key = (one.words, quotes)
    if key not in desk.verdicts:
        if len(desk.verdicts) >= _HELD:
            desk.verdicts.clear()
        days = [desk.days[q.call_id] for q in theirs if q.call_id in desk.days]
        desk.verdicts[key] = borne(one.words, theirs, desk.known, days=days)
    return desk.verdicts[key]


def _ours(quotes: Sequence[Quote]) -> str | None:
    spoke = any(quote.role == "customer" for quote in quotes)
    return None if spoke else "only your own people said it"
