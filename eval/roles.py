"""Measures how often roles are right from the words alone, and whether the stated doubt is honest.

One example: a corpus holds ``calls/LC-001.json`` with four people and their roles. The measure
takes names, roles, titles and addresses away (voices are S1 … S4), lets :func:`ingest.roles.settle`
decide, and counts the call as right when all four are.

    python -m eval.roles ../shared/corpora/larkspur

Besides the text as it is, the same calls are measured as poorer inputs: without punctuation, only
their first third, and with a tenth of the utterances given to a wrong voice (seeded).
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from ingest.models import Role, Utterance
from ingest.roles import settle
from ingest.transcripts import parse

_BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 1.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One voice: what was decided, how doubtful it was said to be, and what it truly is."""

    call_id: str
    label: str
    role: Role
    truth: Role
    doubt: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Voices whose doubt lies in [low, high): how many, the mean doubt, the share truly wrong."""

    low: float
    high: float
    voices: int
    mean_doubt: float
    wrong: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """``right`` of ``calls`` had every role right; ``wrong`` are the voices that were not."""

    calls: int
    right: int
    voices: int
    brier: float
    wrong: list[Verdict] = field(default_factory=list)
    reliability: list[Bin] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.right / self.calls if self.calls else 0.0


_Spoiler = Callable[[Sequence[Utterance]], list[Utterance]]


def run(corpus_dir: Path) -> dict[str, Outcome]:
    """Outcomes by the way in which the text was spoiled, ``as it is`` first."""
    calls = [_anonymous(path) for path in sorted((corpus_dir / "calls").glob("*.json"))]
    ways: dict[str, _Spoiler] = {
        "as it is": list,
        "no punctuation": _unpunctuated,
        "first third": lambda utterances: list(utterances[: len(utterances) // 3]),
        "a tenth misattributed": _misattributed,
    }
    return {
        name: measure([(call_id, spoil(said), truth) for call_id, said, truth in calls])
        for name, spoil in ways.items()
    }


def measure(calls: Sequence[tuple[str, Sequence[Utterance], dict[str, Role]]]) -> Outcome:
    """The outcome over ``(call_id, utterances, roles by label)``."""
    verdicts = [
        Verdict(call_id, voice.label, voice.role, truth[voice.label], voice.doubt)
        for call_id, utterances, truth in calls
        for voice in settle(utterances)
    ]
    wrong = [v for v in verdicts if v.role != v.truth]
    return Outcome(
        calls=len(calls),
        right=len(calls) - len({v.call_id for v in wrong}),
        voices=len(verdicts),
        brier=sum((v.doubt - (v.role != v.truth)) ** 2 for v in verdicts) / max(1, len(verdicts)),
        wrong=wrong,
        reliability=_reliability(verdicts),
    )


def _reliability(verdicts: Sequence[Verdict]) -> list[Bin]:
    bins = []
    for low, high in pairwise(_BINS):
        inside = [v for v in verdicts if low <= v.doubt < high]
        if inside:
            doubt = sum(v.doubt for v in inside) / len(inside)
            missed = sum(v.role != v.truth for v in inside) / len(inside)
            bins.append(Bin(low, high, len(inside), round(doubt, 3), round(missed, 3)))
    return bins


def _anonymous(path: Path) -> tuple[str, list[Utterance], dict[str, Role]]:
    transcript = parse(path)
    labels: dict[str, str] = {}
    said = [
        u.model_copy(update={"speaker": labels.setdefault(u.speaker, f"S{len(labels) + 1}")})
        for u in transcript.utterances
    ]
    roles = {p.name: p.role for p in transcript.participants if p.role is not None}
    return path.stem, said, {label: roles[name] for name, label in labels.items()}


def _unpunctuated(utterances: Sequence[Utterance]) -> list[Utterance]:
    return [
        u.model_copy(update={"text": re.sub(r"[^\w' ]", " ", u.text.lower())}) for u in utterances
    ]


def _misattributed(utterances: Sequence[Utterance]) -> list[Utterance]:
    dice = random.Random(20260603)
    labels = sorted({u.speaker for u in utterances})
    return [
        u.model_copy(update={"speaker": dice.choice(labels)}) if dice.random() < 0.1 else u
        for u in utterances
    ]


if __name__ == "__main__":
    for way, outcome in run(Path(sys.argv[1])).items():
        print(f"{way}: {outcome.right} of {outcome.calls} calls, Brier {outcome.brier:.4f}")
        for voice in outcome.wrong:
            print("   ", json.dumps(asdict(voice)))
        for row in outcome.reliability:
            print("   ", json.dumps(asdict(row)))
