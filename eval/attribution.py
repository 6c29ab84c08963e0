"""Whether the sample's recordings are told apart: who said what, and on which side they stand.

One real case: in ``pondskip-check-in.ogg`` the left channel says "Pondskip Septic, we're number one
in number two." and the right one "Hi Darlene, it's Juno, from Larkspur."; the first is a customer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.library import Options
from ingest.listen import hear
from ingest.models import Role, Utterance
from ingest.roles import settle
from ingest.transcribe import Engine, open_transcriber
from service import sample

SPOKEN = Path(__file__).with_name("spoken")


@dataclass(frozen=True, slots=True)
class Truth:
    """An utterance as it was spoken into the recording."""

    speaker: str
    role: Role
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """``utterances``: share given to the right speaker; ``roles``: all voices on the right side."""

    call_id: str
    stereo: bool
    speakers: int
    expected: int
    utterances: float
    roles: bool
    doubts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    value: float
    target: float | None


def measure(recording: sample.SampleRecording, engine: Engine) -> Attribution:
    """Hear one recording of the sample as ``firsthand add`` does, and compare."""
    truth = [
        Truth(u["speaker"], u["role"], u["start_s"], u["end_s"])
        for u in json.loads((SPOKEN / f"{recording.call_id}.json").read_text())["utterances"]
    ]
    heard = hear(recording.path, engine)
    voices = settle(heard.utterances, channels_apart=heard.channels_apart)
    people = who_is_who(heard.utterances, truth)
    right = [people.get(u.speaker) == _speaks(u, truth) for u in heard.utterances]
    roles = {t.speaker: t.role for t in truth}
    return Attribution(
        call_id=recording.call_id,
        stereo=recording.stereo,
        speakers=len(voices),
        expected=len(roles),
        utterances=sum(right) / len(right),
        roles=all(roles[people[v.label]] == v.role for v in voices),
        doubts=tuple(round(v.doubt, 2) for v in voices),
    )


def who_is_who(heard: Sequence[Utterance], truth: Sequence[Truth]) -> dict[str, str]:
    """The person behind each label: the one whose speech it overlaps most."""
    shared: dict[str, Counter[str]] = {}
    for utterance in heard:
        for spoken in truth:
            shared.setdefault(utterance.speaker, Counter())[spoken.speaker] += round(
                1000 * _overlap(utterance, spoken)
            )
    return {label: people.most_common(1)[0][0] for label, people in shared.items()}


def _speaks(utterance: Utterance, truth: Sequence[Truth]) -> str:
    """Who in truth speaks for most of the utterance's time."""
    shared: Counter[str] = Counter()
    for spoken in truth:
        shared[spoken.speaker] += round(1000 * _overlap(utterance, spoken))
    return shared.most_common(1)[0][0]


def _overlap(utterance: Utterance, spoken: Truth) -> float:
    start, end = utterance.start_s or 0.0, utterance.end_s or 0.0
    return max(0.0, min(end, spoken.end_s) - max(start, spoken.start_s))


def run() -> Iterator[Named]:
    """Figures for the bench: shares from 0 to 1."""
    engine = open_transcriber(Options(models=Path("/nonexistent")))
    found = [measure(recording, engine) for recording in sample.recordings()]
    for one in found:
        kind = "stereo" if one.stereo else "mono"
        target = 1.0 if one.stereo else None
        yield Named(
            f"{one.call_id} ({kind}): utterances to the right speaker", one.utterances, target
        )
    counted = sum(one.speakers == one.expected for one in found) / len(found)
    yield Named("spoken sample: speakers counted right", counted, None)
    yield Named(
        "spoken sample: calls with all roles right", sum(o.roles for o in found) / len(found), 1.0
    )
