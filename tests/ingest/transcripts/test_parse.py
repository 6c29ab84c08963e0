"""Every kind of transcript, written small into ``tmp_path``, and the real exports where present."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.models import Transcript
from ingest.transcripts import is_transcript, kind_of, parse
from tests.conftest import ROOT

Said = list[tuple[str, float | None, float | None, str]]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def said(transcript: Transcript) -> Said:
    assert [u.i for u in transcript.utterances] == list(range(len(transcript.utterances)))
    return [(u.speaker, u.start_s, u.end_s, u.text) for u in transcript.utterances]


def test_zoom_vtt_joins_the_cues_of_one_stretch(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "GMT20260505-140212_Recording.transcript.vtt",
        """WEBVTT

1
00:00:01.540 --> 00:00:03.000
Ana Diaz: How do you count them today?

2
00:00:03.500 --> 00:00:05.000
Bo Lind: By hand.

3
00:00:05.000 --> 00:00:08.250
Bo Lind: Twice, because of this: the first one is wrong.

4
00:00:14.000 --> 00:00:15.000
Bo Lind: [laughs] Sorry.
""",
    )
    transcript = parse(path)
    assert said(transcript) == [
        ("Ana Diaz", 1.54, 3.0, "How do you count them today?"),
        ("Bo Lind", 3.5, 8.25, "By hand. Twice, because of this: the first one is wrong."),
        ("Bo Lind", 14.0, 15.0, "[laughs] Sorry."),
    ]
    assert (transcript.date, transcript.source) == (date(2026, 5, 5), "zoom")
    assert (kind_of(path), is_transcript(path)) == ("vtt", True)


def test_teams_vtt_voices_and_entities(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "x.vtt",
        """WEBVTT

NOTE kept by nobody

a/0-0
00:01.000 --> 00:02.000 align:start
<v Alex Kim (Guest)>Parts &amp; labour,</v>

00:02.100 --> 00:03.000
<v Bo Lind>Look: it <i>broke</i> <script>here</script></v>
<v Alex Kim (Guest)>Oh.</v>
""",
    )
    transcript = parse(path)
    assert said(transcript) == [
        ("Alex Kim", 1.0, 2.0, "Parts & labour,"),
        ("Bo Lind", 2.1, 3.0, "Look: it broke <script>here</script>"),
        ("Alex Kim", 2.1, 3.0, "Oh."),
    ]
    assert transcript.source == "teams"


def test_srt_names_a_speaker_only_where_it_changes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "shop-2026-05-19.srt",
        """1
00:00:00,610 --> 00:00:02,000
Ana Diaz: How was it?

2
00:00:02,500 --> 00:00:04,000
Bo Lind: Bad. So I told him:

3
00:00:04,000 --> 00:00:06,000
Look: nobody came.

4
00:00:06,100 --> 00:00:07,000
Ana Diaz: Nobody?
""",
    )
    assert said(parse(path)) == [
        ("Ana Diaz", 0.61, 2.0, "How was it?"),
        ("Bo Lind", 2.5, 6.0, "Bad. So I told him: Look: nobody came."),
        ("Ana Diaz", 6.1, 7.0, "Nobody?"),
    ]
    assert parse(path).date == date(2026, 5, 19)


def test_otter_ends_with_the_next_start(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "visit_otter.txt",
        "Shop visit\nMay 8, 2026\n\nSpeaker 1  0:00  \nIs it on?\n\nSpeaker 2  0:12  \n"
        "It is: see?\nGo on then.\n\nTranscribed by https://otter.ai\n",
    )
    transcript = parse(path)
    assert said(transcript) == [
        ("Speaker 1", 0.0, 12.0, "Is it on?"),
        ("Speaker 2", 12.0, 14.4, "It is: see? Go on then."),  # six words at 150 a minute
    ]
    assert (transcript.title, transcript.date) == ("Shop visit", date(2026, 5, 8))


@pytest.mark.parametrize("older", [False, True])
def test_teams_docx(tmp_path: Path, *, older: bool) -> None:
    from docx import Document

    document = Document()
    if older:
        document.add_paragraph("0:0:0.0 --> 0:0:5.120\nAna Diaz\nHow was it?")
        document.add_paragraph("0:0:5.500 --> 0:0:9.0\nBo Lind\nBad.")
        expected: Said = [("Ana Diaz", 0.0, 5.12, "How was it?"), ("Bo Lind", 5.5, 9.0, "Bad.")]
    else:
        document.add_paragraph("Catch-up-20260512_100414-Meeting Recording")
        document.add_paragraph("12 May 2026, 10:04am")
        document.add_paragraph("1m 20s")
        document.add_paragraph("Ana Diaz started transcription")
        document.add_paragraph("Ana Diaz   0:00\nHow was it?")
        document.add_paragraph("Bo Lind   0:07\nBad.")
        document.add_paragraph("Ana Diaz stopped transcription")
        expected = [("Ana Diaz", 0.0, 7.0, "How was it?"), ("Bo Lind", 7.0, 80.0, "Bad.")]
    path = tmp_path / "call.docx"
    document.save(str(path))
    transcript = parse(path)
    assert said(transcript) == expected
    assert kind_of(path) == "docx"
    if not older:
        assert (transcript.title, transcript.date) == ("Catch-up", date(2026, 5, 12))


def test_gong_gives_names_roles_and_addresses(tmp_path: Path) -> None:
    content = {
        "callTranscripts": [
            {
                "callId": "7",
                "transcript": [
                    {
                        "speakerId": "2",
                        "sentences": [
                            {"start": 910, "end": 2000, "text": "One."},
                            {"start": 2000, "end": 3010, "text": "Two."},
                        ],
                    },
                    {"speakerId": "9", "sentences": [{"start": 4000, "end": 5000, "text": "Hm."}]},
                ],
            }
        ],
        "calls": [
            {
                "metaData": {"id": "7", "title": "Review", "started": "2026-05-14T15:00:07Z"},
                "parties": [
                    {
                        "speakerId": "2",
                        "name": "Bo Lind",
                        "title": "Owner",
                        "emailAddress": "bo@lind.example",
                        "affiliation": "External",
                    },
                    {"speakerId": "3", "name": "Ana Diaz", "affiliation": "Internal"},
                ],
            }
        ],
    }
    transcript = parse(written(tmp_path, "g.json", json.dumps(content)))
    assert said(transcript) == [
        ("Bo Lind", 0.91, 3.01, "One. Two."),
        ("Speaker 3", 4.0, 5.0, "Hm."),  # no party has this id
    ]
    assert (transcript.title, transcript.date) == ("Review", date(2026, 5, 14))
    bo, ana = transcript.participants
    assert (bo.role, bo.email, bo.title) == ("customer", "bo@lind.example", "Owner")
    assert ana.role == "internal"


def test_plain_text_with_header_and_companies(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "notes.md",
        """# Doors - escalation

Date: 7 May 2026
Attendees: Bo Lind (Lind Doors), Ana Diaz <ana@vendor.example>

**Ana Diaz:** Tell me about —

Bo Lind: I want one thing: money.
In the driveway.

Ana Diaz: Okay.
""",
    )
    transcript = parse(path)
    assert said(transcript) == [
        ("Ana Diaz", None, None, "Tell me about —"),
        ("Bo Lind", None, None, "I want one thing: money. In the driveway."),
        ("Ana Diaz", None, None, "Okay."),
    ]
    assert (transcript.title, transcript.date) == ("Doors - escalation", date(2026, 5, 7))
    assert [(p.name, p.company, p.email) for p in transcript.participants] == [
        ("Bo Lind", "Lind Doors", None),
        ("Ana Diaz", None, "ana@vendor.example"),
    ]


def test_plain_text_with_times_and_typed_names(tmp_path: Path) -> None:
    timed = parse(written(tmp_path, "a.txt", "[00:01] Ana: Hello\n[00:05] Bo: Hi there\n"))
    assert said(timed) == [("Ana", 1.0, 5.0, "Hello"), ("Bo", 5.0, 5.8, "Hi there")]
    typed = parse(written(tmp_path, "b.txt", "bo: a\nana: b\nbo: c\nana: d\nbo: e\nana: f\n"))
    assert [u.speaker for u in typed.utterances] == ["bo", "ana"] * 3


def test_names_that_differ_only_in_company_stay_two_people(tmp_path: Path) -> None:
    text = "Alex (Lind): I pay.\nAlex (Vendor): Thank you.\n"
    transcript = parse(written(tmp_path, "a.txt", text))
    assert [u.speaker for u in transcript.utterances] == ["Alex (Lind)", "Alex (Vendor)"]
    assert {p.company for p in transcript.participants} == {"Lind", "Vendor"}


def native(**changes: object) -> str:
    content: dict[str, object] = {
        "call_id": "LC-7",
        "title": "T",
        "date": "2026-01-02",
        "account_id": "ACC-1",
        "source": "phone",
        "participants": [{"name": "Bo", "role": "customer", "title": None, "email": None}],
        "utterances": [
            {"i": 0, "speaker": "Bo", "start_s": 0.5, "end_s": 1, "text": "  <b>“Hi”</b> \u00a0x "},
            {"i": 1, "speaker": "Bo", "start_s": 1.0, "end_s": 2, "text": "Again."},
        ],
    }
    return json.dumps(content | changes)


def test_native_is_kept_as_it_is(tmp_path: Path) -> None:
    transcript = parse(written(tmp_path, "n.json", native()))
    assert said(transcript) == [
        ("Bo", 0.5, 1.0, "<b>“Hi”</b> \u00a0x"),
        ("Bo", 1.0, 2.0, "Again."),
    ]
    assert (transcript.call_id, transcript.account_id, transcript.source) == (
        "LC-7",
        "ACC-1",
        "phone",
    )
    assert transcript.participants[0].role == "customer"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Zoë Díaz: “What now?” she said – twice\r\nBo Lind: No…\r\n"
    transcript = parse(written(tmp_path, "e.txt", text.encode(encoding)))
    assert [(u.speaker, u.text) for u in transcript.utterances] == [
        ("Zoë Díaz", "“What now?” she said – twice"),
        ("Bo Lind", "No…"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.mp3", "Ana: hello\nBo: hi\n", False),  # the decoder says what is wrong with it
        ("a.vtt", "", True),  # so that parse says that it is empty
        ("a.log", "Ana: hello\nBo: hi\n", True),
        ("a.log", "no speaker\nat all\n", False),
        ("a.wav", b"RIFF\x00\x00\x00\x00WAVE" + bytes(64), False),
        ("a.txt", b"ID3\x04" + bytes(range(256)) * 4, False),
        ("accounts.csv", "account_id,name\nA-1,Bo\n", False),
        ("said.csv", "Speaker,Sentence\nAna,hello\n", True),
        ("long.md", "word " * 30_000, True),  # longer than a field of CSV may be
        ("long.csv", "word " * 30_000, False),
    ],
)
def test_what_is_a_transcript(
    tmp_path: Path, name: str, content: str | bytes, *, expected: bool
) -> None:
    assert is_transcript(written(tmp_path, name, content)) is expected


@pytest.fixture
def larkspur() -> Path:
    return ROOT / "eval" / "corpora" / "larkspur"


def runs(pairs: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """The words of each stretch of one speaker."""
    stretches: list[tuple[str, list[str]]] = []
    for speaker, text in pairs:
        if not stretches or stretches[-1][0] != speaker:
            stretches.append((speaker, []))
        stretches[-1][1].extend(text.split())
    return stretches


def test_real_exports_say_what_the_calls_say(larkspur: Path) -> None:
    entries = json.loads((larkspur / "exports" / "index.json").read_text())
    assert len(entries) == 6
    for entry in entries:
        path = larkspur / "exports" / entry["file"]
        call = json.loads((larkspur / "calls" / f"{entry['call_id']}.json").read_text())
        transcript = parse(path)
        assert is_transcript(path)
        assert runs([(u.speaker, u.text) for u in transcript.utterances]) == runs(
            [(u["speaker"], u["text"]) for u in call["utterances"]]
        )
        assert len(transcript.utterances) == len(call["utterances"])
        if entry["format"] != "otter_txt":
            assert str(transcript.date) == call["date"]
        if entry["format"] in ("zoom_vtt", "srt", "gong_json"):
            for mine, theirs in zip(transcript.utterances, call["utterances"], strict=True):
                assert mine.start_s == pytest.approx(theirs["start_s"], abs=0.01)
                assert mine.end_s == pytest.approx(theirs["end_s"], abs=0.01)
