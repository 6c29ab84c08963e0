"""Finds the Moonshine weights inside the pinned wheel and reads them as float32.

The wheel is never imported (it would load its own library and ask for a sound card). Its files are
known by SHA-256, and where each tensor lies in them is written down in
``weights/moonshine-tiny-en.json``; ``weights/moonshine_table.py`` made that list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import numpy as np

from ingest.errors import MissingPart
from ingest.models import Samples

MODEL = "moonshine-tiny-en"
_TABLE = Path(__file__).parents[1] / "weights" / f"{MODEL}.json"
_REPAIR = "install it again with: pip install --force-reinstall moonshine-voice==0.0.73"


class _Tensor(TypedDict, total=False):
    file: str
    offset: int
    shape: list[int]
    scale: float
    zero: int


class _File(TypedDict):
    bytes: int
    sha256: str


class _Table(TypedDict):
    files: dict[str, _File]
    tensors: dict[str, _Tensor]


def folder() -> Path | None:
    """Where the wheel keeps its English model; ``None`` when the wheel is not installed."""
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "assets" / "tiny-en"


def read() -> tuple[dict[str, Samples], list[bytes]]:
    """All tensors under the names of the checkpoint, and the tokens' bytes by their number.

    Matrices are stored as unsigned bytes with one scale and zero point each, and come back as
    float32. Raises ``MissingPart`` when a file is absent or is not the one we know.
    """
    table: _Table = json.loads(_TABLE.read_text(encoding="utf-8"))
    files = {name: _checked(name, known) for name, known in table["files"].items()}
    tensors = {name: _tensor(files[at["file"]], at) for name, at in table["tensors"].items()}
    return tensors, list(_tokens(files["tokenizer.bin"]))


def _checked(name: str, known: _File) -> bytes:
    place = folder()
    if place is None:
        raise MissingPart(
            f"The moonshine-voice wheel, which carries {name}, is missing: {_REPAIR}."
        )
    path = place / name
    if not path.is_file():
        raise MissingPart(f"The recogniser's file {path} is missing: {_REPAIR}.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != known["sha256"]:
        raise MissingPart(f"The recogniser's file {path} is not the one expected: {_REPAIR}.")
    return data


def _tensor(data: bytes, at: _Tensor) -> Samples:
    shape = at["shape"]
    kind = np.uint8 if "scale" in at else np.float32
    stored = np.frombuffer(data, dtype=kind, count=int(np.prod(shape)), offset=at["offset"])
    values = stored.astype(np.float32)
    if "scale" in at:
        values = (values - np.float32(at["zero"])) * np.float32(at["scale"])
    return values.reshape(shape)


def _tokens(data: bytes) -> Iterator[bytes]:
    """Each token is its length and its bytes; a length over 127 takes two bytes, low bits first."""
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length = (length & 127) + data[at] * 128
            at += 1
        yield data[at : at + length]
        at += length
