"""Files made wrong in many ways, the same ones at every run."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream

from ingest.models import RATE
from tests.conftest import ROOT
from tests.ingest.sounds import speech

SECONDS = 3
_MOST = 32 << 20  # twice what a transcript may have; whoever makes it holds it in memory
_EXPORTS = ROOT / "eval" / "corpora" / "larkspur" / "exports"
_TOOLS = ROOT / "tests" / "ingest" / "transcripts" / "golden"
_HUGE = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x00\x00\x00\x00", b"\x01" * 4)
# What people and programs call files, and what nobody does.
_NAMES = ("a call", "-rf", "a\nb", "a\x1b[2J", "\u202egnp", "..", "a" * 200, "né ü 通話", "%s%n{0}")
# What can be sent as a name, though no file here can have it.
SENT_NAMES = (
    *("../../x", "/etc/passwd", "C:\\x", "..\\..\\x", "nul\0byte", "a" * 4000, "\u202egnp"),
    *("\ufffe\U000e0041", "<img src=x>", "uploads/../../jobs.db", "a\r\nX-Evil: 1", "."),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file to be taken in. ``how`` says what was done to it, for whoever reads of a failure."""

    name: str
    body: bytes
    how: str


Mutation = Callable[[random.Random, bytes], bytes]


def media(n: int) -> Iterator[Mutant]:
    """``n`` recordings of every container, made wrong."""
    return _mutants(n, recordings(), (*_BYTES, *_HEADS))


def texts(n: int) -> Iterator[Mutant]:
    """``n`` transcripts of every kind, made wrong."""
    return _mutants(n, transcripts(), (*_BYTES, *_WORDS))


def _mutants(n: int, seeds: dict[str, bytes], ways: Sequence[Mutation]) -> Iterator[Mutant]:
    endings = list(seeds)
    for number in range(n):
        chance = random.Random(number)
        ending = endings[number % len(endings)]
        body = seeds[ending]
        done = []
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            way = chance.choice(ways)
            body = way(chance, body)[:_MOST]
            done.append(way.__name__)
        if chance.random() < 0.1:
            done.append(f"was {ending}")
            ending = chance.choice([*endings, "", ".exe", ".xyz"])
        stem = chance.choice(_NAMES) if chance.random() < 0.1 else f"file {number}"
        yield Mutant(f"{stem}{ending}", body, f"{number}: {', '.join(done)}")


# --- what they are made from ---------------------------------------------------------------------


def recordings() -> dict[str, bytes]:
    """A few seconds of speech in every container, by ending."""
    said = speech("beckett.wav")[: SECONDS * RATE]
    made = {
        ending: _encoded(said, container, codec)
        for ending, container, codec in (
            (".wav", "wav", "pcm_s16le"),
            (".mp3", "mp3", "mp3"),
            (".m4a", "ipod", "aac"),
            (".mov", "mov", "pcm_s16le"),
            (".ogg", "ogg", "libopus"),
            (".flac", "flac", "flac"),
            (".mkv", "matroska", "libopus"),
            (".webm", "webm", "libopus"),
            (".aac", "adts", "aac"),
            (".aiff", "aiff", "pcm_s16be"),
            (".avi", "avi", "mp3"),
            (".ts", "mpegts", "aac"),
        )
    }
    made[".mp4"] = _encoded(said, "mp4", "aac")
    return made


def _encoded(said: np.ndarray[tuple[int], np.dtype[np.float32]], kind: str, codec: str) -> bytes:
    sink = io.BytesIO()
    rate = 48_000 if codec == "libopus" else RATE
    with av.open(sink, "w", format=kind) as output:
        stream = cast("AudioStream", output.add_stream(codec, rate=rate, layout="mono"))
        frame = av.AudioFrame.from_ndarray(said[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        size = stream.codec_context.frame_size or None
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return sink.getvalue()


def transcripts() -> dict[str, bytes]:
    """The beginning of a transcript of every kind, by ending."""
    made = {}
    for path in sorted(_EXPORTS.iterdir()):
        if path.name != "index.json":
            made[path.suffix] = _begin(path)
    native = json.loads((ROOT / "service/sample/calls/LC-001.json").read_bytes())
    native["utterances"] = native["utterances"][:8]
    # Several are of one kind of file, told apart by a name of their own.
    made[".native.json"] = json.dumps(native).encode()
    for path in sorted(_TOOLS.iterdir()):
        if path.name != "expected.json":
            made[f".{path.name}"] = path.read_bytes()
    return made


def _begin(path: Path) -> bytes:
    body = path.read_bytes()
    if path.suffix == ".json":
        gong = json.loads(body)
        said = gong["callTranscripts"][0]["transcript"]
        del said[8:]
        return json.dumps(gong).encode()
    return body if path.suffix == ".docx" else b"\n".join(body.split(b"\n")[:40])


# --- what is done to any bytes -------------------------------------------------------------------


def cut_off(chance: random.Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def headless(chance: random.Random, body: bytes) -> bytes:
    return body[chance.randrange(len(body) + 1) :]


def flipped(chance: random.Random, body: bytes) -> bytes:
    return _flipped(chance, body, len(body))


def flipped_ahead(chance: random.Random, body: bytes) -> bytes:
    return _flipped(chance, body, min(400, len(body)))


def _flipped(chance: random.Random, body: bytes, within: int) -> bytes:
    made = bytearray(body)
    for _ in range(chance.choice((1, 4, 30)) if within else 0):
        made[chance.randrange(within)] ^= 1 << chance.randrange(8)
    return bytes(made)


def zeros(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    size = chance.randrange(1, 5000)
    return body[:at] + bytes(size) + body[at + size :]


def noise(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.randbytes(chance.randrange(1, 5000)) + body[at:]


def lost(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + body[at + chance.randrange(1, 2000) :]


def twice(chance: random.Random, body: bytes) -> bytes:
    at, until = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    return body[:until] + body[at:until] * chance.choice((1, 1, 20)) + body[until:]


def nothing(_chance: random.Random, _body: bytes) -> bytes:
    return b""


_BYTES = (cut_off, headless, flipped, flipped_ahead, zeros, noise, lost, twice, nothing)

# --- what is done to containers ------------------------------------------------------------------


def giant_sizes(chance: random.Random, body: bytes) -> bytes:
    """Numbers in the head that promise gigabytes."""
    made = bytearray(body)
    for _ in range(chance.choice((1, 3))):
        at = chance.randrange(min(1000, len(body)) + 1)
        huge = chance.choice(_HUGE)
        made[at : at + len(huge)] = huge
    return bytes(made)


def giant_boxes(chance: random.Random, body: bytes) -> bytes:
    """The sizes and counts of an MP4's boxes, or what looks like them."""
    made = bytearray(body)
    for found in re.finditer(rb"stsz|stts|stco|stsc|moov|trak|data|fmt |fLaC|OggS|idx1", body):
        if chance.random() < 0.5:
            at = found.end() + chance.choice((-8, 0, 4, 8))
            made[max(0, at) : max(0, at) + 4] = chance.choice(_HUGE)[:4]
    return bytes(made)


def deep_matroska(chance: random.Random, body: bytes) -> bytes:
    """Tags in tags in tags, or chapters, each of unknown size."""
    unknown = b"\x01" + b"\xff" * 7
    outer, inner = chance.choice(
        (
            (b"\x12\x54\xc3\x67" + unknown + b"\x73\x73" + unknown, b"\x67\xc8"),
            (b"\x10\x43\xa7\x70" + unknown + b"\x45\xb9" + unknown, b"\xb6"),
            (b"", b"\x18\x53\x80\x67"),
        )
    )
    nested = outer + (inner + unknown) * chance.choice((20, 1000, 100_000))
    at = body.find(b"\x18\x53\x80\x67")
    at = at + 12 if at >= 0 else chance.randrange(len(body) + 1)
    return body[:at] + nested + body[at:]


def deep_boxes(chance: random.Random, body: bytes) -> bytes:
    """Boxes in boxes, as in MP4, each as large as a file can be."""
    name = chance.choice((b"moov", b"trak", b"udta", b"meta", b"moof", b"RIFF", b"LIST"))
    box = (b"\x7f\xff\xff\xff" + name) * chance.choice((20, 1000, 100_000))
    at = max(0, body.find(b"moov") - 4)
    return body[:at] + box + body[at:]


def giant_head(chance: random.Random, body: bytes) -> bytes:
    """Megabytes of titles, or of nothing, before any sound."""
    size = chance.choice((100_000, 4_000_000))
    # An ID3 tag writes its size with seven bits a byte.
    tag = b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    head = chance.choice(
        (tag + b"TIT2", b"RIFF\xff\xff\xff\xffWAVELIST", b"\x1a\x45\xdf\xa3\xec\x08")
    )
    return head + bytes(size) + body


_HEADS = (giant_sizes, giant_sizes, giant_boxes, deep_matroska, deep_boxes, giant_head)

# --- what is done to words -----------------------------------------------------------------------


def endless_numbers(chance: random.Random, body: bytes) -> bytes:
    digits = chance.choice((b"9" * 400, b"1e999", b"-1", b"NaN", b"00:99:99", b"9" * 5000))
    return re.sub(
        rb"\d+", lambda found: digits if chance.random() < 0.05 else found[0], body, count=500
    )


def another_encoding(chance: random.Random, body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    encoding = chance.choice(("utf-16", "utf-16-be", "utf-32", "cp1252", "utf-7", "cp037"))
    return text.encode(encoding, "replace")


def no_lines(_chance: random.Random, body: bytes) -> bytes:
    return body.replace(b"\n", b" ")


def many_lines(chance: random.Random, body: bytes) -> bytes:
    lines = body.split(b"\n")
    line = chance.choice(lines)[:300]
    return b"\n".join([*lines, *[line] * chance.choice((100, 30_000))])


def long_line(chance: random.Random, body: bytes) -> bytes:
    lines = body.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = lines[at][:100] * chance.choice((1000, 20_000))
    return b"\n".join(lines)


def deep_json(chance: random.Random, body: bytes) -> bytes:
    depth = chance.choice((50, 5000, 200_000))
    opened, closed = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = opened * depth + b"1" + closed * depth
    at = body.find(b":", chance.randrange(len(body) + 1))
    return body[: at + 1] + deep + b"," + body[at + 1 :]


def wrong_values(chance: random.Random, body: bytes) -> bytes:
    """JSON that is JSON still, with values of another kind than anybody expects."""
    try:
        held: list[Any] = [json.loads(body)]
    except (ValueError, RecursionError):
        return body
    for _ in range(chance.choice((1, 1, 3))):
        places = list(_places(held))
        inside, key = chance.choice(places)
        inside[key] = chance.choice(
            (None, True, -1, 0, 1e308, 10**30, "", "12", "NaN", [], {}, [[]], [None], {"": None})
        )
    return json.dumps(held[0]).encode()


def _places(held: Any) -> Iterator[tuple[Any, Any]]:
    """Where a value stands, of all that are in it."""
    todo = [held]
    while todo:
        inside = todo.pop()
        for key in inside if isinstance(inside, dict) else range(len(inside)):
            yield inside, key
            if isinstance(inside[key], dict | list):
                todo.append(inside[key])


def hostile_signs(chance: random.Random, body: bytes) -> bytes:
    signs = ("\0", "\u202e", "\x1b[31m", "\ufeff", "\u2028", "<script>", "\ud800", "&a;", "-->")
    for _ in range(10):
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(signs).encode("utf-8", "surrogatepass") + body[at:]
    return body


def broken_word(chance: random.Random, body: bytes) -> bytes:
    """Something wrong within a part of a Word file, packed again as it should be."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, OSError):
        return body
    if not parts:
        return body
    name = chance.choice([*parts, *[n for n in parts if n == "word/document.xml"] * 5])
    way = chance.choice((*_BYTES, hostile_signs, deep_xml, laughing, bomb))
    parts[name] = way(chance, parts[name])
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return sink.getvalue()


def deep_xml(chance: random.Random, body: bytes) -> bytes:
    depth = chance.choice((50, 300, 100_000))
    return body.replace(b"<w:p>", b"<w:p>" * depth, 1).replace(b"</w:p>", b"</w:p>" * depth, 1)


def laughing(_chance: random.Random, body: bytes) -> bytes:
    entities = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return body.replace(b"?>", b"?>" + entities, 1)


def bomb(chance: random.Random, body: bytes) -> bytes:
    """What packs a thousandfold."""
    return body.replace(b"<w:t>", b"<w:t>" + b"ha " * chance.choice((400_000, 14_000_000)), 1)


_WORDS = (
    *(endless_numbers, another_encoding, no_lines, many_lines, long_line, deep_json),
    *(hostile_signs, wrong_values, wrong_values, broken_word, broken_word),
)
