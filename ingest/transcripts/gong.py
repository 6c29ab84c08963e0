"""Gong's JSON: ``callTranscripts`` (who said what) with ``calls`` (who they are), both answers of
its API in one file; or one call by itself: its entry in ``callTranscripts``, perhaps with the
``metaData`` and ``parties`` of its entry in ``calls``.

https://gong.app.gong.io/settings/api/documentation . Times are milliseconds; speakers are ids that
the parties of the call give names, e-mail addresses and an affiliation: Internal or External.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.errors import BadInput
from ingest.models import Participant, Role, Transcript
from ingest.transcripts.clean import clean_name, clean_text, clean_title
from ingest.transcripts.cues import Cue, join
from ingest.transcripts.dates import parse_date
from ingest.transcripts.shape import entries, object_at, text_at

_ROLES: dict[str, Role] = {"internal": "internal", "external": "customer"}
_WEEK_MS = 7 * 24 * 3600 * 1000


def is_gong(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    monologues = content.get("transcript")
    first = next(iter(monologues), None) if isinstance(monologues, list) else None
    alone = isinstance(first, dict) and {"speakerId", "sentences"} <= set(first)
    return alone or "callTranscripts" in content


def parse_gong(content: object) -> Transcript:
    """One call of Gong's export."""
    if not isinstance(content, dict):
        raise BadInput("the file has no call of Gong's; export it again")
    if "callTranscripts" not in content:
        content = {"callTranscripts": [content], "calls": [content]}
    transcripts = entries(content, "callTranscripts", "the file")
    if len(transcripts) != 1:
        raise BadInput(
            f"the file has {len(transcripts)} calls; export every call into its own file"
        )
    call = _details(content, text_at(transcripts[0], "callId"))
    names, participants = _parties(call)
    cues = []
    for n, monologue in enumerate(entries(transcripts[0], "transcript", "the call")):
        speaker = text_at(monologue, "speakerId")
        if not speaker:
            raise BadInput(f"monologue {n} has no speakerId; export the call with its speakers")
        name = names.setdefault(speaker, f"Speaker {len(names) + 1}")
        for sentence in entries(monologue, "sentences", f"monologue {n}"):
            start, end = (_milliseconds(sentence, key, n) for key in ("start", "end"))
            if end < start:
                raise BadInput(
                    f"a sentence of monologue {n} ends before it starts; export it again"
                )
            said = clean_text(text_at(sentence, "text") or "")
            cues.append(Cue(name, start / 1000, end / 1000, " ".join(said.split("\n"))))
    meta = object_at(call, "metaData")
    started = text_at(meta, "started")
    return Transcript(
        source="gong",
        title=clean_title(text_at(meta, "title") or ""),
        date=parse_date(started) if started else None,
        participants=participants,
        utterances=join(cues),
    )


def _details(content: Mapping[str, object], call_id: str | None) -> Mapping[str, object]:
    """The entry in ``calls`` that belongs to the transcript; empty when the export lacks it."""
    calls = entries(content, "calls", "the file") if content.get("calls") is not None else []
    for call in calls:
        if call_id is None or text_at(object_at(call, "metaData"), "id") == call_id:
            return call
    return calls[0] if len(calls) == 1 else {}


def _parties(call: Mapping[str, object]) -> tuple[dict[str, str], tuple[Participant, ...]]:
    """Names by speaker id, and everybody who is named. Namesakes are told apart by number."""
    names: dict[str, str] = {}
    people: dict[str, Participant] = {}
    for party in entries(call, "parties", "the call") if call.get("parties") else []:
        speaker = text_at(party, "speakerId")
        email = clean_name(text_at(party, "emailAddress") or "") or None
        name = clean_name(text_at(party, "name") or "") or email
        if name is None:
            continue
        if name in people:
            if speaker is None:
                continue
            name = f"{name} ({len(people) + 1})"
        if speaker is not None:
            names[speaker] = name
        people[name] = Participant(
            name=name,
            role=_ROLES.get((text_at(party, "affiliation") or "").lower()),
            title=clean_title(text_at(party, "title") or ""),
            email=email,
        )
    return names, tuple(people.values())


def _milliseconds(sentence: Mapping[str, object], key: str, monologue: int) -> float:
    value = sentence.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"a sentence of monologue {monologue} has no {key} in milliseconds")
    if not 0 <= value <= _WEEK_MS:
        raise BadInput(f"a sentence of monologue {monologue} has a {key} that is no time of a call")
    return float(value)
