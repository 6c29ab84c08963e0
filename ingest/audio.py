"""Opens recordings: what a file holds, and its sound in small blocks.

A file is hostile until shown otherwise. Only regular local files are opened, by descriptor; only
containers that carry their own sound are recognised (no playlists, which name further files and
addresses); and whatever a container claims is checked against what could be decoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, cast

import numpy as np

from ingest.errors import BadInput, TooLarge, shown
from ingest.models import RATE, Samples

if TYPE_CHECKING:
    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

SHORTEST_S = 0.5
# Containers by FFmpeg's names. Left out on purpose: hls, dash, concat, sdp, image sequences and
# everything else that makes the reader open something besides the file it was given.
FORMATS = (
    "wav,w64,aiff,au,caf,mp3,flac,ogg,aac,amr,asf,avi,flv,mpeg,mpegts,"
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
)
_LONGEST_GAP_S = 600.0  # a larger jump of the clock is a fault of the file, not a silence
_SMALLEST_GAP_S = 0.25


@dataclass(frozen=True, slots=True)
class Recording:
    """What a container says of itself. ``duration_s`` is ``None`` where it does not say."""

    duration_s: float | None
    channels: int
    rate: int
    container: str
    codec: str
    has_video: bool


def probe(path: Path, *, limit_bytes: int | None = None) -> Recording:
    """Read the head of a recording. Raises ``BadInput`` when it is none, or holds no sound."""
    with opened(path, limit_bytes) as (container, stream):
        return Recording(
            duration_s=stated_s(container, stream),
            channels=stream.channels,
            rate=stream.sample_rate,
            container=container.format.name,
            codec=stream.codec_context.name,
            has_video=any(not _is_cover(video) for video in container.streams.video),
        )


def check(path: Path, *, limit_s: float | None = None, limit_bytes: int | None = None) -> Recording:
    """``probe``, and hear the first minute: what is no recording is refused before work begins.

    Raises what ``decode`` raises. A fault that lies further on shows only when all is decoded.
    """
    recording = probe(path, limit_bytes=limit_bytes)
    heard = 0
    for block in decode(path, rate=RATE, limit_s=limit_s):
        heard += block.shape[1]
        if heard > 60 * RATE:
            break
    return recording


def decode(
    path: Path, *, rate: int = RATE, limit_bytes: int | None = None, limit_s: float | None = None
) -> Iterator[Samples]:
    """Blocks of sound ``(channels, n)`` at ``rate``, about a second each, in [-1, 1].

    One or two channels as recorded; more are mixed to one. Silence stands for gaps in the file's
    clock, so that sample ``i`` is always heard at ``i / rate`` seconds. Only a block at a time is
    held. Raises ``BadInput``, possibly after blocks were given, when the file breaks off, holds
    values that are no numbers or is under ``SHORTEST_S``; ``TooLarge`` past either limit.
    """
    given = 0
    with opened(path, limit_bytes) as (container, stream):
        stated = stated_s(container, stream)
        if limit_s is not None and stated is not None and stated > limit_s:
            _too_long(path, limit_s)
        frames = frames_of(path, container, stream)
        for block in _in_blocks(resampled(frames, stream.channels, rate), rate):
            given += block.shape[1]
            if limit_s is not None and given > limit_s * rate:
                _too_long(path, limit_s)
            if not np.isfinite(block).all():
                raise BadInput(
                    f"{shown(path.name)} holds samples that are not numbers (NaN or infinite) near"
                    f" {_clock(given / rate)}: export the recording again."
                )
            yield np.clip(block, -1.0, 1.0)
    heard = given / rate
    if given == 0:
        raise BadInput(
            f"No sound could be decoded from {shown(path.name)}: the file is damaged or empty."
        )
    if stated is not None and heard < 0.95 * stated - 1.0:
        raise BadInput(
            f"{shown(path.name)} breaks off: only {_clock(heard)} of {_clock(stated)} could be"
            " read; copy or download the whole file again."
        )
    if heard < SHORTEST_S:
        raise BadInput(
            f"{shown(path.name)} holds only {heard:.2f} s of sound; at least {SHORTEST_S} s are"
            " needed."
        )


def encode(
    path: Path,
    blocks: Iterable[Samples],
    *,
    rate: int = RATE,
    kind: Literal["opus", "aac"] = "opus",
    bit_rate: int = 24_000,
    index_first: bool = False,
) -> None:
    """Write blocks ``(channels, n)`` with one or two channels as Ogg Opus or as AAC in m4a.

    What a browser plays and a wheel can carry. With ``index_first`` a player that reads an m4a over
    the net can seek in it at once. ``path`` is written as it is named.
    """
    import av

    codec, container = ("libopus", "ogg") if kind == "opus" else ("aac", "ipod")
    options = {"movflags": "+faststart"} if kind == "aac" and index_first else {}
    with av.open(path, "w", format=container, options=options) as output:
        stream = None
        at = 0
        for block in blocks:
            layout = "mono" if len(block) == 1 else "stereo"
            if stream is None:
                added = output.add_stream(codec, rate=rate, layout=layout, bit_rate=bit_rate)
                stream = cast("AudioStream", added)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block, np.float32), format="fltp", layout=layout
            )
            frame.sample_rate, frame.pts = rate, at
            at += block.shape[1]
            output.mux(stream.encode(frame))
        if stream is not None:
            output.mux(stream.encode(None))


@contextmanager
def opened(
    path: Path, limit_bytes: int | None = None
) -> Iterator[tuple[InputContainer, AudioStream]]:
    """A container and its main audio stream; every failure becomes one sentence about the file."""
    import av

    if not path.is_file():
        raise BadInput(f"{shown(path.name)} is not a file that can be read.")
    size = path.stat().st_size
    if size == 0:
        raise BadInput(f"{shown(path.name)} is empty (0 bytes).")
    if limit_bytes is not None and size > limit_bytes:
        raise TooLarge(
            f"{shown(path.name)} has {size / 1e9:.1f} GB; the limit is {limit_bytes / 1e9:.1f} GB."
        )
    try:
        with (
            path.open("rb") as file,
            av.open(
                file,
                options={"format_whitelist": FORMATS},
                io_open=_refuse_other_files,
                metadata_errors="replace",  # titles in whatever encoding
            ) as container,
        ):
            stream = cast("AudioStream | None", container.streams.best("audio"))
            if stream is None:
                what = "a video without sound" if container.streams.video else "without sound"
                raise BadInput(f"{shown(path.name)} is {what}: there is nothing to transcribe.")
            if stream.codec_context is None:
                raise BadInput(
                    f"{shown(path.name)} has its sound in a coding that is not known here; export "
                    "it as wav or mp3."
                )
            if stream.channels < 1 or stream.sample_rate < 1:
                raise BadInput(
                    f"{shown(path.name)} names a sound track but no sound could be found in it."
                )
            yield cast("InputContainer", container), stream
    except (av.FFmpegError, PermissionError) as error:
        raise BadInput(
            f"{shown(path.name)} cannot be read as a recording ({_reason(error)}): it is damaged,"
            " incomplete or of another kind; give a wav, mp3, m4a, mp4, mov, ogg, opus, flac,"
            " webm, mkv or aac file."
        ) from error


def _refuse_other_files(url: str, *_: object) -> NoReturn:
    raise PermissionError(f"a recording may not refer to another file or address: {url[:80]}")


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.split(":")[0].strip().lower()


def _is_cover(stream: VideoStream) -> bool:
    """Cover art of a music file counts as a video stream for FFmpeg."""
    coding = stream.codec_context  # none where it is not known here
    return coding is not None and coding.name in {"mjpeg", "png", "bmp", "gif", "webp"}


def stated_s(container: InputContainer, stream: AudioStream) -> float | None:
    """The length the file itself writes down; for mp3 and bare aac FFmpeg would be guessing."""
    if container.format.name in {"mp3", "aac", "amr", "mpeg", "mpegts"}:
        return None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and not container.streams.video:
        return container.duration / 1e6
    return None


def resampled(frames: Iterable[AudioFrame], channels: int, rate: int) -> Iterator[Samples]:
    """Every frame at ``rate`` as float32, with silence where the file's clock jumps ahead."""
    import av

    layout = "stereo" if channels == 2 else "mono"
    setup, resampler, begun, given = None, None, None, 0
    for frame in frames:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or kind != setup:  # some calls change their format on the way
            resampler, setup = av.AudioResampler("fltp", layout, rate), kind
        if frame.time is not None and math.isfinite(frame.time):
            begun = frame.time if begun is None else begun
            gap = frame.time - begun - given / rate
            if _SMALLEST_GAP_S < gap < _LONGEST_GAP_S:
                silence = np.zeros((2 if layout == "stereo" else 1, round(gap * rate)), np.float32)
                given += silence.shape[1]
                yield silence
        frame.pts = None
        for out in resampler.resample(frame):
            given += out.samples
            yield cast("Samples", out.to_ndarray())
    if resampler is not None:
        for out in resampler.resample(None):
            yield cast("Samples", out.to_ndarray())


def frames_of(path: Path, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames; single broken packets are skipped, as a player would skip them."""
    import av

    broken, good = 0, 0
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                broken += 1
                continue
            good += len(frames)
            yield from frames
    except (av.FFmpegError, IndexError):  # the second for streams that are none
        broken += 1  # the container breaks off; how much was read is judged by the caller
    if broken > good:
        raise BadInput(
            f"{shown(path.name)} is damaged: {broken} of {broken + good} blocks of sound cannot be"
            " decoded."
        )


def _in_blocks(parts: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """Join the small frames of codecs into blocks of a second."""
    held: list[Samples] = []
    size = 0
    for part in parts:
        held.append(part)
        size += part.shape[1]
        if size >= rate:
            yield np.concatenate(held, axis=1)
            held, size = [], 0
    if size:
        yield np.concatenate(held, axis=1)


def _too_long(path: Path, limit_s: float) -> NoReturn:
    raise TooLarge(f"{shown(path.name)} is longer than the limit of {_clock(limit_s)}.")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
        if minutes >= 60
        else f"{minutes}:{rest:02d}"
    )
