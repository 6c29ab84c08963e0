"""Media in a bucket, against an S3 server on loopback that also behaves badly."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from ingest.errors import BadInput, NotFound, StoreRefused, TooLarge, Unavailable
from ingest.library import Library, Options
from ingest.media import open_media
from ingest.media.bucket import PART, Bucket
from tests.conftest import ROOT
from tests.s3 import BUCKET, BUSY, Fault, Way, look_at_who_asks, served

LIMIT = 100_000_000
BIG = random.Random(7).randbytes(2 * PART + 12_345)


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    with served(monkeypatch) as opened:
        yield opened


@pytest.fixture
def bucket(way: Way, tmp_path: Path) -> Bucket:  # noqa: ARG001 - the way leads to it
    return Bucket(BUCKET, "our/media", scratch=tmp_path / "scratch", timeout_s=60, patience_s=60)


def keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [one["Key"] for one in found]


def file(tmp_path: Path, content: bytes, name: str = "Call.WAV") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"sound" * 1000, BIG], ids=["small", "in parts"])
def test_a_file_is_kept_and_comes_back(bucket: Bucket, tmp_path: Path, content: bytes) -> None:
    kept = bucket.keep(file(tmp_path, content), limit=LIMIT)
    sha256 = hashlib.sha256(content).hexdigest()
    assert (kept.name, kept.sha256, kept.new) == (f"{sha256}.wav", sha256, True)
    assert keys() == [f"our/media/{sha256[:2]}/{sha256}.wav"]
    assert bucket.size(kept.name) == len(content)
    assert bucket.here(kept.name) is None
    with bucket.local(kept.name) as path:
        assert path.name == kept.name
        assert path.read_bytes() == content
    assert list((tmp_path / "scratch").iterdir()) == []
    assert list(bucket.names()) == [kept.name]
    bucket.erase(kept.name)
    bucket.erase(kept.name)
    assert keys() == []
    for ask in (bucket.size, lambda name: next(bucket.read(name, 0, 1))):
        with pytest.raises(NotFound, match="is missing from s3://calls/our/media"):
            ask(kept.name)


def test_what_is_there_already_is_not_sent_again(bucket: Bucket, way: Way, tmp_path: Path) -> None:
    path = file(tmp_path, BIG)
    bucket.keep(path, limit=LIMIT)
    way.asked.clear()
    assert not bucket.keep(path, limit=LIMIT).new
    assert [line.split()[0] for line in way.asked] == ["HEAD"]


def test_a_broken_object_is_mended(bucket: Bucket, tmp_path: Path) -> None:
    path = file(tmp_path, b"sound" * 100)
    name = bucket.keep(path, limit=LIMIT).name
    boto3.client("s3").put_object(Bucket=BUCKET, Key=keys()[0], Body=b"half")
    with pytest.raises(Unavailable, match="are not the bytes that were stored"), bucket.local(name):
        pass
    bucket.keep(path, limit=LIMIT)
    with bucket.local(name) as fetched:
        assert fetched.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (0, len(BIG)), (1_000_000, 3_500_000), (len(BIG) - 1, len(BIG))]
)
def test_ranges_are_read_block_by_block(
    bucket: Bucket, tmp_path: Path, start: int, stop: int
) -> None:
    name = bucket.keep(file(tmp_path, BIG), limit=LIMIT).name
    blocks = list(bucket.read(name, start, stop))
    assert b"".join(blocks) == BIG[start:stop]
    assert max(map(len, blocks)) <= 1 << 20


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "GET"])
def test_errors_that_pass_are_not_seen(
    bucket: Bucket, way: Way, tmp_path: Path, method: str
) -> None:
    way.next_times(2, method, Fault(answer=BUSY))
    name = bucket.keep(file(tmp_path, BIG), limit=LIMIT).name
    with bucket.local(name) as path:
        assert path.read_bytes() == BIG
    assert way.fault(method) is None, "the errors were given"


@pytest.mark.parametrize("fault", [Fault(wait_s=2.5), Fault(cut=300_000), Fault(answer=b"")])
def test_slowness_and_cuts_that_pass_are_not_seen(
    bucket: Bucket, way: Way, tmp_path: Path, fault: Fault
) -> None:
    name = bucket.keep(file(tmp_path, BIG), limit=LIMIT).name
    hasty = Bucket(BUCKET, "our/media", scratch=tmp_path, timeout_s=2, patience_s=60)
    way.next_times(1, "GET", fault)
    with hasty.local(name) as path:
        assert path.read_bytes() == BIG
    assert way.fault("GET") is None, "the fault was given"


def test_an_outage_is_a_sentence_that_says_to_try_again(
    bucket: Bucket, way: Way, tmp_path: Path
) -> None:
    path = file(tmp_path, BIG)
    name = bucket.keep(path, limit=LIMIT).name
    way.fault = lambda _line: Fault(answer=BUSY)
    bucket = Bucket(BUCKET, "our/media", scratch=tmp_path, timeout_s=60, patience_s=0.3)
    for ask in (
        lambda: bucket.keep(path, limit=LIMIT),
        lambda: bucket.size(name),
        lambda: next(bucket.read(name, 0, 9)),
        lambda: bucket.erase(name),
        lambda: next(bucket.names()),
    ):
        with pytest.raises(
            Unavailable, match=r"s3://calls/our/media at http.* does not answer now"
        ):
            ask()
    assert Unavailable.retry
    assert Unavailable.status == 503
    way.fault = lambda _line: None
    assert bucket.size(name) == len(BIG)


def test_a_missing_bucket_is_named(way: Way, tmp_path: Path) -> None:  # noqa: ARG001
    nowhere = Bucket("nowhere", "", scratch=tmp_path, timeout_s=60, patience_s=1)
    for ask in (
        lambda: nowhere.keep(file(tmp_path, b"x"), limit=9),
        lambda: nowhere.size("0" * 64),
        lambda: next(nowhere.read("0" * 64, 0, 1)),
    ):
        with pytest.raises(StoreRefused, match="There is no bucket s3://nowhere at http"):
            ask()


def test_wrong_credentials_are_a_sentence(bucket: Bucket, way: Way, tmp_path: Path) -> None:
    look_at_who_asks(way, looks=True)
    try:
        with pytest.raises(StoreRefused, match=r"refuses us.*; check AWS_ACCESS_KEY_ID"):
            bucket.keep(file(tmp_path, b"x"), limit=9)
        with pytest.raises(StoreRefused, match=r"refuses us \(InvalidAccessKeyId\)"):
            next(bucket.names())
    finally:
        look_at_who_asks(way, looks=False)


def test_no_credentials_are_a_sentence(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    without = Bucket(BUCKET, "", scratch=tmp_path, timeout_s=3, patience_s=1)
    with pytest.raises(StoreRefused, match=r"There is no key for s3://calls.*AWS_ACCESS_KEY_ID"):
        without.keep(file(tmp_path, b"x"), limit=9)
    bucket.keep(file(tmp_path, b"x"), limit=9)  # opened before, it keeps its key


def test_what_cannot_be_kept_is_refused_before_anything_is_asked(
    bucket: Bucket, way: Way, tmp_path: Path
) -> None:
    with pytest.raises(TooLarge, match="over the limit"):
        bucket.keep(file(tmp_path, b"xxx"), limit=2)
    with pytest.raises(BadInput, match="is empty"):
        bucket.keep(file(tmp_path, b""), limit=2)
    with pytest.raises(BadInput, match="is not what was announced"):
        bucket.keep(file(tmp_path, b"xxx"), limit=3, sha256="0" * 64)
    assert way.asked == []


def test_a_kill_in_the_middle_leaves_nothing_under_the_name(
    bucket: Bucket, way: Way, tmp_path: Path
) -> None:
    path = file(tmp_path, BIG)
    way.fault = lambda line: Fault(wait_s=60) if "partNumber=3" in line else None
    code = (
        "import sys; from pathlib import Path; from ingest.media.bucket import Bucket; "
        f"Bucket({BUCKET!r}, 'our/media', scratch=Path('.')).keep(Path(sys.argv[1]), limit={LIMIT})"
    )
    sender = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT)
    try:
        while not any("partNumber=3" in line for line in way.asked):
            assert sender.poll() is None, "it waits with its last part"
    finally:
        sender.kill()
        sender.wait()
    assert keys() == []
    way.fault = lambda _line: None
    assert bucket.keep(path, limit=LIMIT).new
    assert len(keys()) == 1


def test_a_file_that_changes_on_its_way_is_not_stored(
    bucket: Bucket, way: Way, tmp_path: Path
) -> None:
    path = file(tmp_path, BIG)

    def meanwhile(line: str) -> Fault | None:
        if line.startswith("HEAD"):
            path.write_bytes(BIG[:-1] + b"?")
        return None

    way.fault = meanwhile
    with pytest.raises(BadInput, match="is not what was announced"):
        bucket.keep(path, limit=LIMIT)
    assert keys() == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///tmp/x", "it is s3://bucket/prefix"),
        ("s3:///x", "it is s3://bucket/prefix"),
        ("bucket", "it is s3://bucket/prefix"),
        ("s3://key:secret@bucket/x", "keys do not belong in it"),
    ],
)
def test_an_address_that_is_none_is_refused_at_the_start(
    tmp_path: Path, url: str, says: str
) -> None:
    with pytest.raises(BadInput, match=f"FIRSTHAND_MEDIA_URL cannot be used: {says}") as refused:
        open_media(tmp_path, url)
    assert "secret@" not in str(refused.value)


def test_a_call_lives_in_the_bucket_from_adding_to_erasing(
    way: Way,  # noqa: ARG001
    tmp_path: Path,
    plain_call: Path,
) -> None:
    from ingest.pipeline import About, process, receive
    from service.erase import erase

    library = Library(
        tmp_path / "home", Options(models=tmp_path, media_url=f"s3://{BUCKET}/our/media")
    )
    call_id = receive(library, plain_call, About()).call_id
    assert len(keys()) == 1
    assert process(library, call_id).state == "ready"
    erase(library, call_id)
    assert keys() == []
    assert not (tmp_path / "home" / "media").exists()
    library.close()


def test_that_files_leave_is_said(way: Way, tmp_path: Path) -> None:
    from service.doctor import leaving
    from service.settings import Settings

    [one] = leaving(Settings(home=tmp_path, media_url=f"s3://{BUCKET}/our/media"))
    assert one.acts == ("add",)
    assert one.where == f"{way.address.removeprefix('http://')} (on this machine)"
