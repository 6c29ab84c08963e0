"""Firsthand's own JSON (contract.md): numbers, times and texts are kept as they are.

Checked by hand rather than by a schema, so that the sentence can name the utterance.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.errors import BadInput
from ingest.models import Participant, Role, Transcript, Utterance
from ingest.transcripts.clean import check_call_id, clean_name, clean_text, clean_title
from ingest.transcripts.cues import BACK_S
from ingest.transcripts.dates import parse_date
from ingest.transcripts.shape import entries, text_at

_TITLE = 300  # what a call may be called
_WEEK_S = 7 * 24 * 3600.0
_ROLES: dict[str, Role] = {"customer": "customer", "internal": "internal"}


def parse_native(content: object) -> Transcript:
    """A transcript from the object with ``utterances``. Fields that are not known are ignored."""
    if not isinstance(content, dict):
        raise BadInput("the file is no object with 'utterances'")
    call_id, day = text_at(content, "call_id"), text_at(content, "date")
    account_id = text_at(content, "account_id")
    utterances = tuple(
        _utterance(i, entry) for i, entry in enumerate(entries(content, "utterances", "the file"))
    )
    latest = 0.0
    for utterance in utterances:
        if utterance.start_s is not None:
            if utterance.start_s < latest - BACK_S:
                raise BadInput(
                    f"utterance {utterance.i} starts {latest - utterance.start_s:.0f} s before an "
                    "earlier one; the times run backwards, so mend them"
                )
            latest = max(latest, utterance.start_s)
    return Transcript(
        call_id=None if call_id is None else check_call_id(call_id),
        title=clean_title(text_at(content, "title") or "", _TITLE),
        date=None if day is None else parse_date(day),
        account_id=None if account_id is None else clean_name(account_id) or None,
        source=clean_name(text_at(content, "source") or "")[:40] or "native",
        participants=_participants(content),
        utterances=utterances,
    )


def _participants(content: Mapping[str, object]) -> tuple[Participant, ...]:
    people: dict[str, Participant] = {}
    listed = content.get("participants")
    for n, entry in enumerate(
        [] if listed is None else entries(content, "participants", "the file")
    ):
        name = clean_name(_required(entry, "name", f"participant {n}"))
        role = text_at(entry, "role")
        if role is not None and role not in _ROLES:
            raise BadInput(
                f"participant {n} has the role {clean_text(role)[:40]!r}; it is 'customer', "
                "'internal' or null"
            )
        if not name:
            raise BadInput(f"participant {n} has no name; give one or leave the entry out")
        if name in people:
            raise BadInput(f"participant {n} has the same name as another ({name!r})")
        people[name] = Participant(
            name=name,
            role=None if role is None else _ROLES[role],
            title=clean_title(text_at(entry, "title") or ""),
            email=clean_name(text_at(entry, "email") or "") or None,
            company=clean_name(text_at(entry, "company") or "") or None,
        )
    return tuple(people.values())


def _utterance(i: int, entry: Mapping[str, object]) -> Utterance:
    where = f"utterance {i}"
    number = entry.get("i")
    if "i" not in entry:
        raise BadInput(f"{where} has no 'i'; utterances are numbered 0, 1, 2, …")
    if isinstance(number, bool) or number != i:
        raise BadInput(
            f"{where} is numbered {number!r:.40}; utterances are numbered 0, 1, 2, … in order"
        )
    speaker = clean_name(_required(entry, "speaker", where))
    text = clean_text(_required(entry, "text", where))
    if not speaker or not text:
        raise BadInput(
            f"{where} has an empty {'text' if speaker else 'speaker'}; fill or remove it"
        )
    start, end = _time(entry, "start_s", where), _time(entry, "end_s", where)
    if (start is None) != (end is None):
        raise BadInput(f"{where} has only one of 'start_s' and 'end_s'; give both or neither")
    if start is not None and end is not None and end < start:
        raise BadInput(f"{where} ends ({end:g} s) before it starts ({start:g} s); mend its times")
    return Utterance(i=i, speaker=speaker, start_s=start, end_s=end, text=text)


def _required(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str):
        what = "has no" if key not in entry else f"has a {type(value).__name__} in place of"
        raise BadInput(f"{where} {what} {key!r}, which must be text")
    return value


def _time(entry: Mapping[str, object], key: str, where: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{where} has a {key!r} that is no number; give seconds or null")
    if not 0 <= value <= _WEEK_S:  # nor is what is no number, or infinite
        raise BadInput(f"{where} has a {key!r} ({value!r:.30}) that is no time of a call")
    return float(value)
