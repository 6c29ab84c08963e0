"""A recording that names other files or addresses: none of them is opened, whatever it is called.

The kernel tells (inotify) whether a file was opened, a server on loopback whether it was asked.
"""

from __future__ import annotations

import ctypes
import http.server
import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest

from ingest import audio
from ingest.errors import BadInput
from service import hands
from service.looking import look
from tests.security.mutations import recordings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
_IN_OPEN = 0x20
_NAMES = ("x.mp3", "x.mp4", "x.wav", "x.m3u8", "x.sdp", "x")


class Other:
    """A recording that nobody may open, and an address that nobody may ask."""

    def __init__(self, path: Path, address: str, asked: list[str]) -> None:
        self.path, self.address, self._asked = path, address, asked
        libc = ctypes.CDLL(None, use_errno=True)
        self._notes = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._notes, str(path).encode(), _IN_OPEN) > 0

    @property
    def touched(self) -> bool:
        try:
            return bool(os.read(self._notes, 4096) or self._asked)
        except BlockingIOError:
            return bool(self._asked)

    def close(self) -> None:
        os.close(self._notes)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    path = tmp_path / "secret.wav"
    path.write_bytes(recordings()[".wav"])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        told = Other(path, f"http://127.0.0.1:{running.server_address[1]}", asked)
        yield told
        told.close()
        running.shutdown()
        thread.join()
    hands.dismiss()


def _lists(other: Other) -> dict[str, bytes]:
    """What players take for lists of other files."""
    found: dict[str, str] = {}
    for kind, there in (("file", str(other.path)), ("address", f"{other.address}/a.wav")):
        url = there if "://" in there else f"file:{there}"
        found |= {
            f"hls {kind}": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{there}\n#EXT-X-ENDLIST",
            f"hls map {kind}": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"
            f'#EXT-X-MAP:URI="{url}"\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST',
            f"hls variant {kind}": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}\n",
            f"concat {kind}": f"ffconcat version 1.0\nfile '{there}'\n",
            f"concat protocol {kind}": f"ffconcat version 1.0\nfile 'concat:{url}|{url}'\n",
            f"dash {kind}": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
            f'type="static" mediaPresentationDuration="PT9S"><Period><BaseURL>{url}</BaseURL>'
            '<AdaptationSet contentType="audio"><Representation id="1" bandwidth="1"/>'
            "</AdaptationSet></Period></MPD>",
            f"smil {kind}": f'<smil><body><audio src="{url}"/></body></smil>',
            f"asx {kind}": f'<asx version="3"><entry><ref href="{url}"/></entry></asx>',
            f"pls {kind}": f"[playlist]\nFile1={url}\nNumberOfEntries=1\n",
            f"ref {kind}": f"[Reference]\nRef1={url}?MSWMExt=.asf\n",
            f"imf {kind}": f"<AssetMap><Path>{url}</Path></AssetMap>",
        }
    found["sdp"] = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"
    return {what: text.encode() for what, text in found.items()}


def test_the_watch_sees_an_opened_file(other: Other) -> None:
    assert not other.touched
    audio.probe(other.path)
    assert other.touched


def test_a_player_would_open_it(other: Other, tmp_path: Path) -> None:
    """So that the tests below can fail."""
    lists = {
        "x.m3u8": _lists(other)["hls file"],
        "x.mov": _elsewhere(recordings()[".mov"], "alis", str(other.path)),
    }
    for name, body in lists.items():
        path = tmp_path / name
        path.write_bytes(body)
        with (
            suppress(av.FFmpegError),
            av.open(path, options={"enable_drefs": "1", "use_absolute_path": "1"}),
        ):
            pass
        assert other.touched, name


@pytest.mark.parametrize("name", _NAMES)
def test_a_list_opens_nothing(other: Other, tmp_path: Path, name: str) -> None:
    for what, body in _lists(other).items():
        path = tmp_path / name
        path.write_bytes(body)
        with pytest.raises(BadInput):
            audio.check(path)
        assert not other.touched, what


def test_a_list_opens_nothing_where_uploads_are_looked_at(other: Other, tmp_path: Path) -> None:
    for what, body in _lists(other).items():
        path = tmp_path / "x.mp3"
        path.write_bytes(body)
        with pytest.raises(BadInput):
            look(path, 3600)
        assert not other.touched, what


@pytest.mark.parametrize("ending", [".mov", ".mp4", ".m4a"])
@pytest.mark.parametrize("kind", ["url ", "alis", "urn "])
def test_sound_that_is_said_to_lie_elsewhere_is_not_fetched(
    other: Other, tmp_path: Path, ending: str, kind: str
) -> None:
    whole = recordings()[ending]
    for there in (str(other.path), other.path.name, f"{other.address}/a", f"file:{other.path}"):
        path = tmp_path / f"x{ending}"
        path.write_bytes(_elsewhere(whole, kind, there))
        with suppress(BadInput):  # with the bytes that it carries itself, or not at all
            audio.check(path)
        assert not other.touched, there


def _elsewhere(whole: bytes, kind: str, there: str) -> bytes:
    """The file, its sound's bytes said to be those of another."""
    at = whole.index(b"dref") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    place = there.encode() + b"\0" if kind != "alis" else _alias(there)
    # Without the flag 1, which says that the sound lies in this very file.
    entry = struct.pack(">I4sI", 12 + len(place), kind.encode(), 0) + place
    made = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    grown = len(made) - size
    body = bytearray(whole[:at] + made + whole[at + size :])
    # The boxes around it grow likewise.
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        head = body.rindex(box, 0, at) - 4
        struct.pack_into(">I", body, head, struct.unpack_from(">I", body, head)[0] + grown)
    return bytes(body)


def _alias(there: str) -> bytes:
    """An alias record of QuickTime: volume, file, and the path as its item of type 18."""
    path = there.encode()
    name = path.rpartition(b"/")[2][:63]
    head = bytes(4) + struct.pack(">HHH", 150, 2, 0) + bytes([1]) + b"x".ljust(27, b"\0")
    head += bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    head += bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    items = b"".join(
        struct.pack(">HH", number, len(text)) + text + bytes(len(text) % 2)
        for number, text in ((2, path.replace(b"/", b":")), (18, path), (19, b"/"))
    )
    return head + items + struct.pack(">HH", 0xFFFF, 0)
