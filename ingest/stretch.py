"""A stretch of a recording, decoded from a little before where it begins.

On the clock of ``ingest.audio.decode``: what is heard at a second of the one is heard at that
second of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.audio import frames_of, opened, resampled, stated_s
from ingest.channels import mixed
from ingest.errors import BadInput, shown
from ingest.models import Samples

if TYPE_CHECKING:
    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_BEFORE_S = 2.0  # decoders need a moment until they sound as if they had heard all before


def stretch(path: Path, start_s: float, end_s: float, *, rate: int) -> Samples:
    """One channel ``(n,)`` at ``rate`` from ``start_s`` (0 at least) to ``end_s``.

    Silence stands for what lies after the end of the recording. Raises ``BadInput`` when there is
    nothing to decode there.
    """
    with opened(path) as (container, stream):
        frames, skipped = _frames_from(path, container, stream, start_s)
        blocks = mixed(resampled(frames, stream.channels, rate))
        first = round((start_s - skipped) * rate)
        wanted = round((end_s - start_s) * rate)
        sound = _between(blocks, first, first + wanted)
    if not sound.size or not np.isfinite(sound).all():
        raise BadInput(f"{shown(path.name)} has no sound at {start_s:.0f} s that could be read.")
    return np.clip(np.pad(sound, (0, wanted - len(sound))), -1.0, 1.0)


def _frames_from(
    path: Path, container: InputContainer, stream: AudioStream, start_s: float
) -> tuple[Iterable[AudioFrame], float]:
    """Frames from ``start_s`` on or from earlier, and how many seconds were skipped before them."""
    frames = frames_of(path, container, stream)
    head = next(frames, None)
    if head is None:
        return (), 0.0
    # Without a stated length there is no index either: FFmpeg would be guessing.
    if head.time is None or start_s < 2 * _BEFORE_S or stated_s(container, stream) is None:
        return chain([head], frames), 0.0
    container.seek(int((head.time + start_s - _BEFORE_S) * 1e6))
    frames = frames_of(path, container, stream)
    first = next(frames, None)
    if first is not None and first.time is not None and 0 <= first.time - head.time <= start_s:
        return chain([first], frames), first.time - head.time
    container.seek(0)  # it landed elsewhere
    return frames_of(path, container, stream), 0.0


def _between(blocks: Iterator[Samples], first: int, end: int) -> Samples:
    kept: list[Samples] = []
    at = 0
    for block in blocks:
        kept.append(block[0, max(0, first - at) : max(0, end - at)])
        at += block.shape[1]
        if at >= end:
            break
    return np.concatenate(kept) if kept else np.zeros(0, np.float32)
