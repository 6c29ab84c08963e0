"""What recordings are taken, how they are read, and the one sentence for those that are not."""

from __future__ import annotations

import http.server
import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from ingest import audio
from ingest.errors import BadInput, TooLarge
from ingest.models import RATE, Samples
from tests.ingest.sounds import blocks, silence, tone


def write(path: Path, *channels: Samples, rate: int = RATE) -> Path:
    """A 16-bit wav file."""
    samples = (np.stack(channels, axis=1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return path


def test_sound_in_an_unknown_coding_and_titles_in_an_unknown_one(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", tone(2.0))
    body = path.read_bytes()
    path.write_bytes(body[:20] + b"\x99\x99" + body[22:])  # the format of its samples
    with pytest.raises(BadInput, match="coding that is not known here"):
        audio.probe(path)
    title = b"LIST\x10\x00\x00\x00INFOINAM\x04\x00\x00\x00\xff\xfe\xff\x00"
    path.write_bytes(body[:36] + title + body[36:])
    assert audio.probe(path).duration_s == pytest.approx(2.0)


def write_as(path: Path, codec: str, samples: Samples, *, rate: int = RATE) -> Path:
    with av.open(path, "w") as out:
        stream = cast("AudioStream", out.add_stream(codec, rate=rate, layout="mono"))
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, "mono", rate)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def write_video(path: Path, *, sound: Samples | None = None) -> Path:
    with av.open(path, "w", options={"movflags": "faststart"}) as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        voice = None if sound is None else out.add_stream("aac", rate=RATE, layout="mono")
        for _ in range(10 if sound is None else round(len(sound) / RATE * 10)):
            black = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            out.mux(picture.encode(black))
        out.mux(picture.encode(None))
        if voice is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            frame.sample_rate = RATE
            out.mux(voice.encode(frame))
            out.mux(voice.encode(None))
    return path


def heard(path: Path) -> Samples:
    return np.concatenate(list(audio.decode(path)), axis=1)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_s16le", 44_100),
        ("a.mp3", "libmp3lame", 44_100),
        ("a.m4a", "aac", 48_000),
        ("a.mp4", "aac", 48_000),
        ("a.mov", "aac", 48_000),
        ("a.ogg", "libopus", 48_000),
        ("a.opus", "libopus", 48_000),
        ("a.flac", "flac", 22_050),
        ("a.webm", "libopus", 48_000),
        ("a.mkv", "aac", 44_100),
        ("a.aac", "aac", 44_100),
    ],
)
def test_every_kind_of_recording_of_the_contract(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    seconds = 3.0
    t = np.arange(round(seconds * rate)) / rate
    path = write_as(
        tmp_path / name, codec, (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32), rate=rate
    )
    found = audio.check(path)
    assert found.channels == 1
    assert not found.has_video
    sound = heard(path)
    assert sound.dtype == np.float32
    assert sound.shape[1] / RATE == pytest.approx(seconds, abs=0.1)
    middle = sound[0, RATE : 2 * RATE]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(0.3, abs=0.05)


def test_two_channels_stay_apart_and_more_are_mixed(tmp_path: Path) -> None:
    two = heard(write(tmp_path / "2.wav", tone(1, hertz=300), tone(1, hertz=700)))
    assert two.shape == (2, RATE)
    assert [np.argmax(np.abs(np.fft.rfft(channel))) for channel in two] == [300, 700]
    six = heard(write(tmp_path / "6.wav", *[tone(1)] * 6))
    assert six.shape[0] == 1


def test_a_long_file_is_never_held_as_a_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", tone(90))
    sizes = [block.shape[1] for block in audio.decode(path)]
    assert max(sizes) < 3 * RATE
    assert sum(sizes) == 90 * RATE


def test_a_video_with_sound_is_a_recording(tmp_path: Path) -> None:
    path = write_video(tmp_path / "call.mp4", sound=tone(3))
    assert audio.probe(path).has_video
    assert heard(path).shape[1] / RATE == pytest.approx(3, abs=0.1)


def test_a_jump_of_the_clock_is_filled_with_silence(tmp_path: Path) -> None:
    path = tmp_path / "gap.mkv"
    with av.open(path, "w") as out:
        stream = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for second in (0, 1, 5):
            samples = (tone(1)[None] * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, second * RATE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    sound = heard(path)[0]
    assert len(sound) / RATE == pytest.approx(6, abs=0.05)
    assert np.abs(sound[int(2.2 * RATE) : int(4.8 * RATE)]).max() == 0
    assert np.abs(sound[int(5.2 * RATE) :]).max() > 0.1


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        for _ in audio.decode(path):
            pass
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp3"
    path.touch()
    assert "is empty" in refused(path)


@pytest.mark.parametrize("name", ["notes.mp3", "notes.wav", "notes.mp4", "notes.ogg", "notes.aac"])
def test_a_text_with_the_name_of_a_recording(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Alex: hello there.\nBo: hi, thanks for making the time.\n" * 500)
    refused(path)


def test_random_bytes(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp3"
    path.write_bytes(np.random.default_rng(1).bytes(200_000))
    refused(path)


def test_an_mp4_without_its_index(tmp_path: Path) -> None:
    whole = write_as(tmp_path / "whole.mp4", "aac", tone(5))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[:-2000])
    refused(cut)


def test_an_mp4_that_breaks_off_says_how_much_was_readable(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", sound=tone(20))
    cut = tmp_path / "cut.mp4"
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    message = refused(cut)
    assert "breaks off" in message
    assert "of 0:20" in message


def test_a_wav_that_breaks_off(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.wav", tone(60))
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole.read_bytes()[: RATE * 2 * 10])
    # FFmpeg takes the length of a wav file from its size, so the ten seconds are a whole file.
    assert heard(cut).shape[1] / RATE == pytest.approx(10, abs=0.1)


def test_a_video_without_sound(tmp_path: Path) -> None:
    assert "without sound" in refused(write_video(tmp_path / "silent.mp4"))


def test_a_fifth_of_a_second(tmp_path: Path) -> None:
    assert "only 0.20 s" in refused(write(tmp_path / "short.wav", tone(0.2)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    samples = tone(3)
    samples[2 * RATE + 100] = value
    path = tmp_path / "nan.wav"
    with av.open(path, "w") as out:
        stream = out.add_stream("pcm_f32le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert "not numbers" in refused(path)


def test_limits(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", tone(10))
    assert audio.check(path, limit_s=11, limit_bytes=1_000_000).duration_s == pytest.approx(10)
    with pytest.raises(TooLarge, match=r"longer than the limit of 0:05"):
        audio.check(path, limit_s=5)
    with pytest.raises(TooLarge, match="limit"):
        audio.probe(path, limit_bytes=1000)


def test_ten_sparse_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as out:
        out.truncate(10_000_000_000)
    with pytest.raises(TooLarge, match=r"10\.0 GB"):
        audio.probe(path, limit_bytes=4_000_000_000)


def test_long_silence_is_no_fault_of_the_sound(tmp_path: Path) -> None:
    assert not heard(write(tmp_path / "silence.wav", silence(20))).any()


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.wav"):
        refused(path)


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server that notes what it is asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}", asked
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp3", "list.txt", "list.mpd", "list.sdp"])
def test_a_list_of_other_files_opens_none_of_them(
    tmp_path: Path, server: tuple[str, list[str]], name: str
) -> None:
    address, asked = server
    other = write(tmp_path / "other.wav", tone(2))
    lists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}/a.ts\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{other}'\nfile '{address}/b.wav'\n",
        f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        f"<BaseURL>{address}/</BaseURL></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ]
    for text in lists:
        path = tmp_path / name
        path.write_text(text)
        refused(path)
    assert asked == []


def test_an_address_is_no_file(server: tuple[str, list[str]]) -> None:
    address, asked = server
    with pytest.raises(BadInput):
        audio.probe(Path(f"{address}/a.wav"))
    assert asked == []


@pytest.mark.parametrize(("kind", "codec"), [("opus", "opus"), ("aac", "aac")])
def test_encoding_for_the_page(tmp_path: Path, kind: str, codec: str) -> None:
    path = tmp_path / ("out.ogg" if kind == "opus" else "out.m4a")
    sound = blocks(tone(4, hertz=300), tone(4, hertz=700))
    if kind == "opus":
        audio.encode(path, sound, kind="opus")
    else:
        audio.encode(path, sound, kind="aac", bit_rate=48_000)
    found = audio.probe(path)
    assert (found.codec, found.channels) == (codec, 2)
    assert path.stat().st_size < 40_000
    left, right = heard(path)[:, RATE : 2 * RATE]
    assert np.argmax(np.abs(np.fft.rfft(left))) == pytest.approx(300, abs=2)
    assert np.argmax(np.abs(np.fft.rfft(right))) == pytest.approx(700, abs=2)
