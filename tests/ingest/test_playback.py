"""The copy that is played: when there is one, its clock, and its coming and going."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from ingest.audio import decode, encode, probe
from ingest.errors import Cancelled, NotFound
from ingest.library import Library, Options
from ingest.listen import Watch
from ingest.models import RATE, Samples
from ingest.pipeline import About, process, receive
from ingest.playback import is_fit, make, played, prepare
from ingest.store import playback_name
from service.erase import erase
from service.repairing import findings, repair
from tests.ingest.sounds import blocks, silence, speech, spoken, tone
from tests.s3 import BUCKET, served


@pytest.fixture(params=["folder", "bucket"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Library]:
    with served(monkeypatch):
        url = f"s3://{BUCKET}/media" if request.param == "bucket" else None
        library = Library(tmp_path / "home", Options(models=tmp_path, media_url=url))
        yield library
        library.close()


def recording(path: Path, seconds: float = 20.0, *, beep_s: float = 15.0) -> Path:
    """Faint hum with a short loud beep at ``beep_s``."""
    sound = tone(seconds, level=0.01)
    at = round(beep_s * RATE)
    sound[at : at + RATE // 10] = tone(0.1, hertz=1000, level=0.8)
    write(path, sound)
    return path


def write(path: Path, sound: Samples) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def beep_of(path: Path) -> float:
    """When the sound first becomes loud, in seconds."""
    sound = np.concatenate([block[0] for block in decode(path)])
    return float(np.flatnonzero(np.abs(sound) > 0.3)[0]) / RATE


def name_of(library: Library, call_id: str) -> str:
    with library.read() as connection:
        return playback_name(connection, call_id) or ""


def test_a_copy_is_small_plays_everywhere_and_has_the_same_clock(
    library: Library, tmp_path: Path
) -> None:
    path = recording(tmp_path / "a.wav")
    name = played(library, "of-the-wav", path)
    with library.media.local(name) as copy:
        told = probe(copy)
        assert (told.codec, told.channels, told.has_video) == ("aac", 1, False)
        assert told.duration_s == pytest.approx(20.0, abs=0.1)
        assert copy.stat().st_size < path.stat().st_size / 4
        assert beep_of(copy) == pytest.approx(15.0, abs=0.02)
        raw = copy.read_bytes()
        assert raw.index(b"moov") < raw.index(b"mdat")  # the index stands in front
        assert is_fit(copy, told)
    assert played(library, "of-the-wav", path) == name  # the same bytes again
    assert not list(library.home.glob(".playback-*"))


def test_what_browsers_play_is_left_as_it_is(library: Library, tmp_path: Path) -> None:
    sound = np.concatenate([speech("two_cities.wav"), silence(1)])
    for kind, name in (("opus", "a.ogg"), ("aac", "a.m4a")):
        encode(tmp_path / name, blocks(sound), kind=kind)  # type: ignore[arg-type]  # one of both
        assert played(library, name, tmp_path / name) == name
    encode(tmp_path / "large.m4a", blocks(sound), kind="aac", bit_rate=200_000)
    large = probe(tmp_path / "large.m4a")
    assert is_fit(tmp_path / "large.m4a", large) == (
        8 * (tmp_path / "large.m4a").stat().st_size <= 96_000 * (large.duration_s or 0)
    )
    assert played(library, "a.wav", spoken("beckett.wav")) != "a.wav"
    # The same sound with an ending that browsers do not know.
    shutil.copy(tmp_path / "a.ogg", tmp_path / "a.mkv")
    assert played(library, "a.mkv", tmp_path / "a.mkv") != "a.mkv"


def test_making_a_copy_tells_how_far_it_is_and_can_be_stopped(
    library: Library, tmp_path: Path
) -> None:
    path = recording(tmp_path / "a.wav", 30.0)
    told: list[float] = []
    played(library, "x", path, watch=Watch(lambda _stage, done: told.append(done)))
    assert told == sorted(told)
    assert 0.5 <= told[0] < told[-1] <= 0.99
    with pytest.raises(Cancelled):
        played(library, "x", path, watch=Watch(cancelled=lambda: True))


def test_the_copy_is_made_when_the_call_is_heard_and_erased_with_it(home: Library) -> None:
    call_id = receive(home, spoken("two_cities.wav"), About()).call_id
    process(home, call_id, transcriber="moonshine")
    name = name_of(home, call_id)
    assert name.endswith(".m4a")
    assert len(set(home.media.names())) == 2
    assert not [f for f in findings(home) if "copy" in f.what]

    home.media.erase(name)
    [found] = [f.what for f in findings(home) if "playing" in f.what]
    assert call_id in found
    assert f"The recording of call {call_id} was made fit for playing." in repair(home)
    assert name in set(home.media.names())

    erase(home, call_id)
    assert list(home.media.names()) == []


def test_of_a_call_erased_meanwhile_no_copy_stays(library: Library, tmp_path: Path) -> None:
    path = recording(tmp_path / "a.wav")
    call_id = receive(library, path, About()).call_id

    def erased(_stage: str, _fraction: float) -> None:
        with suppress(NotFound):
            erase(library, call_id)

    with pytest.raises(NotFound):
        prepare(library, call_id, path, watch=Watch(erased))
    assert list(library.media.names()) == []


def test_two_recordings_of_the_same_sound_share_a_copy_until_both_are_gone(
    library: Library, tmp_path: Path
) -> None:
    first = recording(tmp_path / "a.wav")
    again = tmp_path / "b.wav"
    again.write_bytes(first.read_bytes() + b"junk that no decoder hears")
    ids = [receive(library, path, About()).call_id for path in (first, again)]
    for call_id in ids:
        make(library, call_id)
    assert name_of(library, ids[0]) == name_of(library, ids[1])
    erase(library, ids[0])
    with library.media.local(name_of(library, ids[1])) as copy:
        assert copy.is_file()
    erase(library, ids[1])
    assert list(library.media.names()) == []


def test_what_was_begun_of_a_copy_goes_with_the_call(library: Library, tmp_path: Path) -> None:
    call_id = receive(library, recording(tmp_path / "a.wav"), About()).call_id
    [name] = library.media.names()
    left = library.home / f".playback-{name[:16]}-dead"
    other = library.home / ".playback-another-one"
    for folder in (left, other):
        folder.mkdir()
        (folder / "copy.m4a").write_bytes(b"their voices")
    erase(library, call_id)
    assert (left.exists(), other.exists()) == (False, True)
