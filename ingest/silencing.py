"""A recording without some stretches of its sound: written anew, silent where they were.

The picture of a video is left out: it shows who spoke. What comes out is small enough to be played
as it is (``ingest.playback``), on the same clock, with as many channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from ingest.audio import decode, encode
from ingest.models import Samples

_RATE = 24_000
_BIT_RATES = {1: 64_000, 2: 88_000}  # by channels


def silenced(path: Path, out: Path, spans: Sequence[tuple[float, float]]) -> None:
    """Write the recording at ``path`` to ``out`` (an .m4a), silent in ``spans`` (seconds, in
    order). Raises what ``decode`` raises.
    """
    blocks = decode(path, rate=_RATE)
    first = next(blocks)
    whole = _quiet(chain([first], blocks), spans)
    encode(out, whole, rate=_RATE, kind="aac", bit_rate=_BIT_RATES[len(first)], index_first=True)


def _quiet(blocks: Iterable[Samples], spans: Sequence[tuple[float, float]]) -> Iterator[Samples]:
    at = 0
    for block in blocks:
        end = at + block.shape[1]
        block = block.copy()
        for start_s, end_s in spans:
            first, last = max(at, int(start_s * _RATE)), min(end, int(end_s * _RATE) + 1)
            if first < last:
                block[:, first - at : last - at] = 0.0
        yield block
        at = end
