"""The upload protocol, route by route, and what must never get in by it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from httpx2 import Response

from ingest.library import Library
from ingest.store import list_calls
from service.api import bodies, create_app
from service.jobs import list_jobs
from service.settings import Settings
from service.uploads import Uploads

TUS = {"Tus-Resumable": "1.0.0"}
WORDS = (
    b"# Sable Genomics\n\nDate: 2026-06-03\n\nIda Kern: What is the hardest part of your week?\n\n"
    b"Lin Mori: The ice. We chip ice out of the freezer by hand and lose a morning.\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", max_file_mb=1, max_uploads_mb=2, min_free_mb=0, models=tmp_path
    )


@pytest.fixture
def small(settings: Settings) -> Iterator[Library]:
    """A home that takes files of 1 MB, and 2 MB of them at once."""
    library = Library(settings.home, settings.options())
    yield library
    library.close()


@pytest.fixture
def client(small: Library, settings: Settings) -> Iterator[TestClient]:
    app = create_app(small, settings)
    with TestClient(app, base_url="http://127.0.0.1:8400", raise_server_exceptions=False) as opened:
        yield opened


def metadata(**said: str | bytes) -> str:
    def value(text: str | bytes) -> str:
        raw = text.encode() if isinstance(text, str) else text
        return base64.b64encode(raw).decode()

    return ",".join(f"{name} {value(text)}" for name, text in said.items())


def create(client: TestClient, length: int = len(WORDS), **said: str | bytes) -> Response:
    said = {"filename": "sable.md", **said}
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(**said)}
    return client.post("/api/uploads", headers=headers)


def patch(client: TestClient, address: str, offset: int, body: bytes, **more: str) -> Response:
    headers = {
        **TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
        **more,
    }
    return client.patch(address, headers=headers, content=body)


def offset(client: TestClient, address: str) -> int:
    answer = client.head(address, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def files(library: Library) -> list[Path]:
    """What lies in the folder of uploads, and in that of media."""
    return [p for n in ("uploads", "media") for p in (library.home / n).rglob("*") if p.is_file()]


def test_the_server_says_what_it_speaks(client: TestClient) -> None:
    answer = client.options("/api/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["tus-max-size"] == "1000000"
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


def test_a_file_in_three_pieces_becomes_a_call_with_a_job(
    client: TestClient, small: Library
) -> None:
    sha256 = hashlib.sha256(WORDS).hexdigest()
    created = create(client, title="Sable visit", date="2026-06-04", sha256=sha256)
    assert created.status_code == 201
    assert created.headers["tus-resumable"] == "1.0.0"
    assert "upload-expires" in created.headers
    address = created.headers["location"]
    for start, stop in ((0, 10), (10, 11), (11, len(WORDS))):
        assert offset(client, address) == start
        answer = patch(client, address, start, WORDS[start:stop])
        assert answer.status_code == 204
        assert answer.headers["upload-offset"] == str(stop)
    call_id, job_id = answer.headers["upload-call"], answer.headers["upload-job"]
    with small.read() as connection:
        [call] = list_calls(connection)
        [job] = list_jobs(connection)
    assert (call.call_id, call.title, str(call.date)) == (call_id, "Sable visit", "2026-06-04")
    assert (call.file_name, job.job_id, job.file) == ("sable.md", job_id, "sable.md")
    with small.media.local(f"{sha256}.md") as kept:
        assert kept.read_bytes() == WORDS
        assert kept.stat().st_mode & 0o077 == 0

    asked = client.head(address, headers=TUS)
    assert (asked.headers["upload-call"], asked.headers["upload-job"]) == (call_id, job_id)
    assert asked.headers["upload-metadata"].startswith("filename c2FibGUubWQ=,title ")
    assert client.get(address).json()["call_id"] == call_id
    # Sent again, the last bytes are a mistake of the client that harms nothing.
    assert patch(client, address, len(WORDS), b"").headers["upload-call"] == call_id
    assert patch(client, address, len(WORDS), b"x").status_code == 413
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 404
    with small.read() as connection:
        assert len(list_calls(connection)) == 1


def test_the_same_bytes_are_one_call(client: TestClient, small: Library) -> None:
    calls = set()
    for name in ("sable.md", "other.md"):
        address = create(client, filename=name).headers["location"]
        calls.add(patch(client, address, 0, WORDS).headers["upload-call"])
    assert len(calls) == 1
    with small.read() as connection:
        assert len(list_jobs(connection)) == 1


@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "Tus-Resumable: 1.0.0 is missing"),
        ({"Content-Type": "text/plain"}, 415, "application/offset"),
        ({"Upload-Offset": "7"}, 409, "has 5 bytes so far, so they cannot go on from 7"),
        ({"Upload-Offset": "0"}, 409, "has 5 bytes so far"),
        ({"Upload-Offset": "-1"}, 422, "Upload-Offset is missing, or is no number"),
        ({"Upload-Offset": "5\xb2"}, 422, "no number"),
        ({"Upload-Checksum": "md5 AAAA"}, 422, "is none of sha1, sha256"),
        ({"Upload-Checksum": "sha256 ?"}, 422, "is none of"),
    ],
)
def test_a_piece_that_does_not_fit_is_refused(
    client: TestClient, headers: dict[str, str], status: int, says: str
) -> None:
    address = create(client).headers["location"]
    patch(client, address, 0, WORDS[:5])
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = patch(client, address, 5, WORDS[5:], **raw)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset(client, address) == 5


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_piece_with_a_checksum_counts_when_it_is_right(client: TestClient, kind: str) -> None:
    address = create(client).headers["location"]
    patch(client, address, 0, WORDS[:5])
    digest = base64.b64encode(hashlib.new(kind, WORDS[5:]).digest()).decode()
    wrong = patch(client, address, 5, WORDS[5:-1] + b"?", **{"Upload-Checksum": f"{kind} {digest}"})
    assert wrong.status_code == 460
    assert wrong.json()["title"] == "Checksum Mismatch"
    assert offset(client, address) == 5
    right = patch(client, address, 5, WORDS[5:], **{"Upload-Checksum": f"{kind} {digest}"})
    assert right.status_code == 204
    assert "upload-call" in right.headers


def test_more_than_was_announced_is_refused(client: TestClient) -> None:
    address = create(client).headers["location"]
    answer = patch(client, address, 0, WORDS + b"x")
    assert answer.status_code == 413
    assert "was announced with" in answer.json()["detail"]


def test_a_file_of_another_hash_comes_to_nothing(client: TestClient, small: Library) -> None:
    address = create(client, sha256="0" * 64).headers["location"]
    answer = patch(client, address, 0, WORDS)
    assert answer.status_code == 422
    assert "is not what was announced: its SHA-256 is" in answer.json()["detail"]
    # Asked again it is the same, and its bytes are gone.
    assert client.get(address).json()["detail"] == answer.json()["detail"]
    assert client.head(address, headers=TUS).status_code == 422
    assert {p.name for p in files(small)} == {"about.json", "outcome.json"}
    with small.read() as connection:
        assert list_calls(connection) == []


def test_what_is_no_call_comes_to_nothing(client: TestClient, small: Library) -> None:
    address = create(client, 4, filename="noise.mp3").headers["location"]
    answer = patch(client, address, 0, b"\0\1\2\3")
    assert answer.status_code == 422
    assert "noise.mp3" in answer.json()["detail"]
    assert {p.name for p in files(small)} == {"about.json", "outcome.json"}


def test_two_requests_cannot_write_at_once(
    client: TestClient, small: Library, settings: Settings
) -> None:
    address = create(client).headers["location"]
    first = Uploads(small, settings).arriving(address.rpartition("/")[2], 0)
    first.write(WORDS[:5])
    second = patch(client, address, 0, WORDS)
    assert second.status_code == 423
    assert client.delete(address, headers=TUS).status_code == 423
    assert offset(client, address) == 5
    first.close()
    assert patch(client, address, 5, WORDS[5:]).status_code == 204


def test_what_is_too_much_is_refused_before_it_comes(client: TestClient) -> None:
    assert create(client, 0).status_code == 422
    too_large = create(client, 1_000_001)
    assert too_large.status_code == 413
    assert "FIRSTHAND_MAX_FILE_MB" in too_large.json()["detail"]
    first, second = create(client, 1_000_000), create(client, 999_999)
    assert (first.status_code, second.status_code) == (201, 201)
    over = create(client, 2)
    assert over.status_code == 507
    assert "FIRSTHAND_MAX_UPLOADS_MB" in over.json()["detail"]
    assert create(client, 1).status_code == 201
    client.delete(first.headers["location"], headers=TUS)
    assert create(client, 1000).status_code == 201


def test_a_finished_upload_holds_no_room(client: TestClient) -> None:
    for n in range(4):
        body = WORDS + b"\nIda Kern: And what of the ice?\n" * 25_000 + bytes(str(n), "ascii")
        address = create(client, len(body)).headers["location"]
        assert patch(client, address, 0, body).status_code == 204


Usage = namedtuple("Usage", "total used free")


def test_a_disk_that_fills_up_is_told_and_keeps_what_came(
    client: TestClient, small: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 1_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**9, 10**9 - free, free))
    address = create(client, 900_000).headers["location"]
    full = create(client, 200_000)  # with what is still to come of the first it would not fit
    assert full.status_code == 507
    assert "FIRSTHAND_MIN_FREE_MB" in full.json()["detail"]
    writer = Uploads(small, settings).arriving(address.rpartition("/")[2], 0)
    writer.write(bytes(400_000))
    writer.close()
    free = 300_000
    answer = patch(client, address, 400_000, bytes(500_000))
    assert answer.status_code == 507
    assert "free some space and go on" in answer.json()["detail"]
    assert offset(client, address) == 400_000
    form = client.post("/api/calls", files={"file": ("a.md", bytes(400_000))})
    assert form.status_code == 507
    free = 10**8
    assert patch(client, address, 400_000, bytes(100)).status_code == 204


def test_an_upload_expires_a_day_after_its_last_byte(
    client: TestClient, small: Library, settings: Settings
) -> None:
    uploads = Uploads(small, settings)
    old, young = (create(client).headers["location"] for _ in range(2))
    for address, hours in ((old, 25), (young, 23)):
        for path in (small.home / "uploads" / address.rpartition("/")[2]).glob("in/*"):
            then = path.stat().st_mtime - hours * 3600
            os.utime(path, (then, then))
    assert client.head(old, headers=TUS).status_code == 404
    assert patch(client, old, 0, WORDS).status_code == 404
    uploads.sweep()
    assert [p.name for p in uploads.folder.iterdir()] == [young.rpartition("/")[2]]


def test_what_is_whole_and_was_not_taken_in_is_by_the_next_who_asks(
    client: TestClient, small: Library, settings: Settings
) -> None:
    """As a process leaves it that dies between the last byte and the call."""
    uploads = Uploads(small, settings)
    addresses = []
    for n in range(3):
        body = WORDS + bytes(str(n), "ascii")
        address = create(client, len(body)).headers["location"]
        writer = uploads.arriving(address.rpartition("/")[2], 0)
        writer.write(body)
        writer.close()
        addresses.append(address)
    assert "upload-call" in client.head(addresses[0], headers=TUS).headers
    assert "upload-call" in patch(client, addresses[1], len(WORDS) + 1, b"").headers
    uploads.sweep()
    with small.read() as connection:
        assert len(list_calls(connection)) == 3
    assert client.get(addresses[2]).json()["call_id"] is not None


def test_a_dead_processs_form_holds_no_room(
    client: TestClient, small: Library, settings: Settings
) -> None:
    uploads = Uploads(small, settings)
    with uploads.passing(1_900_000) as alive:
        shutil.copytree(alive.parent, alive.parent.with_name(".passing-dead"))
        assert create(client, 200_000).status_code == 507
    assert create(client, 200_000).status_code == 201
    assert not list(uploads.folder.glob(".*"))


def test_what_a_loss_of_power_left_is_in_nobodys_way(client: TestClient, small: Library) -> None:
    broken = small.home / "uploads" / ("a" * 32)
    (broken / "in").mkdir(parents=True)
    (broken / "about.json").touch()
    assert client.head(f"/api/uploads/{broken.name}", headers=TUS).status_code == 404
    assert create(client).status_code == 201


def test_a_line_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came is given; else nobody could go on with the upload, which it holds."""
    monkeypatch.setattr(bodies, "IDLE_S", 0.05)
    coming = [{"type": "http.request", "body": b"some", "more_body": True}]

    async def receive() -> dict[str, object]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop()

    came: list[bytes] = []
    request = Request({"type": "http", "headers": []}, receive)
    assert asyncio.run(bodies.put_into(request, came.append)) is False
    assert came == [b"some"]


def test_methods_that_a_client_cannot_send(client: TestClient) -> None:
    address = create(client).headers["location"]
    headers = {
        **TUS,
        "X-HTTP-Method-Override": "PATCH",
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "0",
    }
    assert client.post(address, headers=headers, content=WORDS).status_code == 204
    assert client.post(address, headers=TUS).status_code == 405
    headers = {**TUS, "X-HTTP-Method-Override": "DELETE"}
    assert client.post(address, headers=headers).status_code == 204


# --- hostile ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "upload_id",
    [
        "..",
        "%2e%2e",
        "..%2fmedia",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/etc/passwd",
        "0" * 31,
        "0" * 32,
        "A" * 32,
        "0" * 5000,
        "%00",
        "\u0660" * 32,
        ".new-" + "0" * 32,
    ],
)
def test_an_id_that_is_none_leads_nowhere(
    client: TestClient, small: Library, upload_id: str
) -> None:
    (small.home / "uploads").mkdir(exist_ok=True)
    for name in (f".new-{'0' * 32}", "A" * 32):
        (small.home / "uploads" / name / "in").mkdir(parents=True)
        (small.home / "uploads" / name / "about.json").write_text('{"filename":"a","length":9}')
    address = f"/api/uploads/{upload_id}"
    for answer in (
        client.head(address, headers=TUS),
        client.get(address),
        patch(client, address, 0, b"x"),
        client.delete(address, headers=TUS),
    ):
        assert answer.status_code in (404, 405), answer.status_code
    assert (small.home / "uploads" / ("A" * 32) / "about.json").exists()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../etc/cron.d/job.md", "job.md"),
        ("..\\..\\windows\\job.md", "job.md"),
        ("/etc/passwd", "passwd"),
        ("..", "upload"),
        (".", "upload"),
        ("", "upload"),
        ("a/", "upload"),
        ("nul\0byte.md", "nulbyte.md"),
        ("two\nlines\x1b[31m.md", "two lines[31m.md"),
        ("\u202egpj.md", "gpj.md"),
        ("x" * 5000 + ".md", "x" * 197 + ".md"),
        ("\U0001f399" * 300 + ".md", "\U0001f399" * 49 + ".md"),
        ("<script>alert(1)<", "<script>alert(1)<"),
        ("about.json", "about.json"),
    ],
)
def test_a_hostile_file_name_is_only_a_name(
    client: TestClient, small: Library, sent: str, kept: str
) -> None:
    before = {p for p in small.home.parent.rglob("*") if "uploads" not in p.parts}
    created = create(client, filename=sent)
    assert created.status_code == 201, created.text
    assert created.json()["filename"] == kept
    assert {p for p in small.home.parent.rglob("*") if "uploads" not in p.parts} - before <= {
        small.home / "uploads.lock",
        *small.home.glob("audit.db*"),
    }
    answer = patch(client, created.headers["location"], 0, WORDS)
    assert answer.status_code == 204, answer.text
    with small.read() as connection:
        assert [call.file_name for call in list_calls(connection)] == [kept]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (metadata(filename=b"\xff\xfe.md"), "'filename' in Upload-Metadata is not base64 of UTF-8"),
        (metadata(title=b"\xc3("), "'title' in Upload-Metadata is not base64 of UTF-8"),
        ("filename ???", "is not base64"),
        ("filename YQ==,filename Yg==", "has 'filename' twice"),
        ("x" * 9000, "over 8192 bytes"),
        (metadata(title="t" * 301), "title is over 300 characters"),
        (metadata(date="tomorrow"), "is not a date"),
        (metadata(date="1" * 3000), "is not a date"),
        (metadata(account_id="NOBODY"), "There is no account 'NOBODY'"),
        (metadata(account_id="NO\0BODY"), "There is no account 'NOBODY'"),
        (metadata(sha256="abc"), "not 64 hexadecimal digits"),
    ],
)
def test_metadata_that_cannot_be_used_is_one_sentence(
    client: TestClient, small: Library, header: str, says: str
) -> None:
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": header}
    answer = client.post("/api/uploads", headers=headers)
    assert answer.status_code in (404, 422)
    assert says in answer.json()["detail"]
    assert files(small) == []


@pytest.mark.parametrize("length", ["", "-1", "1e9", "9" * 19, "9" * 5000, "0x10", "\xb2"])
def test_a_length_that_is_none_is_refused(client: TestClient, length: str) -> None:
    headers = {**TUS, "Upload-Length": length.encode("latin-1")}
    answer = client.post("/api/uploads", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "Upload-Length is missing, or is no number of bytes" in answer.json()["detail"]
    far = client.post("/api/uploads", headers={**TUS, "Upload-Length": "9" * 18})
    assert far.status_code == 413


def test_a_hostile_title_stays_text(client: TestClient, small: Library) -> None:
    title = "\u202e<img src=x onerror=alert(1)>\0{{ 7 * 7 }}\x1b[2J"
    address = create(client, title=title).headers["location"]
    assert patch(client, address, 0, WORDS).status_code == 204
    with small.read() as connection:
        [call] = list_calls(connection)
    assert call.title == "<img src=x onerror=alert(1)>{{ 7 * 7 }}[2J"


def test_no_other_site_can_send(client: TestClient) -> None:
    headers = {**TUS, "Upload-Length": "5", "Origin": "https://evil.example"}
    assert client.post("/api/uploads", headers=headers).status_code == 403


# --- forms --------------------------------------------------------------------------------------


def test_a_form_goes_straight_to_its_place(client: TestClient, small: Library) -> None:
    files_ = {"file": ("../x/sable.md", WORDS)}
    sent = client.post("/api/calls", files=files_, data={"title": "A\0B", "date": "2026-06-04"})
    assert sent.status_code == 202
    with small.read() as connection:
        [call] = list_calls(connection)
    assert (call.title, call.file_name, str(call.date)) == ("AB", "sable.md", "2026-06-04")
    assert list((small.home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"files": {"other": ("a.md", WORDS)}}, 422, "no file in the field `file`"),
        ({"data": {"title": "x"}}, 422, "comes as multipart/form-data"),
        ({"content": b"x"}, 422, "comes as multipart/form-data"),
        ({"files": [("file", ("a.md", b"1")), ("file", ("b.md", b"2"))]}, 422, "Too many files"),
        ({"files": {"file": ("a.md", bytes(1_000_001))}}, 413, "FIRSTHAND_MAX_FILE_MB"),
        ({"files": {"file": ("a.md", bytes(9_000_000))}}, 413, "FIRSTHAND_MAX_FILE_MB"),
        ({"files": {"file": ("a.md", b"")}}, 422, "a.md is empty"),
        (
            {"files": {"file": ("a.md", WORDS)}, "data": {"title": "x" * 301}},
            422,
            "over 300 characters",
        ),
        ({"files": {"file": ("a.md", WORDS)}, "data": {"title": "x" * 9000}}, 422, "exceeded"),
        (
            {"content": b"--b\r\nbroken", "headers": {"Content-Type": "multipart/form-data"}},
            422,
            "The form cannot be read",
        ),
        (
            {
                "content": b"--b\r\nContent-Disposition: form-data; name=file; filename=a.md"
                b"\r\n\r\nbroken off",
                "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            },
            422,
            "no file in the field `file`",
        ),
    ],
)
def test_a_form_that_cannot_be_used_leaves_nothing(
    client: TestClient, small: Library, form: dict[str, object], status: int, says: str
) -> None:
    answer = client.post("/api/calls", **form)  # type: ignore[arg-type]
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert files(small) == []


def test_the_second_file_of_a_call_names_it(client: TestClient, small: Library) -> None:
    """What the call cannot take is refused, whichever way the file comes; nothing stays of it."""
    sent = client.post("/api/calls", files={"file": ("sable.md", WORDS)})
    call_id = sent.json()["call_id"]
    again = WORDS.replace(b"ice", b"snow")
    refused = client.post("/api/calls", files={"file": ("b.md", again)}, data={"call_id": call_id})
    assert (refused.status_code, "has a transcript already" in refused.json()["detail"]) == (
        409,
        True,
    )
    nobody = client.post("/api/calls", files={"file": ("b.md", again)}, data={"call_id": "none"})
    assert nobody.status_code == 404
    assert create(client, call_id="none").status_code == 404
    address = create(client, len(again), call_id=call_id).headers["location"]
    assert patch(client, address, 0, again).status_code == 409
    same = client.post("/api/calls", files={"file": ("b.md", WORDS)}, data={"call_id": call_id})
    assert (same.status_code, same.json()["call_id"]) == (202, call_id)
    with small.read() as connection:
        assert [call.call_id for call in list_calls(connection)] == [call_id]
    assert len(list(small.media.names())) == 1
