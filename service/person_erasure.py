"""What erasing a person would take, counted and told before anybody is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from pydantic import Field

from ingest.erased import in_recording
from ingest.library import Library
from ingest.models import Call, Frozen
from ingest.store import list_calls, list_utterances
from ingest.tables import answers, evidence, memos, picks
from service.answer_recheck import quotes_of as in_answer
from service.ledger import shortened
from service.person_found import Alike, Found, find, wanted
from service.recheck import quotes_of
from service.shapes import Answer, Memo, Quote, Statement

_NAMED = 5  # calls that are named in a sentence


class OfCall(Frozen):
    """A call in which the person spoke. ``whole``: nobody else's words are left in it."""

    call_id: str
    title: str
    whole: bool
    utterances: int
    minutes: float | None
    names: tuple[str, ...]


class Similar(Frozen):
    """Somebody who may be the same person, and is not touched unless named outright."""

    name: str
    email: str | None
    call_ids: tuple[str, ...]


class PersonErasure(Frozen):
    """``mentions`` are utterances of others that name the person, ``named`` the calls besides that
    do; how many memos, kept ``answers`` and ``picks`` quote them. ``sentences`` say all of it.
    """

    name: str
    calls: tuple[OfCall, ...]
    named: tuple[str, ...]
    mentions: int
    evidence: int
    memos: int
    answers: int
    picks: int
    similar: tuple[Similar, ...]
    sentences: tuple[str, ...] = Field(description="to be shown before anybody decides")


def person_erasure(
    library: Library, name: str, *, emails: Iterable[str] = (), also: Iterable[str] = ()
) -> PersonErasure:
    """What goes with the person called ``name``, and those called ``also`` or with these addresses.

    Raises ``BadInput`` for a name of one word.
    """
    with library.read() as connection:
        found = find(connection, wanted(name, emails, also))
        return counted(connection, found)


def counted(connection: sa.Connection, found: Found) -> PersonErasure:
    """What was found, in numbers and sentences."""
    places: dict[str, set[int]] = {}
    told = []
    voiceless = set()  # calls of which the recording goes
    for one in found.spoke:
        words = list_utterances(connection, one.call.call_id)
        said = [u for u in words if u.speaker in one.labels]
        places[one.call.call_id] = {u.i for u in said}
        if one.call.has_audio and in_recording(one.call, words, {u.i for u in said}) is None:
            voiceless.add(one.call.call_id)
        seconds = sum(u.end_s - u.start_s for u in said if u.start_s is not None and u.end_s)
        names = sorted({s.name for s in one.call.speakers if s.label in one.labels})
        told.append(
            OfCall(
                call_id=one.call.call_id,
                title=one.call.title,
                whole=one.only,
                utterances=len(said),
                minutes=round(seconds / 60, 1) if seconds else None,
                names=tuple(names),
            )
        )
    whole = {one.call.call_id for one in found.spoke if one.only}

    def goes(quotes: Iterable[Quote]) -> bool:
        return any(q.call_id in whole or q.utterance in places.get(q.call_id, ()) for q in quotes)

    rows = connection.execute(sa.select(evidence.c.call_id, evidence.c.utterance))
    memo_bodies = connection.scalars(sa.select(memos.c.body)).all()
    answer_bodies = connection.scalars(sa.select(answers.c.body)).all()
    picked = connection.scalars(sa.select(picks.c.statement)).all()
    made = PersonErasure(
        name=found.wanted.name,
        calls=tuple(told),
        named=tuple(call.call_id for call in found.named),
        mentions=found.mentions,
        evidence=sum(r.utterance in places.get(r.call_id, ()) for r in rows),
        memos=sum(goes(quotes_of(Memo.model_validate(body))) for body in memo_bodies),
        answers=sum(goes(in_answer(Answer.model_validate(body))) for body in answer_bodies),
        picks=sum(goes(Statement.model_validate(one).quotes) for one in picked),
        similar=tuple(map(_similar, found.similar)),
        sentences=(),
    )
    calls = {one.call.call_id: one.call for one in found.spoke}
    return made.model_copy(
        update={"sentences": tuple(_sentences(made, calls, list_calls(connection), voiceless))}
    )


def _similar(one: Alike) -> Similar:
    return Similar(name=one.name, email=one.email, call_ids=one.call_ids)


def _sentences(
    found: PersonErasure,
    calls: Mapping[str, Call],
    everything: Sequence[Call],
    voiceless: Collection[str],
) -> Iterator[str]:
    whole = [one for one in found.calls if one.whole]
    parts = [one for one in found.calls if not one.whole]
    if not found.calls and not found.named:
        yield f"Nobody called {found.name} spoke in a call or is named in one."
    if whole:
        yield (
            f"{_several(len(whole), 'call')} whole, with all that came from "
            f"{'it' if len(whole) == 1 else 'them'}, for no other customer spoke there: "
            f"{_titles(whole)}."
        )
    if parts:
        yield (
            f"What they said in {_several(len(parts), 'call')} with others "
            f"({_several(sum(p.utterances for p in parts), 'utterance')}): {_titles(parts)}. Their "
            "utterances keep their numbers and read “[erased]”."
        )
        recorded = [calls[p.call_id] for p in parts if calls[p.call_id].has_audio]
        silenced = sum(call.call_id not in voiceless for call in recorded)
        if silenced:
            yield (
                f"Their voice in {_several(silenced, 'recording')}: written anew, silent "
                "where they spoke, without the picture of a video. Who spoke at the same time "
                "falls silent there too."
            )
        if going := [p for p in parts if p.call_id in voiceless]:
            yield (
                f"{_several(len(going), 'recording')} altogether, for nothing tells when they "
                f"spoke there; the transcript stays, without their words: {_titles(going)}."
            )
        if len(recorded) < len(parts):
            yield (
                f"{_several(len(parts) - len(recorded), 'transcript')} as it came: a transcript "
                "without their words takes its place."
            )
        yield (
            "There corrections can be taken back no more, and what a language model read is read "
            "again."
        )
    if found.evidence:
        yield f"{_several(found.evidence, 'piece')} of evidence."
    if found.memos or found.answers or found.picks:
        yield (
            f"Their quotes in {_several(found.memos, 'memo')}, {_several(found.answers, 'answer')} "
            f"and {_several(found.picks, 'pick')}, with what was written from them."
        )
    if unread := sum(call.state != "ready" for call in everything):
        yield (
            f"{_several(unread, 'call')} of this home {'is' if unread == 1 else 'are'} not read "
            "yet: whether they speak there is not known."
        )
    if found.calls or found.named:
        yield (
            f"Their name, in {_several(found.mentions, 'utterance')} of others and wherever it "
            "stands in titles, answers, memos and the codebook, reads “[erased]”. Where others say "
            "it in a recording it is still to be heard."
        )
        yield "Not touched: the accounts as your CRM has them, and backups made before."
    for one in found.similar:
        address = f" ({one.email})" if one.email else ""
        yield (
            f"Not touched, for the name is only similar: {one.name}{address} in "
            f"{', '.join(one.call_ids[:_NAMED])}. Name them as well if it is the same person."
        )


def _titles(calls: list[OfCall]) -> str:
    named = [f"“{shortened(one.title, 60)}”" for one in calls[:_NAMED]]
    more = [f"{len(calls) - _NAMED} more"] if len(calls) > _NAMED else []
    return ", ".join([*named, *more])


def _several(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
