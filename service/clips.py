"""A quote as a clip of its recording, and which moment of which recording that is.

A clip is what leaves the house in the end: of a call without consent there is none, what was erased
is silent, and so is what is masked in the text, unless the one who asks may see it as it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from pydantic import Field

from ingest import joined
from ingest.anchor import find
from ingest.cutting import Moment, Saying
from ingest.erased import ERASED, OFF_S, is_erased
from ingest.errors import BadInput, Conflict, NotFound, shown
from ingest.library import Library
from ingest.media.port import clear
from ingest.models import Call, Frozen, Utterance
from ingest.redaction import MARK, Redaction
from ingest.store import get_call, list_accounts, list_utterances, media_name, playback_name
from service.assembling import Caption, Captions, Line
from service.cutting import assembled

LONGEST_S = 20 * 60.0
_BESIDE_S = 0.6  # so far from an utterance a clip of it may reach, and what is silenced in it


class NoClip(NotFound):
    """There is nothing to hear of what was asked for, or nobody may."""


class Place(Frozen):
    """Words of an utterance, as they are shown; without ``words`` all of it."""

    call_id: str
    utterance: int = Field(ge=0)
    words: str | None = Field(default=None, max_length=20_000)


@dataclass(frozen=True, slots=True)
class Found:
    """A place as it is now: the moment in the recording's file ``media``, and who said it."""

    line: Line
    media: tuple[str, ...]  # names in the store, the better one first
    called: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is read once and is nowhere then. ``note``: what whoever gets it should know."""

    file: BinaryIO
    size: int
    seconds: float
    note: str

    def noted(self, note: str) -> Made:
        return replace(self, note=" ".join(filter(None, (note, self.note))))


def clip(
    library: Library, place: Place, redaction: Redaction, span: tuple[int, int] | None = None
) -> Made:
    """The words as an .m4a; ``span`` are characters of the utterance, instead of ``place.words``.

    Raises ``NotFound``, ``NoClip``, ``BadInput`` and ``Conflict``.
    """

    def look() -> list[Found]:
        with library.read() as connection:
            return [find_place(connection, place, redaction, span=span)]

    name = f"{place.call_id}:{place.utterance}"
    return make(library, look, captions="none", title=name, reel=False)


def find_place(
    connection: sa.Connection,
    place: Place,
    redaction: Redaction,
    *,
    span: tuple[int, int] | None = None,
    original: bool = False,
) -> Found:
    """Raises ``NotFound``, ``NoClip`` and ``BadInput``. ``original``: the words are as they were
    said, whatever of them is masked.
    """
    call = get_call(connection, place.call_id)
    name = f"{call.call_id}:{place.utterance}"
    _refuse_without_sound(connection, call)
    words = list_utterances(connection, call.call_id)
    said = next((u for u in words if u.i == place.utterance), None)
    if said is None:
        raise NotFound(f"Call {call.call_id} has no utterance {place.utterance}.")
    if is_erased(said):
        raise NoClip(f"What was said at {name} is erased.")
    told = redaction.text(said.text)
    span = _span(place, said.text if original else told, span)
    timed = [one for one in words if one.start_s is not None and one.end_s is not None]
    if said not in timed:
        raise NoClip(f"Call {call.call_id} has no times at {place.utterance}: nothing can be cut.")
    slack_s = _slack_s(call)
    mine = _saying(said, redaction)
    others = [_saying(o, redaction) for o in timed if o is not said]
    if mine.end_s - mine.start_s > LONGEST_S:
        raise BadInput(f"What was said at {name} is longer than {LONGEST_S / 60:.0f} minutes.")
    moment = Moment(
        name=name,
        path=Path(),
        said=mine,
        span=span,
        earliest_s=max((o.end_s for o in others if o.end_s <= mine.start_s), default=0.0),
        latest_s=min((o.start_s for o in others if o.start_s >= mine.end_s), default=float("inf")),
        beside=tuple(o for o in others if o.hidden and _meet(o, mine, slack_s)),
        slack_s=slack_s,
    )
    names = {a.account_id: a.name for a in list_accounts(connection)}
    caption = Caption(
        who=redaction.text(next((s.name for s in call.speakers if s.label == said.speaker), "")),
        account=redaction.text(names.get(call.account_id or "", "")),
        date=call.date.isoformat() if call.date else "",
        words=told if span is None else told[slice(*span)],
        all_words=told,
    )
    files = (playback_name(connection, call.call_id), media_name(connection, call.call_id))
    media = tuple(dict.fromkeys(filter(None, files)))
    return Found(Line(moment, caption), media, shown(call.file_name))


def _refuse_without_sound(connection: sa.Connection, call: Call) -> None:
    if call.waits_for_consent or call.consent == "refused":
        raise NoClip(
            f"The customer of call {call.call_id} has not agreed to be quoted: there is no clip "
            "of it."
        )
    if not call.has_audio:
        raise NoClip(f"{call.call_id} came as a transcript; there is no recording to cut from.")
    if call.state != "ready":
        raise NoClip(f"{call.call_id} is not heard to its end yet; there is no clip of it so far.")
    try:
        joined.require_sound(connection, call)
    except NotFound as problem:
        raise NoClip(str(problem)) from problem
    if _slack_s(call) and not call.agreement:
        raise NoClip(
            f"The transcript of {call.call_id} could not be aligned with its recording: nobody can "
            "tell where in it these words are."
        )


def _slack_s(call: Call) -> float:
    """By how much the times of its words may be off, in seconds."""
    is_tool_s = call.transcript_file is not None and call.words_from == "transcript"
    return OFF_S if is_tool_s else 0.0


def _span(place: Place, text: str, span: tuple[int, int] | None) -> tuple[int, int] | None:
    if place.words is not None:
        span = find(place.words, text)
        if span is None:
            raise BadInput(
                f"These words are not in utterance {place.utterance} of call {place.call_id}; "
                "give them as they stand there."
            )
    if span is None:
        return None
    if not (0 <= span[0] < span[1] <= len(text) and text[slice(*span)].strip()):
        raise BadInput(
            f"Utterance {place.utterance} of call {place.call_id} has no words from character "
            f"{span[0]} to {span[1]}; it has {len(text)}."
        )
    whole = text[: span[0]].strip() == "" == text[span[1] :].strip()
    return None if whole else span


def _saying(said: Utterance, redaction: Redaction) -> Saying:
    told = redaction.text(said.text)
    hidden = [n for n, one in enumerate(told) if one == MARK != said.text[n]]
    # A name that others say is still in the sound; who was erased is silent there already.
    at = -1 if is_erased(said) else said.text.find(ERASED)
    while at >= 0:
        hidden += range(at, at + len(ERASED))
        at = said.text.find(ERASED, at + 1)
    assert said.start_s is not None
    assert said.end_s is not None
    end = max(said.start_s, said.end_s)
    return Saying(said.start_s, end, said.text, tuple(_runs(sorted(set(hidden)))))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = 0
    for n in range(1, len(numbers) + 1):
        if n == len(numbers) or numbers[n] != numbers[n - 1] + 1:
            yield numbers[first], numbers[n - 1] + 1
            first = n


def _meet(one: Saying, other: Saying, slack_s: float) -> bool:
    beside = _BESIDE_S + slack_s
    return one.start_s - beside < other.end_s and other.start_s < one.end_s + beside


# --- making the file -----------------------------------------------------------------------------


def make(
    library: Library,
    look: Callable[[], list[Found]],
    *,
    captions: Captions,
    title: str,
    reel: bool,
) -> Made:
    """What ``look`` finds, as a file. Raises ``Conflict`` when that changes meanwhile: what is
    erased or masked in this moment is not given out any more.
    """
    found = look()
    clear(library.home, ".clip-*")
    with (
        tempfile.TemporaryDirectory(dir=library.home, prefix=".clip-") as folder,
        _at_hand(library, found) as paths,
    ):
        out = Path(folder) / ("made.mp4" if captions == "written" else "made.m4a")
        lines = [
            replace(one.line, moment=replace(one.line.moment, path=paths[one.media]))
            for one in found
        ]
        called = {paths[one.media].name: one.called for one in found}
        made = assembled(
            lines, out, captions, title=title, even=reel, longest_s=LONGEST_S, called=called
        )
        if look() != found:
            raise Conflict("What was said there was changed in this moment; try again.")
        file = out.open("rb")
    notes = (
        _note(made.whole, "has more than the words asked for: when they were said is not sure"),
        _note(made.left, "is left out: what was said there is masked"),
    )
    return Made(file, os.fstat(file.fileno()).st_size, made.seconds, " ".join(filter(None, notes)))


def _note(names: Sequence[str], what: str) -> str:
    return f"{', '.join(names)} {what}." if names else ""


@contextmanager
def _at_hand(library: Library, found: Sequence[Found]) -> Iterator[Mapping[tuple[str, ...], Path]]:
    """Files to cut from; the copy that is played where it is there, for one can jump in it."""
    with ExitStack() as held:
        paths: dict[tuple[str, ...], Path] = {}
        for one in found:
            if one.media not in paths:
                paths[one.media] = held.enter_context(_first(library, one.media))
        yield paths


@contextmanager
def _first(library: Library, names: Sequence[str]) -> Iterator[Path]:
    *copies, last = names
    with ExitStack() as held:
        for name in copies:
            try:
                path = held.enter_context(library.media.local(name))
            except NotFound:
                continue  # the copy is gone, which `doctor` mends
            yield path
            return
        yield held.enter_context(library.media.local(last))
