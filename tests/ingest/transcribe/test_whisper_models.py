"""Fetching a model from a hub on loopback: whole, checked, continued, refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import BadInput, EngineFailed
from ingest.transcribe.whisper_models import fetch
from tests.ingest.transcribe.servers import Asked, Reply, serving

REPOSITORY = "Systran/faster-whisper-tiny"
FILES = {
    "config.json": b'{"a": 1}',
    "model.bin": np.random.default_rng(0).bytes(3_000_000),
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"# not wanted",
    "../../escape.json": b"not wanted either",
}


class Hub:
    """Imitates the two endpoints of a hub that a fetch uses."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.listed = {name: dict(self._entry(name, data)) for name, data in files.items()}
        self.cut: int | None = None
        self.ranges = True

    def _entry(self, name: str, data: bytes) -> dict[str, object]:
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        entry: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": blob}
        if name == "model.bin":
            entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        return entry

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == f"/api/models/{REPOSITORY}/revision/main?blobs=true":
            answer = {"sha": "abc123", "siblings": list(self.listed.values())}
            return Reply(json.dumps(answer).encode())
        name = asked.path.removeprefix(f"/{REPOSITORY}/resolve/abc123/")
        if name == "model.bin":  # large files lie elsewhere
            return Reply(status=302, headers={"Location": "/cdn/model.bin"})
        name = name.removeprefix("/cdn/")
        if name not in self.files:
            return Reply(status=404)
        data, begin = self.files[name], 0
        if self.ranges and "Range" in asked.headers:
            begin = int(asked.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        cut = self.cut if name == "model.bin" else None
        return Reply(data[begin:], 206 if begin else 200, cut=cut)


def test_a_model_is_fetched_whole_with_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with serving(Hub(FILES)) as hub:
        folder = fetch("whisper-tiny", tmp_path, lambda *at: told.append(at), endpoint=hub.address)
    assert folder == tmp_path / "whisper-tiny"
    wanted = {name: data for name, data in FILES.items() if "not wanted" not in str(data)}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == wanted
    assert list(tmp_path.iterdir()) == [folder]
    total = sum(map(len, wanted.values()))
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_model_that_is_here_is_not_fetched_again(tmp_path: Path) -> None:
    with serving(Hub(FILES)) as hub:
        fetch("whisper-tiny", tmp_path, endpoint=hub.address)
        before = len(hub.asked)
        fetch("tiny", tmp_path, endpoint=hub.address)
        assert len(hub.asked) == before


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_fetch_goes_on_where_it_stopped(tmp_path: Path, ranges: bool) -> None:
    answers = Hub(FILES)
    answers.ranges = ranges
    answers.cut = 2_000_000
    with serving(answers) as hub:
        with pytest.raises(EngineFailed):
            fetch("whisper-tiny", tmp_path, endpoint=hub.address)
        assert not (tmp_path / "whisper-tiny").exists()
        answers.cut = None
        folder = fetch("whisper-tiny", tmp_path, endpoint=hub.address)
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    asked = [a.headers.get("Range") for a in hub.asked if a.path == "/cdn/model.bin"]
    assert asked == [None, "bytes=2000000-"]


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
def test_a_file_that_is_not_the_published_one_is_not_kept(tmp_path: Path, name: str) -> None:
    answers = Hub(FILES)
    answers.files = {**FILES, name: FILES[name][:-1] + b"!"}
    with (
        serving(answers) as hub,
        pytest.raises(EngineFailed, match="not the file the hub published"),
    ):
        fetch("whisper-tiny", tmp_path, endpoint=hub.address)
    assert not (tmp_path / "whisper-tiny").exists()
    assert not (tmp_path / ".whisper-tiny.partial" / name).exists()


def test_more_bytes_than_listed(tmp_path: Path) -> None:
    answers = Hub(FILES)
    answers.files = {**FILES, "model.bin": FILES["model.bin"] * 2}
    with serving(answers) as hub, pytest.raises(EngineFailed, match="more than"):
        fetch("whisper-tiny", tmp_path, endpoint=hub.address)


def test_a_hub_that_does_not_know_the_model(tmp_path: Path) -> None:
    with (
        serving(lambda _: Reply(status=404)) as hub,
        pytest.raises(EngineFailed, match="did not list"),
    ):
        fetch("whisper-tiny", tmp_path, endpoint=hub.address)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"sha": "a", "siblings": []}', b"{}"])
def test_a_hub_that_answers_nonsense(tmp_path: Path, body: bytes) -> None:
    with serving(lambda _: Reply(body)) as hub, pytest.raises(EngineFailed, match="did not list"):
        fetch("whisper-tiny", tmp_path, endpoint=hub.address)


def test_unknown_names_and_addresses(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="firsthand models"):
        fetch("whisper-../../x", tmp_path, endpoint="http://127.0.0.1:9")
    with pytest.raises(BadInput, match="address"):
        fetch("whisper-tiny", tmp_path, endpoint="file:///etc")
