"""A watched bucket, on an S3 server on loopback that also behaves badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from ingest.errors import StoreRefused, Unavailable
from ingest.library import Library
from ingest.store import list_calls
from service.doctor import leaving
from service.settings import Settings
from service.watch.bucket import WatchedBucket
from service.watch.sources import Changed, open_sources
from tests.recordings import noise_wav
from tests.s3 import BUCKET, BUSY, Fault, Way, look_at_who_asks, served
from tests.service.watch.looking import SETTLE_S, Looking, kinds

URL = f"s3://{BUCKET}/in coming/"


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    with served(monkeypatch) as opened:
        yield opened


@pytest.fixture
def looking(library: Library, way: Way) -> Looking:  # noqa: ARG001 - the way leads to it
    return started(library)


def started(library: Library) -> Looking:
    return Looking(library, [WatchedBucket(URL, timeout_s=60, patience_s=3)])


def put(key: str, body: str | bytes) -> None:
    data = body.encode() if isinstance(body, str) else body
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"in coming/{key}", Body=data)


def said(words: str) -> str:
    return f"Ida Kern: What is hard?\n\nLin Mori: {words}\n"


def fetched(way: Way) -> list[str]:
    """The objects asked for since the last time, in order."""
    gets = [
        line.split()[1] for line in way.asked if line.startswith("GET") and "list-type" not in line
    ]
    way.asked.clear()
    return [path.rpartition("/")[2] for path in gets]


def test_what_comes_into_a_bucket_is_taken_in_once(
    library: Library, looking: Looking, way: Way
) -> None:
    put("a/visit.md", said("We chip ice."))
    put("a/firsthand.yaml", "date: 2026-05-12")
    put("a/visit.md.firsthand.json", '{"title": "The visit"}')
    put("a/visit.md.part", said("Half."))
    put(".hidden/x.md", said("Hidden."))
    put("setup.exe", b"MZ")
    put("folder/", b"")
    boto3.client("s3").put_object(Bucket=BUCKET, Key="elsewhere/y.md", Body=b"x")
    told = looking.settle()
    assert kinds(told) == [("taken", "a/visit.md"), ("skipped", "setup.exe")]
    assert told[0].where == f"s3://{BUCKET}/in coming"
    with library.read() as connection:
        [call] = list_calls(connection)
    assert (call.title, str(call.date)) == ("The visit", "2026-05-12")
    assert sorted(fetched(way)) == ["firsthand.yaml", "visit.md", "visit.md.firsthand.json"]
    again = started(library)
    put("a/new.md", said("It hums."))
    assert kinds(again.settle()) == [("taken", "a/new.md")]
    assert sorted(fetched(way)) == ["firsthand.yaml", "new.md"]
    put("a/visit.md", said("We chip more ice."))
    assert [event for event, _ in kinds(again.settle())] == ["taken", "note"]


def test_hostile_keys_are_keys(looking: Looking) -> None:
    for n, key in enumerate(("%2e%2e.md", "ü?#&+.md", "'; DROP TABLE calls; --.md", "{0} %s.md")):
        put(key, said(f"The {n} hums."))
    assert {event.event for event in looking.settle()} == {"taken"}


@pytest.mark.parametrize("key", ["bad/../up.md", "bad//b.md", "bad/./d.md"])
def test_a_key_that_no_list_has_keeps_only_its_own_folder(looking: Looking, key: str) -> None:
    put(key, said("Bad."))
    put("bad/beside.md", said("Beside."))
    put("bad/below/one.md", said("Below."))
    put("good/one.md", said("Good."))
    put("one.md", said("One."))
    [failed, *told] = looking.settle()
    assert failed.event == "failed"
    assert "in coming/bad has a key with an empty part" in (failed.message or "")
    assert set(kinds(told)) == {("taken", "good/one.md"), ("taken", "one.md")}
    assert looking.look(1) == []


def test_a_big_object_comes_in_pieces(
    library: Library, looking: Looking, way: Way, tmp_path: Path
) -> None:
    put("big.wav", noise_wav(tmp_path / "big.wav", 20_000_000).read_bytes())
    way.asked.clear()
    assert kinds(looking.settle()) == [("taken", "big.wav")]
    assert fetched(way) == ["big.wav"] * 3
    with library.read() as connection:
        [call] = list_calls(connection)
    assert call.has_audio


def test_an_object_that_changes_meanwhile_is_not_taken(way: Way) -> None:  # noqa: ARG001
    bucket = WatchedBucket(URL)
    put("one.md", b"x" * 20_000_000)
    [entry] = bucket.entries(pytest.fail)
    blocks = bucket.blocks(entry)
    next(blocks)
    put("one.md", b"y" * 20_000_000)
    with pytest.raises(Changed):
        list(blocks)
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="in coming/one.md")
    with pytest.raises(Changed):
        list(bucket.blocks(entry))


def test_a_bad_line_is_told_and_waited_for(looking: Looking, way: Way) -> None:
    put("one.md", said("One."))
    way.next_times(1, "GET", Fault(cut=20))
    way.next_times(2, "GET", Fault(answer=BUSY))
    assert looking.look() == []
    way.fault = lambda _line: Fault(answer=BUSY)
    [away] = looking.look(SETTLE_S)
    assert (away.event, away.where) == ("away", f"s3://{BUCKET}/in coming")
    assert "does not answer now" in (away.message or "")
    way.fault = lambda line: None if "list-type" in line else Fault(answer=BUSY)
    assert kinds(looking.look(1)) == [("back", None)]
    [failed] = looking.look(SETTLE_S)
    assert (failed.event, failed.file) == ("failed", "one.md")
    assert looking.look(1) == []
    way.fault = lambda _line: None
    assert kinds(looking.look(15)) == [("taken", "one.md")]


def test_a_bucket_that_is_none_or_closed_is_refused(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreRefused, match="There is no bucket s3://none at http"):
        WatchedBucket("s3://none").require()
    WatchedBucket(URL).require()
    look_at_who_asks(way, looks=True)
    try:
        with pytest.raises(StoreRefused, match="refuses us"):
            WatchedBucket(URL).require()
    finally:
        look_at_who_asks(way, looks=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        WatchedBucket(URL, timeout_s=1, patience_s=1).require()


def test_what_is_asked_of_a_bucket_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://objects.example.com")
    monkeypatch.setenv("FIRSTHAND_WATCH", f"{tmp_path}, {URL}")
    settings = Settings(home=tmp_path / ".home")
    assert settings.watch == (str(tmp_path), URL.strip())
    [one] = leaving(settings)
    assert (one.where, one.acts) == ("objects.example.com", ("add",))
    assert "nothing of yours" in one.what
    assert len(open_sources(settings.watch, settings.folder)) == 2
    monkeypatch.setenv("FIRSTHAND_WATCH", str(tmp_path))
    assert leaving(Settings()) == ()
