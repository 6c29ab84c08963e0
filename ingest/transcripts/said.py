"""A transcript from what tools tell as lists: who, from when to when, and the words.

Every reader of JSON and CSV hands its entries over here, so that they are checked and joined alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from ingest.errors import BadInput
from ingest.models import Participant, Role, Transcript
from ingest.transcripts.clean import clean_name, clean_text, clean_title
from ingest.transcripts.cues import BACK_S, Cue, end_by_next, join, seconds
from ingest.transcripts.dates import parse_date
from ingest.transcripts.speakers import NOBODY, names_of, participants_of

_WEEK_S = 7 * 24 * 3600.0
_CLOCK = re.compile(r"\d{1,3}(?::[0-5]?\d){1,2}(?:[.,]\d{1,9})?")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What an export tells of the meeting beside the words."""

    title: str | None = None
    day: str | float | None = None  # as written, or seconds since 1970
    people: Sequence[Participant] = field(default=())


def transcript(source: str, cues: Iterable[Cue], about: Meeting) -> Transcript:
    """A transcript of ``cues`` in the order of the file, whose speakers are labels.

    Cues without an end last until the next. Raises ``BadInput`` for times that run backwards.
    """
    raw = [cue for cue in cues if cue.text]
    latest = 0.0
    for cue in raw:
        if cue.start_s is None:
            continue
        if cue.start_s < latest - BACK_S:
            raise BadInput(
                f"what {clean_text(cue.speaker)[:60]!r} says at {cue.start_s:.0f} s comes after "
                f"{latest:.0f} s; the times run backwards, so export the transcript again"
            )
        latest = max(latest, cue.start_s)
    if any(cue.start_s is None for cue in raw):  # half a clock is none
        raw = [replace(cue, start_s=None, end_s=None) for cue in raw]
    by_address = {p.email.casefold(): p.name for p in about.people if p.email}
    labels = {c.speaker: by_address.get(c.speaker.casefold(), c.speaker) for c in raw}
    names = names_of(sorted(set(labels.values())))
    named = [replace(cue, speaker=names[labels[cue.speaker]][0]) for cue in raw]
    return Transcript(
        source=source,
        title=clean_title(about.title or ""),
        date=_day(about.day),
        participants=participants_of(sorted(names.values()), about.people),
        utterances=join(end_by_next(named)),
    )


def cue_of(
    where: str,
    *,
    speaker: str | None,
    text: str | None,
    times: tuple[float | None, float | None],
) -> Cue:
    """What one entry says. Raises ``BadInput`` that names ``where`` it stands."""
    start, end = times
    if start is not None and end is not None and end < start:
        raise BadInput(f"{where} ends ({end:g} s) before it starts ({start:g} s); export it again")
    if start is None and end is not None:
        raise BadInput(f"{where} has an end and no start; export it again")
    label = clean_name(speaker or "") or NOBODY
    return Cue(label, start, end, " ".join(clean_text(text or "").split("\n")))


def time_at(
    entry: Mapping[str, object], key: str, where: str, *, per_second: float = 1.0
) -> float | None:
    """The time at ``key`` in seconds: a number, ``"61.5"`` or ``"00:01:01.5"``; ``None`` when it
    is missing. Raises ``BadInput`` for anything else.
    """
    value = entry.get(key)
    if value is None or value == "":
        return None
    found: float | None = None
    plain = isinstance(value, str) and _NUMBER.fullmatch(value.strip()) is not None
    if plain or (isinstance(value, int | float) and not isinstance(value, bool)):
        found = float(value) / per_second  # type: ignore[arg-type]  # a number, or text of one
    elif isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
        found = seconds(value.strip().replace(",", "."))
    if found is None or not 0 <= found <= _WEEK_S:
        raise BadInput(f"{where} has a {key!r} ({value!r:.30}) that is no time of a call")
    return round(found, 3)


def moment_at(entry: Mapping[str, object], key: str, where: str) -> float | None:
    """The moment at ``key`` in seconds since 1970: ISO 8601, or a number of seconds or of
    milliseconds.
    """
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e14:
        return float(value) / (1000.0 if value > 1e11 else 1.0)
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            found = None
        if found is not None:
            return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    raise BadInput(f"{where} has a {key!r} ({value!r:.40}) that is no moment")


def person(
    name: str | None, email: str | None, *, internal: bool | None = None, title: str | None = None
) -> Participant | None:
    """Somebody an export names; ``internal`` where it says so. Without a name the address is it."""
    address = clean_name(email or "") or None
    if address is not None and "@" not in address:
        address = None
    called = clean_name(name or "") or address
    if called is None:
        return None
    role: Role | None = None if internal is None else "internal" if internal else "customer"
    return Participant(name=called, role=role, email=address, title=clean_title(title or ""))


def once(people: Iterable[Participant | None]) -> tuple[Participant, ...]:
    """Each person once, by name; what is told first is kept."""
    found: dict[str, Participant] = {}
    for one in people:
        if one is not None:
            found.setdefault(one.name, one)
    return tuple(found.values())


def _day(day: str | float | None) -> date | None:
    if day is None or day == "":
        return None
    if isinstance(day, str):
        return parse_date(day)
    return datetime.fromtimestamp(day, UTC).date()
