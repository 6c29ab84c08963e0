"""Files of several moments: chapters, pictures, sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from ingest.audio import decode, probe
from ingest.cutting import CUT_RATE
from ingest.models import Samples
from ingest.reel import HEIGHT, WIDTH, Part, write
from service.assembling import Caption, cards_of


def beep(hertz: float, seconds: float) -> Samples:
    t = np.arange(round(seconds * CUT_RATE)) / CUT_RATE
    return (0.2 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def sound_of(path: Path) -> Samples:
    return np.concatenate([block[0] for block in decode(path, rate=CUT_RATE)])


def pitch(sound: Samples) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * CUT_RATE / len(sound))


def test_parts_follow_each_other_as_chapters(tmp_path: Path) -> None:
    path = tmp_path / "reel.m4a"
    write(path, [Part("A-1:3", beep(440, 2.0)), Part("B-2:14", beep(880, 1.5))], title="Reel")
    with av.open(path) as held:
        chapters = [
            (c["metadata"]["title"], float(c["start"] * (c["time_base"] or 0)))
            for c in held.chapters()
        ]
        assert held.metadata["title"] == "Reel"
    assert [name for name, _ in chapters] == ["A-1:3", "B-2:14"]
    assert [at for _, at in chapters] == pytest.approx([0.0, 2.0], abs=0.01)
    sound = sound_of(path)
    assert len(sound) / CUT_RATE == pytest.approx(3.5, abs=0.05)
    assert pitch(sound[: 2 * CUT_RATE]) == pytest.approx(440, abs=2)
    assert pitch(sound[round(2.1 * CUT_RATE) :]) == pytest.approx(880, abs=2)


def test_pictures_come_when_they_are_to(tmp_path: Path) -> None:
    caption = Caption("Dana", "Northwind", "2026-05-04", "", "")
    cards = [
        cards_of(caption, [words], "1 of 2")[0] for words in ("One card", "Two", "Three cards")
    ]
    path = tmp_path / "reel.mp4"
    parts = [
        Part("A-1:3", beep(440, 4.0), ((0.0, cards[0]), (2.0, cards[1]))),
        Part("B-2:14", beep(880, 2.0), ((0.0, cards[2]),)),
    ]
    write(path, parts, title="Reel")
    with av.open(path) as held:
        video = held.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", WIDTH, HEIGHT)
        assert held.streams.audio[0].codec_context.name == "aac"
        shown = {
            round(frame.time or 0.0, 1): frame.to_ndarray(format="gray")
            for frame in held.decode(video)
        }
    drawn = []
    for card in cards:
        (tmp_path / "card.png").write_bytes(card)
        with av.open(tmp_path / "card.png") as one:
            drawn.append(next(one.decode(video=0)).to_ndarray(format="gray"))
    for at, which in ((0.0, 0), (1.8, 0), (2.0, 1), (3.8, 1), (4.0, 2), (5.8, 2)):
        apart = [float(np.abs(shown[at].astype(int) - one).mean()) for one in drawn]
        assert int(np.argmin(apart)) == which, (at, apart)
    assert len(shown) == 30
    recording = probe(path)
    assert recording.has_video
    assert recording.duration_s == pytest.approx(6.0, abs=0.05)
