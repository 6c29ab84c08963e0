"""The copy of a recording that is played: small, on the clock of the utterances, quick to seek in.

A recording is played as it came only when every browser plays it, it is small and says where in it
which second lies. Anything else, video and wav above all, gets a copy: AAC in m4a with its index in
front, which Safari plays too and which costs half the work of Opus. It is one channel: two people
in two ears are tiring. Measured in ``eval/LOG.md``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.audio import Recording, decode, encode, probe
from ingest.channels import mixed
from ingest.errors import NotFound
from ingest.library import Library
from ingest.listen import NOBODY, Watch
from ingest.media.port import clear
from ingest.models import Samples
from ingest.store import files, get_call, media_name, update_call

_RATE = 24_000
_BIT_RATE = 48_000
_LARGE = 96_000  # bits a second; what has more is not small
_PLAYED = frozenset({".m4a", ".mp4", ".ogg", ".opus", ".webm"})
_CODECS = frozenset({"aac", "opus", "libopus"})


def is_fit(path: Path, recording: Recording) -> bool:
    """Whether every browser plays the file at ``path`` well as it is."""
    if recording.has_video or recording.codec not in _CODECS or path.suffix not in _PLAYED:
        return False
    # Without a stated length there is no index either: such files come from recorders in browsers.
    seconds = recording.duration_s
    return bool(seconds) and 8 * path.stat().st_size <= _LARGE * (seconds or 0.0)


def played(library: Library, name: str, path: Path, *, watch: Watch = NOBODY) -> str:
    """The name in the store of what is played of the recording ``name``, which lies at ``path``.

    That is its own where it is fit, else a copy's; done again it makes the same bytes. ``watch``
    hears of the second half of the stage. Raises what ``decode`` and the store raise, and
    ``Cancelled`` soon after the watch says so.
    """
    recording = probe(path)
    if is_fit(path, recording):
        return name
    clear(library.home, ".playback-*")
    with tempfile.TemporaryDirectory(dir=library.home, prefix=_scratch(name)) as folder:
        try:
            return _copied(library, path, recording, Path(folder) / "copy.m4a", watch)
        except OSError as problem:
            if not Path(folder).exists():
                raise NotFound("The call was erased meanwhile.") from problem
            raise


def _copied(library: Library, path: Path, recording: Recording, copy: Path, watch: Watch) -> str:
    blocks = _watched(decode(path, rate=_RATE), path.name, recording.duration_s, watch)
    whole = mixed(blocks)
    encode(copy, whole, rate=_RATE, kind="aac", bit_rate=_BIT_RATE, index_first=True)
    return library.media.keep(copy, limit=copy.stat().st_size, given=True).name


def forget(library: Library, name: str) -> None:
    """Remove what was begun of a copy of ``name``, where a process died over it."""
    if library.home.is_dir():
        for left in library.home.glob(f"{_scratch(name)}*"):
            shutil.rmtree(left, ignore_errors=True)


def _scratch(name: str) -> str:
    return f".playback-{name[:16]}-"


def prepare(library: Library, call_id: str, path: Path, *, watch: Watch = NOBODY) -> None:
    """See to it that the call's recording, which lies at ``path``, can be played.

    Raises as ``played``, and ``NotFound`` when the call was erased meanwhile: no copy stays then.
    """
    with library.read() as connection:
        name = media_name(connection, call_id)
    found = played(library, name, path, watch=watch)
    with library.change() as connection:
        try:
            get_call(connection, call_id)
        except NotFound:
            if found not in files(connection):
                library.media.erase(found)
            raise
        update_call(connection, call_id, playback=found)


def make(library: Library, call_id: str) -> None:
    """As ``prepare``, with the file from the store."""
    with library.read() as connection:
        name = media_name(connection, call_id)
    with library.media.local(name) as path:
        prepare(library, call_id, path)


def _watched(
    blocks: Iterable[Samples], name: str, seconds: float | None, watch: Watch
) -> Iterator[Samples]:
    given = 0
    for block in blocks:
        watch.stop_if_asked(name)
        given += block.shape[1]
        if seconds:
            watch.progress("decode", min(0.5 + 0.5 * given / (_RATE * seconds), 0.99))
        yield block
