"""The bench: what the product costs and how right it is on sound, in one table beside its targets.

CPU seconds and peak memory are those of whole processes, measured from outside; on a busy machine
trust them and the ratios, not the wall times.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import attribution, diarization, roles, speech_recognition
from ingest.library import Library, Options
from ingest.listen import hear
from ingest.models import Samples
from ingest.transcribe import open_transcriber
from service import sample

HERE = Path(__file__).parent
ASKED = 40  # warm questions
READ = ("jfk", "preamble", "spacewalk")
LONG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Figure:
    """``target`` is what ``value`` may be at most, or at least where ``least``; ``None``: told."""

    name: str
    value: float
    target: float | None
    least: bool = False

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.least else self.value <= self.target


@dataclass(frozen=True, slots=True)
class Cost:
    """A process's seconds of CPU and of the clock, and its peak memory in GB."""

    cpu_s: float
    wall_s: float
    peak_gb: float
    stdout: str


def run(shared: Path, parts: Sequence[str]) -> list[Figure]:
    """Measure ``parts`` one after another."""
    figures = []
    for part in parts:
        print(f"… {part}", file=sys.stderr)
        figures += list(PARTS[part](shared))
    return figures


def table(figures: Sequence[Figure], before: dict[str, float]) -> str:
    """The figures as a Markdown table, beside their targets and the baseline."""
    lines = ["| what | measured | target | met | baseline |", "|---|---|---|---|---|"]
    for f in figures:
        sign = "≥" if f.least else "≤"
        target = "–" if f.target is None else f"{sign} {f.target:g}"
        met = {None: "–", True: "yes", False: "**no**"}[f.met]
        old = f"{before[f.name]:.4g}" if f.name in before else "–"
        lines.append(f"| {f.name} | {f.value:.4g} | {target} | {met} | {old} |")
    return "\n".join(lines)


# --- sound ------------------------------------------------------------------------------------


def recognition(shared: Path) -> Iterator[Figure]:
    """Word error rates: read and interview speech, and the sample's recordings."""
    engine = open_transcriber(_options())
    audio = shared / "audio"
    if audio.is_dir():
        heard = speech_recognition.run(audio, engine, names=READ)
        errors = [h.errors for h in heard if h.errors is not None]
        yield Figure("WER jfk, preamble, spacewalk %", 100 * _rate(errors), 2.0)
        far = speech_recognition.run(audio, engine, names=("ami-dev00", "ami-dev01"))
        yield Figure(
            "WER far-field meeting %", 100 * _rate([h.errors for h in far if h.errors]), None
        )
    for recording in sample.recordings():
        # Through the whole listening part: it takes the leakage out of the stereo call.
        heard_one = " ".join(u.text for u in hear(recording.path, engine).utterances)
        spoken = json.loads((HERE / "spoken" / f"{recording.call_id}.json").read_text())
        told = " ".join(u["text"] for u in spoken["utterances"])
        wer = speech_recognition.compare(told, heard_one).rate
        yield Figure(f"WER sample {recording.call_id} %", 100 * wer, None)


def voices(shared: Path) -> Iterator[Figure]:
    """Diarization error rates, collar 0.25 s, and speakers counted right."""
    audio = shared / "audio"
    if not audio.is_dir():
        return
    found = diarization.run(audio)
    close = [r for r in found if r.name.startswith("sim-")]
    for result in close:
        yield Figure(f"DER {result.name} %", 100 * result.der, 4.0)
    right = sum(r.speakers == r.found for r in close) / len(close)
    yield Figure("speakers counted right, sim-c*", right, 1.0, least=True)
    far = [r.der for r in found if r.name.startswith("ami-")]
    yield Figure("DER far-field meeting %", 100 * statistics.mean(far), None)


def long_call(shared: Path) -> Iterator[Figure]:
    """A 60-minute call: the engine alone, and `firsthand add` from outside."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hour.ogg"
        seconds = _hour(shared, path)
        engine = _python("-m", "eval.bench", "engine", str(path))
        yield Figure("engine, CPU s per s of a 60-minute call", engine.cpu_s / seconds, 0.035)
        home = ("--home", str(Path(folder) / "home"))
        add = _python("-m", "service.cli", *home, "add", str(path))
        yield Figure("whole ingest, CPU s per s of a 60-minute call", add.cpu_s / seconds, 0.08)
        yield Figure("whole ingest, wall s per s of a 60-minute call", add.wall_s / seconds, None)
        yield Figure("whole ingest, peak memory GB", add.peak_gb, 1.0)


def _hour(shared: Path, path: Path) -> float:
    """An hour of conversation at ``path``, from the clips or the sample; its seconds."""
    from ingest.audio import decode, encode
    from ingest.channels import mixed

    clips = sorted((shared / "audio").glob("sim-*.flac")) or [r.path for r in sample.recordings()]
    seconds = 0.0

    def blocks() -> Iterator[Samples]:
        nonlocal seconds
        while seconds < LONG_S:
            for clip in clips:
                for block in mixed(decode(clip)):
                    if seconds < LONG_S:
                        seconds += block.shape[1] / 16_000
                        yield block

    encode(path, blocks())
    return seconds


# --- who is who -------------------------------------------------------------------------------


def who(_shared: Path) -> Iterator[Figure]:
    """Roles from text alone, and on the spoken sample as the demo hears it."""
    outcomes = roles.run(HERE / "corpora" / "larkspur")
    for name, outcome in outcomes.items():
        plain = name == "as it is"
        yield Figure(f"roles right, text {name}", outcome.share, 0.9 if plain else None, least=True)
    for figure in attribution.run():
        yield Figure(figure.name, figure.value, figure.target, least=True)


# --- asking -----------------------------------------------------------------------------------


def asking(_shared: Path) -> Iterator[Figure]:
    """The demo, then questions over its home: warm in one process, and cold as a command."""
    from service.ask import ask

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        demo = _python("-m", "service.cli", "--home", str(home), "demo")
        yield Figure("demo after installation, wall s", demo.wall_s, 180.0)
        yield Figure("demo, CPU s", demo.cpu_s, None)
        questions = json.loads((HERE / "corpora" / "larkspur" / "questions.json").read_text())
        library = Library(home, _options())
        # Warm: a server that has answered one question over all calls has them in memory.
        ask(library, "Which customers mentioned an invoice?")
        times = []
        for question in questions[:ASKED]:
            start = time.perf_counter()
            ask(library, question["question"])
            times.append(time.perf_counter() - start)
        library.close()
        times.sort()
        yield Figure("ask, warm, p50 ms", 1000 * statistics.median(times), None)
        yield Figure("ask, warm, p95 ms", 1000 * times[int(0.95 * len(times))], 100.0)
        asked = ("ask", "What do our top customers need?")
        cold = [_python("-m", "service.cli", "--home", str(home), *asked) for _ in range(3)]
        yield Figure("ask, cold command, wall s", min(c.wall_s for c in cold), 2.5)
        about = ("ask", "Who mentioned tickets that never reached the ledger?")
        cold = [_python("-m", "service.cli", "--home", str(home), *about) for _ in range(3)]
        yield Figure("ask about something, cold command, wall s", min(c.wall_s for c in cold), 2.5)
    helps = [_python("-m", "service.cli", "--help") for _ in range(3)]
    yield Figure("--help, wall s", min(h.wall_s for h in helps), 0.5)


def many_calls(_shared: Path) -> Iterator[Figure]:
    """A home of 100,000 passages: asking, and adding one more call."""
    from eval import scale  # which takes Figure from here

    yield from scale.run()


def work(_shared: Path) -> Iterator[Figure]:
    """Jobs: what having work done durably costs beside the work itself."""
    from eval import queueing  # which takes Figure from here

    yield from queueing.run()


def model(_shared: Path) -> Iterator[Figure]:
    """A language model's sentences on their way to the page; what a question costs beside it."""
    from eval import streaming  # which takes Figure from here

    yield from streaming.run()


def every_room(_shared: Path) -> Iterator[Figure]:
    """The page: what a visit to each of its rooms costs."""
    from eval import rooms  # which takes Figure from here

    yield from rooms.run()


PARTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "asking": asking,
    "long-call": long_call,
    "many-calls": many_calls,
    "model": model,
    "recognition": recognition,
    "rooms": every_room,
    "voices": voices,
    "who": who,
    "work": work,
}


# --- processes --------------------------------------------------------------------------------


def _options() -> Options:
    return Options(models=Path("/nonexistent"))


def _python(*args: str) -> Cost:
    """Run this Python with ``args``; raises ``CalledProcessError`` when it fails."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTHAND_")}
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as out,
        subprocess.Popen([sys.executable, *args], stdout=out, env=environment) as process,
    ):
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, args, text)
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1e6, text)


def _rate(errors: Sequence[speech_recognition.Errors]) -> float:
    return speech_recognition.total(errors).rate


if __name__ == "__main__" and sys.argv[1:2] == ["engine"]:
    # The part of ``long_call`` that is measured from outside.
    speech_recognition.hear(Path(sys.argv[2]), open_transcriber(_options()))
