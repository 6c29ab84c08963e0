"""Writes moments one after another into one file, each a chapter: sound alone, or with pictures.

Sound is AAC in m4a. With pictures it is an mp4 with H.264, which QuickTime, every browser and
PowerPoint play as it is; their own subtitles they show each in another way, or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from ingest.cutting import CUT_RATE
from ingest.models import Samples

if TYPE_CHECKING:
    from av import VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.container.core import Chapter
    from av.video.stream import VideoStream

WIDTH, HEIGHT = 1280, 720
_BIT_RATE = 64_000
_FPS = 5  # of pictures that stand still
_STILL = {"preset": "veryfast", "tune": "stillimage", "crf": "20"}
_KEY = 10 * _FPS
_BT709, _LIMITED = 1, 1  # what players take a film of this size for, said outright


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A chapter: one channel ``(n,)`` at ``CUT_RATE``, and the PNGs that are shown meanwhile, each
    with the second of the part at which it comes. Either all parts of a file have some, or none.
    """

    name: str
    sound: Samples
    pictures: tuple[tuple[float, bytes], ...] = ()


def write(path: Path, parts: Sequence[Part], *, title: str) -> None:
    """``title`` is all that the file says of itself, beside the names of its chapters."""
    import av

    moving = any(part.pictures for part in parts)
    options = {"movflags": "+faststart"}
    with av.open(path, "w", format="mp4" if moving else "ipod", options=options) as output:
        output.metadata["title"] = title
        if moving or len(parts) > 1:
            output.set_chapters(_chapters(parts))
        sound = output.add_stream("aac", rate=CUT_RATE, layout="mono", bit_rate=_BIT_RATE)
        picture = _picture_track(output) if moving else None
        at = 0
        for part in parts:
            _put_sound(output, sound, part.sound, at)
            if picture is not None:
                _put_pictures(output, picture, part, at)
            at += len(part.sound)
        output.mux(sound.encode(None))
        if picture is not None:
            output.mux(picture.encode(None))


def _chapters(parts: Sequence[Part]) -> list[Chapter]:
    at = 0
    found: list[Chapter] = []
    for n, part in enumerate(parts):
        end = at + len(part.sound)
        found.append(
            {
                "id": n,
                "start": at,
                "end": end,
                "time_base": Fraction(1, CUT_RATE),
                "metadata": {"title": part.name},
            }
        )
        at = end
    return found


def _picture_track(output: OutputContainer) -> VideoStream:
    track = output.add_stream("libx264", rate=_FPS, options=_STILL)
    track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    coding = track.codec_context
    coding.gop_size = _KEY
    coding.colorspace = coding.color_primaries = coding.color_trc = _BT709
    coding.color_range = _LIMITED
    return track


def _put_sound(output: OutputContainer, track: AudioStream, sound: Samples, at: int) -> None:
    import av

    block = CUT_RATE
    for first in range(0, len(sound), block):
        part = np.ascontiguousarray(sound[None, first : first + block], np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = CUT_RATE, at + first
        output.mux(track.encode(frame))


def _put_pictures(output: OutputContainer, track: VideoStream, part: Part, at: int) -> None:
    """Frames from where the part before ended to where this one does."""
    from av.video.frame import PictureType

    begin, end = (-(-sample * _FPS // CUT_RATE) for sample in (at, at + len(part.sound)))
    shown = [(begin + round(second * _FPS), picture) for second, picture in part.pictures]
    for n, (first, picture) in enumerate(shown):
        last = shown[n + 1][0] if n + 1 < len(shown) else end
        frame = _frame(picture)
        for pts in range(first, min(last, end)):
            frame.pts, frame.time_base = pts, Fraction(1, _FPS)
            frame.pict_type = PictureType.I if pts == first else PictureType.NONE
            output.mux(track.encode(frame))


def _frame(picture: bytes) -> VideoFrame:
    import av

    with cast("InputContainer", av.open(io.BytesIO(picture))) as held:
        frame = next(held.decode(video=0))
    return frame.reformat(WIDTH, HEIGHT, "yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
