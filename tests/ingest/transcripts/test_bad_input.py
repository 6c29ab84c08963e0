"""What cannot be used gets one sentence that says where, and nothing else happens."""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput, FirsthandError, TooLarge
from ingest.transcripts import LIMIT_BYTES, parse


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadInput) as caught:
        parse(path)
    message = str(caught.value)
    assert message.startswith(name)
    assert "\n" not in message
    return message


def native(at: int | None = None, drop: str | None = None, **changes: object) -> str:
    """A good call of two utterances with one thing made wrong."""
    utterances: list[dict[str, object]] = [
        {"i": 0, "speaker": "Ana", "start_s": 50.0, "end_s": 51.0, "text": "What?"},
        {"i": 1, "speaker": "Bo", "start_s": 51.0, "end_s": 52.0, "text": "That."},
    ]
    call: dict[str, object] = {"title": "T", "date": "2026-01-02", "utterances": utterances}
    target = call if at is None else utterances[at]
    target.update(changes)
    if drop is not None:
        del target[drop]
    return json.dumps(call)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (native(call_id="../../x"), "call_id"),
        (native(call_id=".hidden"), "call_id"),
        (native(call_id="a" * 65), "call_id"),
        (native(call_id="a/b"), "call_id"),
        (native(date="never"), "not a date"),
        (native(date="2026-02-30"), "no such day"),
        (native(date=5.5), "'date' is a float"),
        (native(utterances=[]), "nobody says anything"),
        (native(utterances={}), "no list 'utterances'"),
        (native(utterances=[3]), "entry 0"),
        (native(drop="utterances"), "known are"),
        (native(participants=[{"name": "A", "role": "boss"}]), "participant 0"),
        (native(participants=[{"role": "customer"}]), "participant 0"),
        (native(participants=[{"name": "A"}, {"name": "A"}]), "participant 1"),
        (native(at=1, drop="i"), "utterance 1"),
        (native(at=1, drop="speaker"), "utterance 1"),
        (native(at=1, drop="text"), "utterance 1"),
        (native(at=1, drop="end_s"), "utterance 1"),
        (native(at=1, i=0), "utterance 1 is numbered 0"),
        (native(at=1, i=2), "utterance 1 is numbered 2"),
        (native(at=1, i=True), "utterance 1 is numbered"),
        (native(at=1, speaker=7), "utterance 1"),
        (native(at=1, speaker="\u202e\u0000 "), "empty speaker"),
        (native(at=1, speaker="x" * 201), "over 200"),
        (native(at=1, text="  "), "empty text"),
        (native(at=1, start_s="1"), "utterance 1"),
        (native(at=1, start_s=float("nan")), "NaN"),
        (native(at=1, start_s=-1), "utterance 1"),
        (native(at=1, end_s=1e300), "utterance 1"),
        (native(at=1, end_s=10**400), "utterance 1"),
        (native(at=1, end_s=50.5), "ends (50.5 s) before it starts"),
        (native(at=1, start_s=1.0), "backwards"),
        (native()[:-30], "cut off or broken at line 1, column"),
        ("[1, 2]", "known are"),
        ('{"a": 1}', "known are"),
        ('{"utterances":' + "[" * 100_000, "nested"),
        ('{"utterances": [{"i": ' + "9" * 5000 + "}]}", "numbers"),
    ],
)
def test_json(tmp_path: Path, content: str, says: str) -> None:
    assert says in refusal(tmp_path, "call.json", content)


@pytest.mark.parametrize(
    ("cue", "says"),
    [
        ("00:00:05.000 --> 00:00:02.000\nAna: hi", "cue 1 (line 3) ends before it starts"),
        ("00:00:xx --> 00:00:02.000\nAna: hi", "line 3"),
        ("00:00:01.000 -->\nAna: hi", "line 3"),
        ("00:61:01.000 --> 00:62:00.000\nAna: hi", "line 3"),
        ("10:00.000 --> 10:01.000\nAna: a\n\n00:01.000 --> 00:02.000\nBo: b", "cue 2 (line 6)"),
        ("00:01.000 --> 00:02.000\njust words", "no cue says who speaks"),
        ("", "no cue with times"),
    ],
)
def test_vtt(tmp_path: Path, cue: str, says: str) -> None:
    assert says in refusal(tmp_path, "call.vtt", f"WEBVTT\n\n{cue}\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "blank"),
        (bytes(range(256)) * 8, "neither"),
        (b"Ana: hi\n" + bytes(range(1, 9)) * 40, "binary"),
        (b"\xff\xfe" + "Ana: hi".encode("utf-16-le") + b"\x00", "damaged"),
        (b"A story.\nWith nobody in it.\n", "who speaks"),
        (b"Date: 12.05.2026\nAna: a\nBo: b\n", "two ways"),
        (b"Ana  0:01\nhi\n\nBo  10:00\nx\n\nAna  0:02\ny\n", "backwards"),
    ],
)
def test_text(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(tmp_path, "call.txt", content)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("call.txt", "Ana: x\n" + "A:\n" * 200_000, "200,002 lines"),
        ("call.txt", "Ana: x\nBo: y\n" + "Ana  0:01\n" * 200_000, "200,003 lines"),
        ("call.srt", "1\n00:00:01,0 --> 00:00:02,0\nx\n" + "y\n" * 200_000, "200,004 lines"),
        ("call.vtt", "WEBVTT\n\n0:01.0 --> 0:02.0\n" + "<v A>x" * 200_000, "no call; split it"),
        ("call.txt", "".join(f"Name A{n}: x\n" for n in range(2_000)), "2,000 people"),
    ],
)
def test_more_than_a_call_has(tmp_path: Path, name: str, content: str, says: str) -> None:
    assert says in refusal(tmp_path, name, content)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# A billion times "ha", once expanded.
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
    + "]><x>&j;</x>"
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def word(body: str, more: str = "") -> dict[str, str | bytes]:
    """The parts of a Word file. ``more``: relations of its document."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="bin" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{relation}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{more}'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
    }


def said(*lines: str) -> str:
    return "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)


def noise(size: int) -> str:
    """Text that packs badly."""
    return base64.b64encode(random.Random(1).randbytes(size * 3 // 4)).decode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"hello", "no Word file"),
        (packed({"word/document.xml": "<x/>"}), "damaged"),
        (packed({"word/document.xml": "<x/>"})[:-10], "no Word file"),
        (packed({"word/document.xml": "A" * 3_000_000}), "unpacks to 3,000,000"),
        (
            packed(
                {"word/document.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///x">]><x>&a;</x>'}
            ),
            "entities",
        ),
        (
            packed({"word/document.xml": LAUGHS.encode("utf-16")}),
            "entities",
        ),
        (packed({f"{n}.xml": "" for n in range(3000)} | {"word/document.xml": ""}), "3,001 parts"),
        (packed(word("<w:p>" * 5000 + noise(60_000) + "</w:p>" * 5000)), "damaged"),
        (packed(word("".join(f"<w:p w:a='{n}'/>" for n in range(120_000)))), "120,000 paragraphs"),
        (packed(word(format(random.Random(1).getrandbits(34 << 20), "b"))), "unpacks to 35,6"),
        (packed(word("<!-- -->") | {"word/document.xml": LAUGHS}), "entities"),
    ],
)
def test_docx(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(tmp_path, "call.docx", content)


def test_entities_in_a_part_of_another_ending_are_not_expanded(tmp_path: Path) -> None:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
    more = f'<Relationship Id="r2" Type="{relation}" Target="styles.bin"/>'
    parts = word(said("Ana   0:01", "Words"), more) | {"word/styles.bin": LAUGHS}
    assert "damaged" in refusal(tmp_path, "call.docx", packed(parts))


def test_outside_entities_are_not_fetched(tmp_path: Path) -> None:
    """Neither files nor addresses, also where nobody looked for a declaration."""
    (tmp_path / "secret").write_text("the secret")
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
    more = f'<Relationship Id="r2" Type="{relation}" Target="styles.bin"/>'
    outside = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]><x>&a;</x>'
    path = tmp_path / "call.docx"
    path.write_bytes(packed(word(said("Ana   0:01", "Words"), more) | {"word/styles.bin": outside}))
    assert "the secret" not in parse(path).model_dump_json()


def test_a_part_that_is_larger_than_it_claims(tmp_path: Path) -> None:
    path = tmp_path / "call.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in word(said("Ana   0:01", "Words")).items():
            archive.writestr(name, content)
        archive.getinfo("word/document.xml").file_size = 10
    assert "damaged" in refusal(tmp_path, "call.docx", path.read_bytes())


def test_size_is_looked_at_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "big.vtt"
    with path.open("wb") as file:
        file.write(b"WEBVTT\n")
        file.truncate(LIMIT_BYTES + 1)  # sparse
    with pytest.raises(TooLarge, match=r"big\.vtt"):
        parse(path)


def test_hostile_characters(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text(
        native(at=0, speaker="\ud800\u202eA\u0000na\u200b", text="a\u0000b\x1b[2J \ud800 <i>\u202e")
    )
    first = parse(path).utterances[0]
    assert (first.speaker, first.text) == ("A na", "ab[2J \N{REPLACEMENT CHARACTER} <i>")


def test_a_hostile_file_name_is_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\n\u202eb.vtt"
    path.write_text("WEBVTT\n")
    with pytest.raises(BadInput) as caught:
        parse(path)
    assert str(caught.value).startswith("a\N{REPLACEMENT CHARACTER}[2J")
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["a.vtt", "a.srt", "a.txt", "a.md", "a.json", "a.docx"]),
    lines=st.lists(
        st.sampled_from(
            [
                *("WEBVTT", "", "00:01.000 --> 00:02.000", "00:00:01,5 --> 00:00:03,5", "-->", "1"),
                *("Ana: hi", "Bo Lind  0:07", "Bo Lind\t0:07", "<v Bo>x</v>", "<v >", "Date: x"),
                *("Attendees: (,), <>", '{"utterances":', "[", "]", "}", "0:0:1.0 --> 0:0:2.0"),
                *("**:** x", ": x", "é\u202e: \x00", "NOTE", "PK\x03\x04", "\ufeff"),
            ]
        ),
        max_size=12,
    ),
)
def test_anything_is_read_or_refused(tmp_path: Path, name: str, lines: list[str]) -> None:
    path = tmp_path / name
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        transcript = parse(path)
    except FirsthandError as refused:
        message = str(refused)
    else:
        message = ""
        assert all(u.speaker and u.text for u in transcript.utterances)
        transcript.model_dump_json().encode()
    assert "\n" not in message


def test_one_long_line_is_no_table(tmp_path: Path) -> None:
    for name in ("long.txt", "long.md"):
        assert "no line says who speaks" in refusal(tmp_path, name, "word " * 30_000)
    assert "broken" in refusal(tmp_path, "long.csv", f"Speaker,Text\nAna,{'word ' * 30_000}\n")
    assert "no column" in refusal(tmp_path, "accounts.csv", "account_id,name\nA-1,Bo\n")
