"""Corrections of a call: all that follows, taking them back, and hearing the call anew."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa

from ingest.correction_log import corrections, newest
from ingest.corrections import NewSpeaker, SpeakerFix, UtteranceFix, correct, undo
from ingest.derive import derive
from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Speaker, Utterance
from ingest.pipeline import process
from ingest.readings import Matter, Reading, Words, digest, load, save
from ingest.store import get_call, list_utterances, media_name
from ingest.tables import call_corrections, evidence, passages
from service import editing
from service.call_ledger import ledger_of
from service.codebook import add as add_code
from service.codebook import list_codes
from service.codebook_entry import NewCode
from service.erase import erase
from tests import corpus

CALL = "FC-2"
GRETA, IDA = "Greta Lind", "Ida Kern"


def state(library: Library, call_id: str = CALL) -> dict[str, object]:
    """All that is stored of a call's words and of what follows from them."""
    with library.read() as connection:
        call = get_call(connection, call_id)
        found: dict[str, object] = {
            "speakers": call.speakers,
            "warnings": call.warnings,
            "words": tuple(list_utterances(connection, call_id)),
        }
        for table in (passages, evidence):
            rows = connection.execute(sa.select(table).where(table.c.call_id == call_id))
            found[table.name] = sorted(tuple(row) for row in rows)
    return found


def words(library: Library, call_id: str = CALL) -> dict[int, Utterance]:
    with library.read() as connection:
        return {u.i: u for u in list_utterances(connection, call_id)}


def voices(library: Library, call_id: str = CALL) -> dict[str, Speaker]:
    with library.read() as connection:
        return {s.label: s for s in get_call(connection, call_id).speakers}


def log(library: Library, call_id: str = CALL) -> list[str]:
    with library.read() as connection:
        return [one.what for one in corrections(connection, call_id)]


def label(library: Library, name: str) -> str:
    return next(s.label for s in voices(library).values() if s.name == name)


def derived_anew(library: Library, call_id: str = CALL) -> tuple[list[str], list[bytes]]:
    """The passages' texts and vectors as they would be if nothing were known of the call."""
    said, speakers = (
        tuple(words(library, call_id).values()),
        tuple(voices(library, call_id).values()),
    )
    made = derive(library.embedder, call_id, said, speakers)
    vectors = [np.asarray(v, "<f4").tobytes() for v in made.passage_vectors]
    return [p.text for p in made.passages], vectors


@pytest.mark.parametrize("kind", ["text", "name", "role", "move", "newcomer", "merge", "several"])
def test_every_correction_computes_anew_what_follows_and_can_be_taken_back(
    filled: Library, kind: str
) -> None:
    before = state(filled)
    greta, ida = label(filled, GRETA), label(filled, IDA)
    if kind == "text":
        correct(filled, CALL, utterances={1: UtteranceFix(text="Every week has a false call.")})
    elif kind == "name":
        correct(filled, CALL, speakers={greta: SpeakerFix(name="Greta Lund")})
    elif kind == "role":
        correct(filled, CALL, speakers={greta: SpeakerFix(role="internal")})
    elif kind == "move":
        correct(filled, CALL, utterances={3: UtteranceFix(speaker=ida)})
    elif kind == "newcomer":
        fix = UtteranceFix(speaker=NewSpeaker("Olu Bright", "customer"))
        correct(filled, CALL, utterances={3: fix, 5: fix})
        assert voices(filled)["P1"].name == "Olu Bright"
        assert {words(filled)[n].speaker for n in (3, 5)} == {"P1"}
    elif kind == "merge":
        correct(filled, CALL, merge={ida: greta})
        assert list(voices(filled)) == [greta]
    else:
        correct(
            filled,
            CALL,
            speakers={ida: SpeakerFix(name="Ida Korn")},
            utterances={1: UtteranceFix(text="It rings."), 3: UtteranceFix(speaker=ida)},
        )
    after = state(filled)
    assert after != before
    with filled.read() as connection:
        query = sa.select(passages.c.text, passages.c.vector).where(passages.c.call_id == CALL)
        stored = connection.execute(query.order_by(passages.c.passage_id)).all()
    texts, vectors = derived_anew(filled)
    assert [row.text for row in stored] == texts
    assert [row.vector for row in stored] == vectors  # what was kept is what would be made

    [what] = log(filled)
    assert undo(filled, CALL) == what
    assert state(filled) == before
    assert log(filled) == []


def test_what_was_heard_stays_and_giving_it_back_ends_the_correction(filled: Library) -> None:
    heard = words(filled)[1]
    ida = label(filled, IDA)
    correct(filled, CALL, utterances={1: UtteranceFix(text="It rings.", speaker=ida)})
    correct(filled, CALL, utterances={1: UtteranceFix(text="It rang.")})
    now = words(filled)[1]
    assert (now.original, now.original_speaker) == (heard.text, heard.speaker)
    assert (now.start_s, now.end_s) == (heard.start_s, heard.end_s)
    correct(
        filled, CALL, utterances={1: UtteranceFix(text=now.original, speaker=now.original_speaker)}
    )
    assert words(filled)[1] == heard


def test_a_merge_keeps_what_a_person_said_of_either(filled: Library) -> None:
    greta, ida = label(filled, GRETA), label(filled, IDA)
    correct(filled, CALL, speakers={greta: SpeakerFix(name="Greta Lund", role="internal")})
    correct(filled, CALL, merge={greta: ida})
    one = voices(filled)[ida]
    assert (one.name, one.role, one.basis) == ("Greta Lund", "internal", "person")
    assert words(filled)[1].original_speaker == greta


def test_a_speaker_left_without_words_is_no_more_and_comes_back_by_undo(filled: Library) -> None:
    fix = UtteranceFix(speaker=NewSpeaker("Olu Bright", "customer"))
    correct(filled, CALL, utterances={3: fix})
    correct(filled, CALL, utterances={3: UtteranceFix(speaker=label(filled, GRETA))})
    assert "P1" not in voices(filled)
    undo(filled, CALL)
    assert voices(filled)["P1"].name == "Olu Bright"


def test_undo_takes_back_the_newest_only_and_names_it(filled: Library) -> None:
    correct(filled, CALL, utterances={1: UtteranceFix(text="One.")})
    with filled.read() as connection:
        first = newest(connection, CALL)
    correct(filled, CALL, utterances={3: UtteranceFix(text="Two.")})
    assert first is not None
    with pytest.raises(Conflict, match="utterance 3"):
        undo(filled, CALL, first.id)
    assert undo(filled, CALL) == "The text of utterance 3"
    assert undo(filled, CALL, first.id) == "The text of utterance 1"
    with pytest.raises(BadInput, match="no correction"):
        undo(filled, CALL)
    correct(filled, CALL, utterances={5: UtteranceFix(text="Three.")})
    with pytest.raises(Conflict):  # the number of one that was taken back is never another's
        undo(filled, CALL, first.id)


def test_what_the_call_lacks_is_a_sentence_and_nothing_is_changed(filled: Library) -> None:
    before = state(filled)
    greta = label(filled, GRETA)
    for fixes, told in (
        ({"merge": {"S9": greta}}, "no speaker 'S9'"),
        ({"merge": {greta: greta}}, "into itself"),
        ({"utterances": {99: UtteranceFix(text="x")}}, "no utterance 99"),
        ({"utterances": {1: UtteranceFix(text=" \u200b ")}}, "would be empty"),
        ({"utterances": {1: UtteranceFix(speaker="S9")}}, "no speaker 'S9'"),
        ({"utterances": {1: UtteranceFix(speaker=NewSpeaker("\u200b"))}}, "no name"),
        ({"speakers": {greta: SpeakerFix(name="x")}, "merge": {"S9": greta}}, "no speaker"),
    ):
        with pytest.raises(BadInput, match=told):
            correct(filled, CALL, **fixes)
    with pytest.raises(NotFound):
        correct(filled, "FC-99", merge={"a": "b"})
    assert state(filled) == before
    assert log(filled) == []


def test_a_correction_that_changes_nothing_is_not_listed(filled: Library) -> None:
    correct(filled, CALL, utterances={1: UtteranceFix(text=words(filled)[1].text)})
    assert log(filled) == []


def test_two_people_correct_at_once_and_neither_loses_theirs(filled: Library) -> None:
    filled.embedder.embed(["warm"])
    fixes = {1: "It rings one.", 3: "It rings three.", 5: "It rings five.", 6: "It rings six."}
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda i: correct(filled, CALL, utterances={i: UtteranceFix(text=fixes[i])}), fixes
            )
        )
    assert {i: words(filled)[i].text for i in fixes} == fixes
    assert len(log(filled)) == 4


def test_what_a_person_marked_goes_along_and_comes_back(filled: Library) -> None:
    marked = editing.add(filled, CALL, 1, "risk", words="does not say which freezer")
    correct(
        filled, CALL, utterances={1: UtteranceFix(text="It rings and won't say which freezer.")}
    )
    [now] = [i for i in ledger_of(filled, CALL) if i.status == "added"]
    assert now.quote in words(filled)[1].text
    undo(filled, CALL)
    [back] = [i for i in ledger_of(filled, CALL) if i.status == "added"]
    assert "which freezer" in back.quote
    assert back.quote in words(filled)[1].text
    assert back.kind == marked.kind


def test_what_a_model_read_counts_as_unread_where_the_words_changed(filled: Library) -> None:
    said, speakers = tuple(words(filled).values()), tuple(voices(filled).values())
    matter = Matter(
        kind="pain",
        content=False,
        need="",
        problem="",
        intensity=2,
        hand="first",
        said=(Words(utterance=1, words="Every week has a false alarm in it."),),
    )
    told = Reading(model="m", prompt="p", said=digest(said, speakers), matters=(matter,))
    with filled.change() as connection:
        save(connection, CALL, told)
    correct(filled, CALL, speakers={label(filled, GRETA): SpeakerFix(name="Greta Lund")})
    with filled.read() as connection:
        after = load(connection, CALL)
    assert after is not None
    assert after.said != ""  # a name changes nothing of what was read
    correct(filled, CALL, utterances={3: UtteranceFix(speaker=label(filled, IDA))})
    with filled.read() as connection:
        after = load(connection, CALL)
    assert after is not None
    assert after.said == ""


def test_heard_anew_it_keeps_what_fits_and_says_what_did_not(filled: Library) -> None:
    greta = label(filled, GRETA)
    correct(filled, CALL, speakers={greta: SpeakerFix(name="Greta Lund")})
    correct(filled, CALL, utterances={1: UtteranceFix(text="Every week has a false call in it.")})
    fix = UtteranceFix(speaker=NewSpeaker("Olu Bright", "customer"))
    correct(filled, CALL, utterances={3: fix})
    told = corpus.call(CALL)
    given = told["utterances"]
    assert isinstance(given, list)
    lines = [dict(one) for one in given]
    lines[1]["text"] = "Another engine hears something else here."
    with filled.read() as connection:
        name = media_name(connection, CALL)
    with filled.media.local(name) as path:
        path.write_text(json.dumps({**told, "utterances": lines}), "utf-8")
    process(filled, CALL)

    assert words(filled)[1].text == "Another engine hears something else here."
    assert voices(filled)[greta].name == "Greta Lund"
    olu = next(s for s in voices(filled).values() if s.name == "Olu Bright")
    assert words(filled)[3].speaker == olu.label
    with filled.read() as connection:
        newest_entry, *older = corrections(connection, CALL)
        warned = [w for w in get_call(connection, CALL).warnings if w.startswith("Heard anew")]
    assert newest_entry.what == "Heard anew; 1 correction no longer fitted"
    [lost] = newest_entry.lost
    assert (lost.what, lost.utterance) == ("text", 1)
    assert lost.text == "Every week has a false call in it."
    assert len(warned) == 1
    assert not any(one.undoable for one in (newest_entry, *older))
    with pytest.raises(BadInput):
        undo(filled, CALL)


def test_erasing_takes_the_list_and_every_text_that_stood_in_it(filled: Library) -> None:
    said = "the blue lamp on the seventh shelf blinks all night long"
    correct(filled, CALL, utterances={1: UtteranceFix(text=f"I mean {said}.")})
    correct(filled, CALL, utterances={1: UtteranceFix(text="It blinks.")})
    add_code(filled, NewCode(label="Lamp", kind="pain", definition=f"When {said}"))
    erase(filled, CALL)
    with filled.read() as connection:
        [code] = list_codes(connection)
        left = connection.scalar(sa.select(sa.func.count()).select_from(call_corrections))
    assert left == 0
    assert "seventh" not in code.definition
