"""Recordings and the transcripts of them, cut from the sample, as meeting tools leave them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.audio import decode, encode
from ingest.channels import mixed
from ingest.models import RATE, Utterance
from ingest.transcripts import parse
from service import sample

TWO_OTTERS, COBBLEWAY = "LC-002", "LC-024"
CUT_S = 70.0


def recording(path: Path, call_id: str = TWO_OTTERS, *, until_s: float = CUT_S) -> Path:
    """The beginning of a recording of the sample, in AAC."""
    [of] = [one for one in sample.recordings() if one.call_id == call_id]
    left = int(until_s * RATE)
    blocks = []
    for block in mixed(decode(of.path)):
        blocks.append(block[:, :left])
        left -= blocks[-1].shape[1]
        if not left:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    encode(path, iter(blocks), rate=RATE, kind="aac", bit_rate=48_000)
    return path


def said(call_id: str = TWO_OTTERS, *, until_s: float = CUT_S - 4) -> list[Utterance]:
    """What the transcript has of that, on its own clock; the last line goes on a little longer."""
    [path] = [p for p in sample.calls(without_recorded=False) if p.stem == call_id]
    return [u for u in parse(path).utterances if (u.start_s or 0.0) < until_s]


def vtt(path: Path, utterances: Sequence[Utterance], *, skew_s: float = 0.0) -> Path:
    """As Zoom writes them, ``skew_s`` later than they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cues = [
        f"{u.i + 1}\n{_at((u.start_s or 0.0) + skew_s)} --> {_at((u.end_s or 0.0) + skew_s)}\n"
        f"{u.speaker}: {u.text}\n"
        for u in utterances
    ]
    path.write_text("\n".join(["WEBVTT", "", *cues]), "utf-8")
    return path


def plain(path: Path, utterances: Sequence[Utterance]) -> Path:
    """Without times."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(f"{u.speaker}: {u.text}" for u in utterances), "utf-8")
    return path


def _at(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
