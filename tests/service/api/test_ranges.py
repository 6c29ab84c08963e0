"""The sound of a call with byte ranges: the same from a folder and from a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library, Options
from ingest.pipeline import About, receive
from service.api import create_app
from service.settings import Settings
from tests.recordings import noise_wav
from tests.s3 import BUCKET, BUSY, Fault, Way, served


@dataclass(frozen=True)
class Served:
    client: TestClient
    address: str
    sound: bytes
    way: Way


@pytest.fixture(params=["folder", "bucket"])
def call(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A call with a recording of 3 MB, kept in a folder or in a bucket."""
    with served(monkeypatch) as way:
        url = f"s3://{BUCKET}/media" if request.param == "bucket" else None
        library = Library(tmp_path / "home", Options(models=tmp_path, media_url=url))
        path = noise_wav(tmp_path / "a.wav", 3_000_000)
        call_id = receive(library, path, About()).call_id
        app = create_app(library, Settings(home=library.home))
        with TestClient(
            app, base_url="http://127.0.0.1:8400", raise_server_exceptions=False
        ) as client:
            yield Served(client, f"/api/calls/{call_id}/audio", path.read_bytes(), way)
        library.close()


def test_the_whole_recording(call: Served) -> None:
    for headers in ({}, {"Range": "seconds=1-2"}, {"Range": "bytes=x-y"}):
        answer = call.client.get(call.address, headers=headers)
        if answer.status_code == 400:  # Starlette's answer to a range that is none
            continue
        assert (answer.status_code, answer.content == call.sound) == (200, True)
        assert answer.headers["content-length"] == str(len(call.sound))
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, -1),
        ("bytes=1000000-2500000", 1_000_000, 2_500_000),
        ("bytes=2999990-9999999", 2_999_990, -1),
        ("bytes=-100", -100, -1),
        ("bytes=-9999999", 0, -1),
    ],
)
def test_a_stretch_of_it(call: Served, asked: str, first: int, last: int) -> None:
    size = len(call.sound)
    first, last = first % size, last % size
    answer = call.client.get(call.address, headers={"Range": asked})
    assert answer.content == call.sound[first : last + 1]
    whole = (first, last) == (0, size - 1)
    if answer.status_code == 206 or not whole:
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
    assert answer.headers["content-length"] == str(last + 1 - first)


def test_a_stretch_beyond_its_end(call: Served) -> None:
    answer = call.client.get(call.address, headers={"Range": f"bytes={len(call.sound)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"].endswith(f"*/{len(call.sound)}")


def test_a_stretch_is_of_the_file_that_the_player_began_with(call: Served) -> None:
    tag = call.client.get(call.address, headers={"Range": "bytes=0-0"}).headers["etag"]
    for known, status in ((tag, 206), ('"another"', 200)):
        headers = {"Range": "bytes=5-9", "If-Range": known}
        assert call.client.get(call.address, headers=headers).status_code == status


def test_a_store_that_lets_nobody_in_is_told(call: Served) -> None:
    """503 would be as good, but is asked for again for a while."""
    no = BUSY.replace(b"503 Slow Down", b"403 Forbidden").replace(b"SlowDown", b"NoEntry!")
    call.way.fault = lambda _line: Fault(answer=no)
    answer = call.client.get(call.address)
    in_bucket = bool(call.way.asked)
    assert answer.status_code == (502 if in_bucket else 200)
    assert in_bucket == (b"refuses us" in answer.content)
