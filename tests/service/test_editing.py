from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.pipeline import process
from ingest.store import get_call, media_name
from ingest.tables import evidence, evidence_edits
from service import editing, ledger
from service.call_ledger import LedgerItem, ledger_of
from service.erase import erase
from service.scope import resolve
from service.shapes import Filters
from tests import corpus


def items(library: Library, call_id: str, status: str | None = None) -> list[LedgerItem]:
    return [i for i in ledger_of(library, call_id) if status in (None, i.status)]


def counted(library: Library) -> set[str]:
    """The words that questions and themes count."""
    with library.read() as connection:
        said = ledger.items(connection, resolve(connection, Filters()))
        return {item.quote().text for item in said}


def heard_anew(library: Library, call_id: str, lines: list[tuple[str, str]]) -> None:
    """Put other words into the call's file, as another engine might hear them; read it again."""
    told = corpus.call(call_id)
    told["utterances"] = [
        {"i": i, "speaker": who, "start_s": i * 9.0, "end_s": i * 9.0 + 8, "text": text}
        for i, (who, text) in enumerate(lines)
    ]
    with library.read() as connection:
        name = media_name(connection, call_id)
    with library.media.local(name) as path:
        path.write_text(json.dumps(told), "utf-8")
    process(library, call_id)


def warnings(library: Library, call_id: str) -> tuple[str, ...]:
    with library.read() as connection:
        return get_call(connection, call_id).warnings


WORDS = "my night staff have started to switch it off"


def test_a_person_adds_what_the_reader_did_not_see(filled: Library) -> None:
    added = editing.add(filled, "FC-4", 0, "praise", strength=1)
    assert (added.quote, added.role, added.status) == (
        "How is it going, Wren?",
        "internal",
        "added",
    )
    assert added.quote not in counted(filled)  # the vendor's own, whoever marks it
    added = editing.add(filled, "FC-2", 6, "request", words="other labs I talk to ALL want")
    assert added.quote == "Other labs I talk to all want"
    assert added.quote in counted(filled)
    with filled.read() as connection:
        row = connection.execute(
            sa.select(evidence).where(evidence.c.evidence_id == added.id)
        ).one()
    assert row.by_person
    assert len(row.vector) == 4 * filled.embedder.dim


def test_edits_win_over_every_new_reading(filled: Library) -> None:
    (first, *_rest) = items(filled, "FC-1")
    risk = items(filled, "FC-2")[-1]
    editing.reject(filled, first.id)
    editing.rekind(filled, risk.id, "competitor", 1)
    added = editing.add(filled, "FC-2", 1, "risk", words=WORDS)

    def hold() -> None:
        assert first.quote not in counted(filled)
        assert [i.quote for i in items(filled, "FC-1", "rejected")] == [first.quote]
        (changed,) = items(filled, "FC-2", "changed")
        assert (changed.id, changed.kind, changed.strength) == (risk.id, "competitor", 1)
        assert [i.quote for i in items(filled, "FC-2", "added")] == [added.quote]
        assert added.quote in counted(filled)

    hold()
    for call_id in ("FC-1", "FC-2"):
        process(filled, call_id)
    hold()
    correct(filled, "FC-1", speakers={"Noor Haddad": SpeakerFix(name="Noor H.")})
    correct(filled, "FC-2", utterances={0: UtteranceFix(text="Hello, tell me about a bad week.")})
    hold()


def test_edits_find_their_words_when_numbers_shift(filled: Library) -> None:
    editing.add(filled, "FC-2", 1, "risk", words=WORDS)
    lines = [
        ("Ida Kern", "Hi."),
        ("Ida Kern", f"You told me {WORDS}, right?"),  # the vendor repeats the words
        ("Greta Lind", "Yes."),
        ("Greta Lind", f"Every week, so {WORDS.replace('started to', 'begun to')}. Terrible."),
    ]
    heard_anew(filled, "FC-2", lines)
    (added,) = items(filled, "FC-2", "added")
    assert (added.utterance, added.role) == (3, "customer")
    assert added.quote == "my night staff have begun to switch it off."
    assert warnings(filled, "FC-2") == ()


def test_an_edit_whose_words_are_gone_is_kept_and_told(filled: Library) -> None:
    given = corpus.call("FC-2")["utterances"]
    assert isinstance(given, list)
    editing.add(filled, "FC-2", 1, "risk", words=WORDS)
    heard_anew(filled, "FC-2", [("Ida Kern", "Hi."), ("Greta Lind", "It is fine, really.")])
    (told,) = warnings(filled, "FC-2")
    assert told == "Not found again: the words of 1 edit of the evidence that people made here."
    (lost,) = items(filled, "FC-2", "lost")
    assert (lost.quote, lost.utterance) == (WORDS, None)
    heard_anew(filled, "FC-2", [(u["speaker"], u["text"]) for u in given])
    assert warnings(filled, "FC-2") == ()
    assert [i.quote for i in items(filled, "FC-2", "added")] == [WORDS]
    assert items(filled, "FC-2", "lost") == []
    heard_anew(filled, "FC-2", [("Ida Kern", "Hi."), ("Greta Lind", "It is fine, really.")])
    (lost,) = items(filled, "FC-2", "lost")
    assert editing.restore(filled, lost.id) is None
    assert items(filled, "FC-2", "lost") == []


def test_added_words_go_with_their_speakers_role(filled: Library) -> None:
    added = editing.add(filled, "FC-2", 1, "risk", words=WORDS)
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="internal")})
    assert items(filled, "FC-2", "added")[0].role == "internal"
    assert added.quote not in counted(filled)
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="customer")})
    assert added.quote in counted(filled)


def test_added_words_go_with_a_correction_of_the_text(filled: Library) -> None:
    editing.add(filled, "FC-2", 1, "risk", words=WORDS)
    text = "Every week. All my weekend people now switch it off, alas."
    correct(filled, "FC-2", utterances={1: UtteranceFix(text=text)})
    (added,) = items(filled, "FC-2", "added")
    assert added.utterance == 1
    assert added.quote in text
    assert warnings(filled, "FC-2") == ()


def test_restoring_goes_back_step_by_step(filled: Library) -> None:
    item = items(filled, "FC-1")[0]
    editing.rekind(filled, item.id, "praise")
    editing.rekind(filled, item.id, "risk")
    assert editing.reject(filled, item.id).status == "rejected"
    with pytest.raises(NotFound, match="taken out before"):
        editing.reject(filled, item.id)
    with pytest.raises(NotFound, match="restore it first"):
        editing.rekind(filled, item.id, "pain")
    back = editing.restore(filled, item.id)
    assert back is not None
    assert (back.kind, back.status) == ("risk", "changed")
    assert editing.restore(filled, item.id) == item  # kinds given one after another are one
    with pytest.raises(BadInput, match="nothing to restore"):
        editing.restore(filled, item.id)
    added = editing.add(filled, "FC-2", 1, "risk", words=WORDS)
    was = [i for i in items(filled, "FC-2") if i.utterance == 1]
    editing.reject(filled, added.id)
    assert editing.restore(filled, added.id) == added
    assert editing.restore(filled, added.id) is None
    assert [i for i in items(filled, "FC-2") if i.utterance == 1] != was


@pytest.mark.parametrize(
    ("call", "utterance", "words", "strength", "error", "says"),
    [
        ("nope", 0, None, 2, NotFound, "There is no call 'nope'"),
        ("FC-1", 99, None, 2, BadInput, "no utterance 99; it has 9"),
        ("FC-1", -1, None, 2, BadInput, "no utterance -1"),
        ("FC-1", 0, "words nobody said", 2, BadInput, "has no such words; it says: 'Thanks"),
        ("FC-1", 0, "", 2, BadInput, "has no such words"),
        ("FC-1", 0, None, 4, BadInput, "strength 4 is not one"),
    ],
)
def test_what_cannot_be_added(
    filled: Library,
    call: str,
    utterance: int,
    words: str | None,
    strength: int,
    error: type[Exception],
    says: str,
) -> None:
    with pytest.raises(error, match=says):
        editing.add(filled, call, utterance, "pain", words=words, strength=strength)
    with filled.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(evidence_edits)) == 0


@pytest.mark.parametrize(
    "unknown", ["", ":", "FC-1", "FC-1:1:0-5", "nope:1:0-5", "edit-0", "a:b:c"]
)
def test_unknown_evidence(filled: Library, unknown: str) -> None:
    for verb in (editing.reject, editing.restore):
        with pytest.raises(NotFound, match="There is no evidence"):
            verb(filled, unknown)


def test_edits_are_gone_with_their_call(filled: Library, filled_home: Path) -> None:
    item = items(filled, "FC-2")[0]
    editing.reject(filled, item.id)
    editing.add(filled, "FC-2", 3, "pain")
    erase(filled, "FC-2")
    with filled.read() as connection:
        assert connection.execute(sa.select(evidence_edits)).all() == []
    for path in filled_home.rglob("*"):
        assert not path.is_file() or b"with a clipboard, twice a night" not in path.read_bytes()
