"""Makes the recordings of the bundled sample: Larkspur transcripts, spoken by synthetic voices.

The sample has to be small, free to pass on, and known to the word and the second. Nobody's real
call is; so four transcripts are read out by flite and Festival, one voice per person, and what was
said when is kept beside as ground truth (word errors, speakers and roles are measured against it).
The same packages give the same sound: pauses and noise come from a seeded generator.

    python -m eval.speak_sample OUT    writes OUT/recordings (as in service/sample) and OUT/spoken
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.signal import resample_poly

from eval.pronounce import pronounceable, without_stage
from ingest.audio import encode
from ingest.models import RATE, Role, Samples, Transcript

LARKSPUR = Path(__file__).parent / "corpora" / "larkspur"
_LEVEL = 10 ** (-23 / 20)  # RMS of every utterance
_FLOOR = 10 ** (-60 / 20)  # RMS of the noise under everything: a line is never digitally silent
_LEAK = 10 ** (-35 / 20)  # what one telephone channel hears of the other


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthetic voice. ``shift`` plays it faster or slower: pitch and resonances move together,
    as between a smaller and a larger person; the synthesizer makes up for the pace. ``pace``
    brings a hasty voice down to the others' words per minute."""

    engine: Literal["flite", "festival"]
    name: str
    shift: float = 1.0
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class Take:
    """One transcript to be read out. ``pace`` stretches the speech; above 1 is slower.

    Utterances in ``omit`` (small talk) are left out, to stay within six minutes at a clear pace.
    """

    call_id: str
    file: str
    pace: float
    cast: Mapping[str, Voice]
    stereo: bool = False
    omit: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance as it lies in the recording; seconds from its start."""

    i: int
    speaker: str
    role: Role
    start_s: float
    end_s: float
    text: str


_SLT = Voice("festival", "cmu_us_slt_arctic_hts", pace=1.06)
_RMS = Voice("flite", "rms")
# Two voices of one call are at most 0.62 alike (mean cosine of GE2E embeddings of 1.6 s; a voice is
# 0.79 and more like itself), so that a listener knows who speaks.
TAKES = (
    Take(
        "LC-002",
        "two-otters-check-in.ogg",
        1.2,
        {"Juno Estevez": _SLT, "Gus Halloran": _RMS},
    ),
    Take(
        "LC-020",
        "pondskip-check-in.ogg",
        1.2,
        {"Juno Estevez": _SLT, "Darlene Mudge": replace(_SLT, shift=0.82)},
        stereo=True,
    ),
    Take(
        "LC-024",
        "cobbleway-month-end.ogg",
        1.18,
        {
            "Randy Pruitt": replace(_RMS, shift=0.92),
            "Juno Estevez": _SLT,
            "Kirsty Vandermolen": replace(_SLT, shift=0.8),
        },
    ),
    Take(
        "LC-013",
        "calderby-shop-visit.ogg",
        1.12,
        {
            "Moses Fairweather": _RMS,
            "Lyle Brandt": replace(_RMS, shift=1.3),
            "Dev Parmar": replace(_SLT, shift=0.9),
            "Theo Marsden": replace(_SLT, shift=0.72),
        },
        omit=frozenset({47, 48, 49, 52, 53, 55, 56, 57, 58}),
    ),
)


def main(arguments: list[str]) -> int:
    """Write all recordings and their ground truth under the folder named."""
    if len(arguments) != 1:
        print("usage: python -m eval.speak_sample OUT", file=sys.stderr)
        return 2
    missing = [program for program in ("flite", "text2wave") if shutil.which(program) is None]
    if missing:
        print(
            f"{' and '.join(missing)} not found: apt-get install flite festival "
            "festvox-us-slt-hts, then run this again.",
            file=sys.stderr,
        )
        return 1
    recordings, truths = Path(arguments[0]) / "recordings", Path(arguments[0]) / "spoken"
    recordings.mkdir(parents=True, exist_ok=True)
    truths.mkdir(parents=True, exist_ok=True)
    index = []
    for take in TAKES:
        call = _read(take.call_id)
        sound, spoken = perform(take, call)
        blocks = (sound[:, at : at + RATE] for at in range(0, sound.shape[1], RATE))
        encode(recordings / take.file, blocks, bit_rate=32_000 if take.stereo else 24_000)
        truth = {
            "call_id": take.call_id,
            "file": take.file,
            "stereo": take.stereo,
            "duration_s": round(sound.shape[1] / RATE, 2),
            "utterances": [asdict(line) for line in spoken],
        }
        _write(truths / f"{take.call_id}.json", truth)
        index.append(
            {
                "file": take.file,
                "call_id": take.call_id,
                "account_id": call.account_id,
                "date": str(call.date),
                "title": call.title,
                "stereo": take.stereo,
            }
        )
        print(f"{take.file}: {sound.shape[1] / RATE:.0f} s", file=sys.stderr)
    _write(recordings / "index.json", index)
    return 0


def perform(take: Take, call: Transcript) -> tuple[Samples, list[Spoken]]:
    """The call read out: samples (channels, n) at ``RATE``, and what lies where in them.

    Utterances follow each other in the transcript's order with 0.2 to 0.8 s between, 0.2 s after a
    speaker who was cut short. In stereo the first speaker has the left channel.
    """
    roles = {p.name: p.role for p in call.participants}
    said = [u for u in call.utterances if u.i not in take.omit]
    lines = [(u, text) for u in said if (text := without_stage(u.text))]
    with ThreadPoolExecutor(2) as pool:
        sounds = list(
            pool.map(lambda line: say(take.cast[line[0].speaker], line[1], take.pace), lines)
        )
    random = np.random.default_rng(int(take.call_id.removeprefix("LC-")))
    spoken: list[Spoken] = []
    at = 0.6
    for (u, text), sound in zip(lines, sounds, strict=True):
        role = roles[u.speaker]
        assert role is not None, f"{take.call_id}: {u.speaker} has no role"
        end = at + len(sound) / RATE
        spoken.append(Spoken(u.i, u.speaker, role, round(at, 3), round(end, 3), text))
        pause = random.uniform(0.2, 0.8)
        at = end + (0.2 if text.endswith("—") else pause)
    tracks = np.zeros((2 if take.stereo else 1, int((at + 0.4) * RATE)), np.float32)
    left = spoken[0].speaker
    for line, sound in zip(spoken, sounds, strict=True):
        start = round(line.start_s * RATE)
        own = int(take.stereo and line.speaker != left)
        tracks[own, start : start + len(sound)] += sound
        if take.stereo:
            tracks[1 - own, start : start + len(sound)] += sound * np.float32(_LEAK)
    tracks += random.normal(0, _FLOOR, tracks.shape).astype(np.float32)
    return np.clip(tracks, -0.99, 0.99), spoken


def say(voice: Voice, text: str, pace: float) -> Samples:
    """One utterance at ``RATE``, without the silence around it, at the common loudness."""
    stretch = pace * voice.pace * voice.shift
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        if voice.engine == "flite":
            command = ["flite", "-voice", voice.name, "--setf", f"duration_stretch={stretch:.4f}"]
            subprocess.run([*command, "-t", pronounceable(text), "-o", str(wav)], check=True)
        else:
            rate = f'(list (list "-r" {1 / stretch:.4f}))'
            scheme = (
                f"(begin (voice_{voice.name}) (set! hts_engine_params "
                f"(append hts_engine_params {rate})))"
            )
            command = ["text2wave", "-eval", scheme, "-o", str(wav)]
            subprocess.run(command, input=pronounceable(text).encode("ascii"), check=True)
        samples, rate_hz = _decode(wav)
    ratio = Fraction(RATE / (rate_hz * voice.shift)).limit_denominator(200)
    resampled: Samples = resample_poly(samples, ratio.numerator, ratio.denominator)
    loud = np.flatnonzero(np.abs(resampled) > 0.01 * np.abs(resampled).max())
    trimmed = resampled[loud[0] : loud[-1] + 1]
    gain = _LEVEL / float(np.sqrt(np.mean(np.square(trimmed))))
    return (trimmed * np.float32(gain)).astype(np.float32)


def _decode(path: Path) -> tuple[Samples, int]:
    """What both synthesizers write: one channel of 16-bit integers."""
    with wave.open(str(path)) as said:
        integers = np.frombuffer(said.readframes(said.getnframes()), "<i2")
        return np.divide(integers, 32768, dtype=np.float32), said.getframerate()


def _read(call_id: str) -> Transcript:
    return Transcript.model_validate_json((LARKSPUR / "calls" / f"{call_id}.json").read_bytes())


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
