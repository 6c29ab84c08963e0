"""The bundled sample: a fictional vendor's accounts, its codebook, and calls with its customers.

It lies inside the package so that ``firsthand demo`` works wherever the wheel is installed. Some
of the calls are recordings; their transcripts are here too, and ``calls`` leaves them out unless
asked, or the same talk would count twice.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter

from ingest.models import Frozen


class SampleRecording(Frozen):
    """A recording and what a person would say about it when adding it.

    ``call_id`` is the transcript it was spoken from; ``stereo``: one speaker per channel.
    """

    path: Path
    call_id: str
    account_id: str
    date: date
    title: str
    stereo: bool


class _Entry(Frozen):
    file: str
    call_id: str
    account_id: str
    date: date
    title: str
    stereo: bool


def accounts() -> Path:
    """The customers as the CRM has them (``accounts.csv``)."""
    return _folder() / "accounts.csv"


def codebook() -> Path:
    """What the vendor's people saw in the calls: their themes in their own words."""
    return _folder() / "codebook.csv"


def calls(*, without_recorded: bool = True) -> list[Path]:
    """Transcripts in native JSON, by call id; those that are recordings too are left out."""
    recorded = {entry.call_id for entry in _index()} if without_recorded else set()
    return sorted(p for p in (_folder() / "calls").glob("*.json") if p.stem not in recorded)


def recordings() -> list[SampleRecording]:
    """The calls that come as sound, in the order of the index."""
    folder = _folder() / "recordings"
    return [
        SampleRecording(path=folder / entry.file, **entry.model_dump(exclude={"file"}))
        for entry in _index()
    ]


def _index() -> list[_Entry]:
    content = (_folder() / "recordings" / "index.json").read_bytes()
    return TypeAdapter(list[_Entry]).validate_json(content)


def _folder() -> Path:
    """Where the package lies; wheels are always unpacked, so its files have paths."""
    folder = files(__name__)
    if not isinstance(folder, Path):
        raise TypeError(f"The sample of {__name__} is not on disk: install Firsthand unpacked.")
    return folder
