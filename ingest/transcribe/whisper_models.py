"""Which Whisper models are on this machine, what could be fetched, and the fetching itself.

Nothing here runs unasked. A fetch names every byte it will take beforehand, continues where it was
broken off, and puts a model in place only when each file has the hash its hub publishes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypedDict
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from ingest.errors import BadInput, EngineFailed
from ingest.transcribe import moonshine_weights

# The repositories that faster-whisper itself names, and about how many bytes each holds.
_REPOSITORIES: Mapping[str, tuple[str, int]] = {
    "tiny": ("Systran/faster-whisper-tiny", 78_000_000),
    "tiny.en": ("Systran/faster-whisper-tiny.en", 78_000_000),
    "base": ("Systran/faster-whisper-base", 148_000_000),
    "base.en": ("Systran/faster-whisper-base.en", 148_000_000),
    "small": ("Systran/faster-whisper-small", 486_000_000),
    "small.en": ("Systran/faster-whisper-small.en", 486_000_000),
    "medium": ("Systran/faster-whisper-medium", 1_530_000_000),
    "medium.en": ("Systran/faster-whisper-medium.en", 1_530_000_000),
    "large-v3": ("Systran/faster-whisper-large-v3", 3_090_000_000),
    "large-v3-turbo": ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1_620_000_000),
}
_WANTED = re.compile(
    r"config\.json|preprocessor_config\.json|model\.bin|tokenizer\.json|vocabulary\.(json|txt)"
)
_BLOCK = 1 << 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that is here or could be. ``bytes`` is about right until the model is present."""

    name: str
    engine: str
    present: bool
    path: Path | None
    bytes: int
    source: str


class _Large(TypedDict):
    sha256: str


class _Listed(TypedDict, total=False):
    rfilename: str
    size: int
    blobId: str
    lfs: _Large


def available(models_dir: Path) -> list[ModelInfo]:
    """Every model by name: the one in the wheel, those on disk and those that can be fetched."""
    inside = moonshine_weights.folder()
    infos = [
        ModelInfo(
            name=moonshine_weights.MODEL,
            engine="moonshine",
            present=inside is not None,
            path=inside,
            bytes=_bytes(inside) if inside else 44_000_000,
            source="the moonshine-voice wheel",
        )
    ]
    known = [f"whisper-{size}" for size in _REPOSITORIES]
    others = sorted(path.name for path in _on_disk(models_dir) if path.name not in known)
    for name in [*known, *others]:
        path = locate(name, models_dir)
        repository, size = _REPOSITORIES.get(name.removeprefix("whisper-"), ("this machine", 0))
        infos.append(
            ModelInfo(
                name, "whisper", path is not None, path, _bytes(path) if path else size, repository
            )
        )
    return infos


def locate(model: str | None, models_dir: Path) -> Path | None:
    """The folder of a model given by size, name or path; without a name, the largest on disk."""
    if model is None:
        return max(_on_disk(models_dir), key=_bytes, default=None)
    for folder in (models_dir / f"whisper-{model}", models_dir / model, Path(model).expanduser()):
        if (folder / "model.bin").is_file():
            return folder
    return None


def fetch(
    name: str,
    models_dir: Path,
    progress: Progress = lambda _done, _total: None,
    *,
    endpoint: str | None = None,
) -> Path:
    """Download ``whisper-<size>`` into ``models_dir`` and return its folder.

    ``progress`` is told the bytes done and the bytes in all. ``endpoint`` is the hub's address, by
    default the one of huggingface_hub, which honours ``HF_ENDPOINT``. Raises ``BadInput`` for an
    unknown name, ``EngineFailed`` when the hub does not answer or a file is not what it published.
    """
    size = name.removeprefix("whisper-")
    if size not in _REPOSITORIES:
        raise BadInput(
            f"There is no model {name!r} to fetch: run firsthand models to see the names."
        )
    folder = models_dir / f"whisper-{size}"
    if (folder / "model.bin").is_file():
        return folder
    if endpoint is None:
        from huggingface_hub.constants import ENDPOINT as endpoint
    repository, _ = _REPOSITORIES[size]
    revision, files = _listing(f"{endpoint}/api/models/{repository}/revision/main?blobs=true")
    total = sum(file["size"] for file in files)
    unfinished = models_dir / f".{folder.name}.partial"
    unfinished.mkdir(parents=True, exist_ok=True)
    done = 0
    for file in files:
        url = f"{endpoint}/{repository}/resolve/{revision}/{file['rfilename']}"
        _download(
            url, unfinished / file["rfilename"], file, partial(_shifted, progress, done, total)
        )
        done += file["size"]
    unfinished.rename(folder)
    return folder


def _shifted(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _on_disk(models_dir: Path) -> list[Path]:
    if not models_dir.is_dir():
        return []
    return [
        p for p in sorted(models_dir.iterdir()) if p.name[0] != "." and (p / "model.bin").is_file()
    ]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def _listing(url: str) -> tuple[str, list[_Listed]]:
    try:
        with urlopen(_request(url), timeout=30) as answer:
            found = json.load(answer)
        files = [f for f in found["siblings"] if _WANTED.fullmatch(f["rfilename"])]
        if not any(f["rfilename"] == "model.bin" for f in files):
            raise KeyError("model.bin")
        return str(found["sha"]), [f for f in files if f["size"] >= 0]
    except (URLError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise EngineFailed(f"The model hub did not list the model at {url} ({error}).") from error


def _download(url: str, path: Path, file: _Listed, progress: Callable[[int], None]) -> None:
    """One file, continued from what is already there, then checked against its published hash."""
    have = path.stat().st_size if path.exists() else 0
    if have > file["size"]:
        path.unlink()
        have = 0
    try:
        if have < file["size"]:
            with urlopen(_request(url, start=have), timeout=60) as answer:
                if answer.status != 206:
                    have = 0
                with path.open("ab" if have else "wb") as out:
                    while block := answer.read(_BLOCK):
                        have += len(block)
                        if have > file["size"]:
                            raise EngineFailed(
                                f"{url} sent more than the {file['size']} bytes listed."
                            )
                        out.write(block)
                        progress(have)
    except (HTTPError, URLError, TimeoutError, ConnectionError) as error:
        raise EngineFailed(
            f"Fetching {url} failed ({error}): run the command again to go on."
        ) from error
    if have < file["size"]:
        raise EngineFailed(f"Fetching {url} broke off: run the command again to go on.")
    if not _matches(path, file):
        path.unlink()
        raise EngineFailed(
            f"{url} is not the file the hub published (its hash differs): try again."
        )
    progress(have)


def _matches(path: Path, file: _Listed) -> bool:
    """Large files are listed by SHA-256; small ones by git's hash of a blob, which is SHA-1."""
    with path.open("rb") as data:
        if "lfs" in file:
            return hashlib.file_digest(data, "sha256").hexdigest() == file["lfs"]["sha256"]
        head = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        for block in iter(lambda: data.read(_BLOCK), b""):
            head.update(block)
        return head.hexdigest() == file["blobId"]


def _request(url: str, *, start: int = 0) -> Request:
    if not url.startswith(("https://", "http://")):
        raise BadInput(
            f"The model hub's address {url!r} is none: give one that begins with https://."
        )
    headers = {"User-Agent": "firsthand"}
    if start:
        headers["Range"] = f"bytes={start}-"
    return Request(url, headers=headers)
