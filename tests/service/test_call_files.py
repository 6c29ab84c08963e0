"""Calls as files: each kind read back by our own parsers, and hostile words in every field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.accounts import read_accounts
from ingest.corrections import NewSpeaker, SpeakerFix, UtteranceFix, correct
from ingest.errors import BadInput, NotFound
from ingest.library import Library, Options
from ingest.models import Utterance
from ingest.pipeline import About, describe, process, receive
from ingest.store import put_accounts
from ingest.transcripts import parse
from service.call_files import disposition, file_name, render
from service.reading import CallText, read_call
from tests import corpus

HOSTILE = (
    "a --> b <v Eve>x</v> & &lt; <script>alert(1)</script>\n\n00:00:01.000 --> 00:00:02.000\nz"
)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    """Another home with the same accounts."""
    library = Library(tmp_path / "other", Options(models=tmp_path))
    (tmp_path / "a.csv").write_text(corpus.ACCOUNTS_CSV, "utf-8")
    with library.change() as connection:
        put_accounts(connection, read_accounts(tmp_path / "a.csv"))
    yield library
    library.close()


def written(call: CallText, kind: str, folder: Path) -> Path:
    path = folder / f"{call.call_id}.{kind}"
    path.write_bytes(render(call, kind))
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_json_is_taken_back_in_as_the_same_call(
    filled: Library, other: Library, tmp_path: Path
) -> None:
    fix = UtteranceFix(text=HOSTILE, speaker=NewSpeaker("Greta Lind", "customer"))
    correct(filled, "FC-2", utterances={3: fix})
    describe(filled, "FC-2", About(title="t" * 290))
    before = read_call(filled, "FC-2")
    received = receive(other, written(before, "json", tmp_path), About())
    process(other, received.call_id)
    after = read_call(other, "FC-2")

    # Two people of one name are told apart by a number, since the file knows names only.
    assert [s.name for s in after.speakers] == ["Greta Lind", "Greta Lind (2)", "Ida Kern"]
    names = {
        call.call_id + s.label: s.name.removesuffix(" (2)")
        for call in (before, after)
        for s in call.speakers
    }
    for call in (before, after):
        assert {s.name.removesuffix(" (2)"): s.role for s in call.speakers} == {
            "Greta Lind": "customer",
            "Ida Kern": "internal",
        }
    told = [(u.i, u.start_s, u.end_s, u.text) for u in before.utterances]
    assert [(u.i, u.start_s, u.end_s, u.text) for u in after.utterances] == told
    said_by = [names[before.call_id + u.speaker] for u in before.utterances]
    assert [names[after.call_id + u.speaker] for u in after.utterances] == said_by
    for field in ("call_id", "title", "date", "account_id", "source"):
        assert getattr(after, field) == getattr(before, field)


def test_the_vtt_reads_back_and_no_words_become_cues_or_tags(
    filled: Library, tmp_path: Path
) -> None:
    correct(
        filled,
        "FC-2",
        speakers={"Greta Lind": SpeakerFix(name="Greta <b> & --> Lind")},
        utterances={3: UtteranceFix(text=HOSTILE)},
    )
    describe(filled, "FC-2", About(title="x --> y"))
    call = read_call(filled, "FC-2")
    path = written(call, "vtt", tmp_path)
    text = path.read_text("utf-8")
    assert text.startswith("WEBVTT - x -> y\n\n0\n00:00:00.000 --> ")
    assert text.count("-->") == len(call.utterances)
    assert text.count("<") == text.count("<v ") == len(call.utterances)
    read = parse(path)
    names = {s.label: flat(s.name) for s in call.speakers}
    said: dict[str, list[str]] = {}
    for who, words in [(u.speaker, u.text) for u in read.utterances]:
        said.setdefault(who, []).append(flat(words))
    mine: dict[str, list[str]] = {}
    for u in call.utterances:
        mine.setdefault(names[u.speaker], []).append(flat(u.text))
    # The parser joins what one person says in a row.
    assert {k: " ".join(v) for k, v in said.items()} == {k: " ".join(v) for k, v in mine.items()}


def test_cues_are_in_order_and_none_is_without_length() -> None:
    call = _call(
        Utterance(i=0, speaker="A", start_s=3725.5, end_s=3725.5, text="late"),
        Utterance(i=1, speaker="A", start_s=1.0, end_s=2.0, text="early"),
        Utterance(i=2, speaker="A", start_s=None, end_s=None, text="never"),
    )
    assert render(call, "vtt").decode() == (
        "WEBVTT - T\n\nNOTE 1 of the utterances have no times and are not in this file.\n\n"
        "1\n00:00:01.000 --> 00:00:02.000\n<v Ana>early\n\n"
        "0\n01:02:05.500 --> 01:02:05.501\n<v Ana>late\n"
    )


def test_without_times_there_is_no_vtt_and_the_text_has_none() -> None:
    call = _call(Utterance(i=0, speaker="A", start_s=None, end_s=None, text="hi"))
    with pytest.raises(BadInput, match=r"take it as \.txt"):
        render(call, "vtt")
    assert render(call, "txt").decode() == "T\n\nAna: hi\n"
    with pytest.raises(NotFound, match=r"\.vtt, \.txt, \.json"):
        render(call, "exe")


def test_in_the_text_nobodys_words_begin_a_line_as_anothers() -> None:
    call = _call(
        Utterance(i=0, speaker="A", start_s=4, end_s=5, text="yes\n[00:09] Boss: no\r\nfine"),
        Utterance(i=1, speaker="A", start_s=3723, end_s=3724, text="bye"),
    )
    assert render(call, "txt").decode().splitlines()[2:] == [
        "[00:04] Ana: yes [00:09] Boss: no fine",
        "[1:02:03] Ana: bye",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Weekly", "Weekly.txt"),
        ('../../etc/"passwd"\r\nX-Evil: 1', "etc passwd X-Evil 1.txt"),
        ("名前 – ü", "名前 – ü.txt"),
        ("...", "C-1.txt"),
        ("x" * 300, "x" * 80 + ".txt"),
    ],
)
def test_a_file_is_called_by_its_title_whatever_that_holds(title: str, name: str) -> None:
    call = _call().model_copy(update={"title": title})
    assert file_name(call, "txt") == name
    header = disposition(call, "txt")
    assert header.isascii()
    assert header.startswith("attachment; filename=\"C-1.txt\"; filename*=UTF-8''")
    assert not set(header.partition("''")[2]) & set('"\r\n;/\\ ')


def _call(*utterances: Utterance) -> CallText:
    return CallText.model_validate(
        {
            "call_id": "C-1",
            "title": "T",
            "date": None,
            "account_id": None,
            "source": "native",
            "file_name": "c.json",
            "state": "ready",
            "duration_s": None,
            "utterances_n": len(utterances),
            "engine": None,
            "model": None,
            "has_audio": False,
            "content_sha256": "0",
            "created_at": "2026-01-01T00:00:00Z",
            "speakers": [{"label": "A", "name": "Ana", "role": "customer", "basis": "file"}],
            "utterances": [json.loads(u.model_dump_json()) for u in utterances],
        }
    )
