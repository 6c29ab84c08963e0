"""Every export of a meeting tool, as golden files, and what goes wrong with them."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput
from ingest.models import Transcript
from ingest.transcripts import is_transcript, kind_of, parse
from ingest.transcripts.jsons import parse_json
from ingest.transcripts.said import Meeting, cue_of, transcript

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text("utf-8"))
FILES = sorted(path for path in GOLDEN.iterdir() if path.name != "expected.json")
JSON = [path for path in FILES if path.suffix == ".json"]
TEXT = [path for path in FILES if path.suffix != ".json"]


def told(found: Transcript) -> dict[str, object]:
    return {
        "source": found.source,
        "title": found.title,
        "date": found.date.isoformat() if found.date else None,
        "participants": [[p.name, p.role, p.email, p.company] for p in found.participants],
        "utterances": [[u.speaker, u.start_s, u.end_s, u.text] for u in found.utterances],
    }


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        parse(path)
    message = str(caught.value)
    assert message.startswith(path.name)
    assert "\n" not in message
    return message


def outcome(path: Path) -> tuple[list[str], str | None]:
    """The texts in it, or the sentence that refuses it."""
    try:
        return [u.text for u in parse(path).utterances], None
    except BadInput as problem:
        return [], str(problem)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    assert told(parse(path)) == EXPECTED[path.name]
    assert is_transcript(path)


def test_every_golden_file_is_expected() -> None:
    assert sorted(EXPECTED) == [path.name for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_kind_is_told_by_the_content(path: Path, tmp_path: Path) -> None:
    """Under another name it is the same; only a list in JSON needs its ending to be looked at."""
    listed = path.read_text("utf-8").lstrip().startswith("[")
    for name in ("x.json",) if listed else ("x.txt", "x.md", "x.vtt", "x"):
        other = Path(shutil.copyfile(path, tmp_path / name))
        assert kind_of(other) == kind_of(path)
        assert told(parse(other)) == EXPECTED[path.name]


@pytest.mark.parametrize("path", JSON, ids=lambda path: path.name)
def test_half_a_json_is_refused(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8")
    for share in (0.3, 0.6, 0.95):
        half = tmp_path / "half.json"
        half.write_text(text[: int(len(text) * share)], "utf-8")
        assert "cut off or broken at line" in refused(half)


@pytest.mark.parametrize("path", TEXT, ids=lambda path: path.name)
def test_half_a_text_is_the_beginning_of_it_or_refused(path: Path, tmp_path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    whole = [u.text for u in parse(path).utterances]
    for n in range(len(lines)):
        half = tmp_path / path.name
        half.write_text("\n".join(lines[:n]), "utf-8")
        found, sentence = outcome(half)
        assert sentence is None or sentence.startswith(path.name)
        assert all(any(w.startswith(text) for w in whole) for text in found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_in_it(path: Path, tmp_path: Path) -> None:
    empty = tmp_path / path.name
    empty.write_text("")
    assert "empty" in refused(empty)
    if path.suffix != ".json":
        return
    content = json.loads(path.read_text("utf-8"))
    for emptied in _emptied(content):
        empty.write_text(json.dumps(emptied))
        refused(empty)


def _emptied(content: object) -> Iterator[object]:
    """The content with one of its lists of objects empty: the outermost, then those inside."""
    if isinstance(content, list):
        yield []
    if isinstance(content, dict):
        for key in ("sentences", "transcript", "entries", "data", "transcriptEntries"):
            if isinstance(content.get(key), list):
                yield {**content, key: []}
        if isinstance(content.get("callTranscripts"), list):
            yield {**content, "callTranscripts": []}


# --- clocks --------------------------------------------------------------------------------------

TIMES = {
    "fireflies_export.json": ("startTime", "endTime"),
    "grain.json": ("start", "end"),
    "tldv.json": ("startTime", "endTime"),
    "teams_stream.json": ("startOffset", "endOffset"),
}


@pytest.mark.parametrize("name", TIMES)
def test_clocks_that_cannot_be(name: str, tmp_path: Path) -> None:
    start, end = TIMES[name]
    content = json.loads((GOLDEN / name).read_text("utf-8"))
    path = tmp_path / name

    def changed(**values: object) -> str:
        other = copy.deepcopy(content)
        entries = other if isinstance(other, list) else other.get("entries", other.get("data"))
        entries[1] |= values
        path.write_text(json.dumps(other))
        return refused(path)

    assert "before it starts" in changed(**{start: "50", end: "2"})
    impossible: tuple[object, ...] = (-1, True, "soon", [], 1e300, "9" * 400, {"s": 1})
    for wrong in impossible:
        assert "no time of a call" in changed(**{start: wrong})
    assert "NaN" in changed(**{start: float("nan")})
    entries = content if isinstance(content, list) else content.get("entries", content.get("data"))
    entries[0] |= (
        {start: "900000", end: "900001"}
        if name == "grain.json"
        else {
            start: "900",
            end: "901",
        }
    )
    path.write_text(json.dumps(content))
    assert "the times run backwards" in refused(path)


@pytest.mark.parametrize("name", ["otter.txt", "fathom_copied.txt", "zoom.vtt", "captions.sbv"])
def test_the_same_again_below_runs_backwards(name: str, tmp_path: Path) -> None:
    """A file that somebody pasted twice into one."""
    path = tmp_path / name
    text = (GOLDEN / name).read_text("utf-8")
    later = text.replace("0:04", "9:04").replace("0:0:04", "0:9:04").replace("00:00:04", "00:09:04")
    later = later.replace("00:00:07.250", "00:09:07.250").replace("0:00:09", "0:09:09")
    path.write_text(later + "\n" + text.removeprefix("WEBVTT"), "utf-8")
    assert "backwards" in refused(path)


# --- others --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"data": {"transcripts": [{"sentences": []}, {"sentences": []}]}}, "2 calls"),
        ({"items": [EXPECTED, EXPECTED]}, "known are"),
        ({"foo": 1}, "known are"),
        ([], "known are"),
        ([{"a": 1}], "known are"),
        ("text", "known are"),
        (7, "known are"),
        ({"transcript": "text"}, "known are"),
        ({"data": [{"speaker": 7.5, "text": "x", "startTime": 1}]}, "'speaker' is a float"),
        ({"transcript": {"speaker_blocks": [7]}}, "entry 0"),
        ({"transcript": {"speaker_blocks": [{"start_time": "x", "words": "y"}]}}, "no moment"),
        ({"callId": "1", "transcript": [{"speakerId": "s", "sentences": 1}]}, "no list"),
    ],
)
def test_unknown_json_is_told_what_is_understood(
    content: object, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    assert says in refused(path)


def test_two_calls_of_fathom(tmp_path: Path) -> None:
    call = json.loads((GOLDEN / "fathom_api.json").read_text("utf-8"))
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"items": [call, call]}))
    assert "2 calls" in refused(path)
    path.write_text(json.dumps({"limit": 1, "items": [call]}))
    assert told(parse(path)) == EXPECTED["fathom_api.json"]


@pytest.mark.parametrize(
    "text",
    [
        "00:58:04\tMira Holt:\tthe link is here\n00:58:20\tTom Frey:\tthanks\n",
        "14:05:12 From Mira Holt to Everyone:\n\thello\n14:06:00 From Tom to Everyone:\n\thi\n",
        "14:05:12\t From  Mira Holt : hello\n",
        "0:01:00.000,0:01:05.000\nMira Holt: here\n\n0:02:00.000,0:02:05.000\nTom Frey: thanks\n",
    ],
)
def test_a_chat_is_told_from_speech(text: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(text)
    assert "the chat of a meeting" in refused(path)


def test_what_is_nothing_is_told_what_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("A letter.\nFrom nobody.\n")
    message = refused(path)
    for tool in ("Zoom", "Teams", "Google Meet", "Gong", "Fireflies", "Grain", "Otter", "Fathom"):
        assert tool in message


@pytest.mark.parametrize("of", ["meet", "otter"])
def test_word_files(of: str, tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    for line in (GOLDEN / f"{of}.txt").read_text("utf-8").split("\n"):
        document.add_paragraph(line)
    path = tmp_path / "x.docx"
    document.save(str(path))
    found = told(parse(path))
    expected = dict(EXPECTED[f"{of}.txt"])
    assert found == expected


def test_markdown_of_meet(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    text = (GOLDEN / "meet.txt").read_text("utf-8")
    text = text.replace("Mira Holt:", "**Mira Holt:**").replace("Tom Frey:", "**Tom Frey:**")
    text = text.replace("\n00:0", "\n### 00:0").replace("Transcription", "### Transcription")
    path.write_text(text)
    assert told(parse(path))["utterances"] == EXPECTED["meet.txt"]["utterances"]


# --- whatever comes ------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def _places(content: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _places(value, (*at, key))
    elif isinstance(content, list):
        for n, value in enumerate(content):
            yield from _places(value, (*at, n))


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_one_thing_in_it_may_be_anything(data: st.DataObject) -> None:
    """It is read or refused with a sentence, whatever stands in one of its places."""
    content = json.loads(data.draw(st.sampled_from(JSON)).read_text("utf-8"))
    place = data.draw(st.sampled_from(list(_places(content))))
    wrong = data.draw(anything)
    if not place:
        content = wrong
    else:
        inner = content
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = wrong
    sentence = ""
    numbers: list[int] = []
    try:
        numbers = [u.i for u in parse_json(json.dumps(content)).utterances]
    except BadInput as problem:
        sentence = str(problem)
    assert "\n" not in sentence
    assert numbers == list(range(len(numbers)))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Mira Holt", "Tom Frey"]),
            st.integers(0, 900),
            st.lists(st.sampled_from(["bulbs", "twice", "list"]), min_size=1, max_size=5),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_no_word_is_lost_or_changed(said: list[tuple[str, int, list[str]]]) -> None:
    said.sort(key=lambda one: one[1])
    cues = [
        cue_of(f"entry {n}", speaker=who, text=" ".join(words), times=(float(at), None))
        for n, (who, at, words) in enumerate(said)
    ]
    found = transcript("test", cues, Meeting())
    assert " ".join(u.text for u in found.utterances) == " ".join(" ".join(w) for _, _, w in said)
    assert all((u.end_s or 0) >= (u.start_s or 0) for u in found.utterances)
