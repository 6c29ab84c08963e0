"""Who spoke when, scored: diarization error rate (DER) and the number of speakers.

An example, from ``sim-c1`` (a conversation of two voices through a telephone band): the reference
says 3331 from 1.000 s to 7.140 s; S1 from 1.05 s to 7.10 s scores no error, because an eighth of a
second on either side of the reference's edges is not counted (pyannote's collar is the whole). DER
is missed speech, false speech and speech of the wrong voice, over all speech; pyannote.metrics
finds the best pairing of labels.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.models import Turn

COLLAR_S = 0.25


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the reference's speech, and counts. ``cpu_per_s`` covers diarization alone."""

    name: str
    der: float
    missed: float
    false_alarm: float
    confused: float
    speakers: int
    found: int
    doubt: float
    cpu_per_s: float


def error_rate(reference: Sequence[Turn], found: Sequence[Turn]) -> dict[str, float]:
    """``der``, ``missed``, ``false_alarm`` and ``confused``, each over the reference's speech.

    Overlapped speech counts. The collar is pyannote's: half of it on either side of an edge.
    """
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(turns: Sequence[Turn]) -> Annotation:
        annotated = Annotation()
        for track, turn in enumerate(turns):
            annotated[Segment(turn.start_s, turn.end_s), track] = turn.speaker
        return annotated

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'uem' was approximated")
        parts = DiarizationErrorRate(collar=COLLAR_S)(
            annotation(reference), annotation(found), detailed=True
        )
    total = parts["total"]
    return {
        "der": parts["diarization error rate"],
        "missed": parts["missed detection"] / total,
        "false_alarm": parts["false alarm"] / total,
        "confused": parts["confusion"] / total,
    }


def read_rttm(path: Path) -> list[Turn]:
    """Turns of an RTTM file, in its order."""
    rows = (line.split() for line in path.read_text("utf-8").splitlines() if line.strip())
    return [Turn(r[7], float(r[3]), float(r[3]) + float(r[4])) for r in rows if r[0] == "SPEAKER"]


def run(folder: Path) -> list[Score]:
    """Score every recording in ``folder`` that has an ``.rttm`` beside it."""
    return [score(path.with_suffix(".flac"), path) for path in sorted(folder.glob("*.rttm"))]


def score(recording: Path, rttm: Path) -> Score:
    """Diarize one recording and compare it with its reference."""
    from ingest.audio import decode
    from ingest.channels import mixed
    from ingest.diarize import VoiceLog, diarize
    from ingest.pieces import pieces

    reference = read_rttm(rttm)
    log = VoiceLog()
    spent = 0.0
    for piece in pieces(mixed(decode(recording))):
        begun = time.process_time()
        log.hear(piece)
        spent += time.process_time() - begun
    begun = time.process_time()
    found = diarize(log)
    spent += time.process_time() - begun
    rates = error_rate(reference, found.turns)
    length = max(turn.end_s for turn in reference)
    return Score(
        name=recording.stem,
        der=rates["der"],
        missed=rates["missed"],
        false_alarm=rates["false_alarm"],
        confused=rates["confused"],
        speakers=len({turn.speaker for turn in reference}),
        found=len({turn.speaker for turn in found.turns}),
        doubt=found.doubt,
        cpu_per_s=spent / length,
    )
