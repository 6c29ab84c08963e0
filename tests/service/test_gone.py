"""Gone is gone: of an erased call nothing is left in any file or table of the home."""

from __future__ import annotations

import json
import logging
import wave
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.audio import decode
from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.feeding import feed
from ingest.library import Library
from ingest.models import RATE
from ingest.pipeline import About, process, receive
from ingest.store import get_call, list_utterances, media_name, playback_name, replace_words
from ingest.tables import evidence, passages
from service import answer_history, codebook, editing, picks
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.edited import versions
from service.erase import erase
from service.model_reading import see_to
from service.sample import recordings
from service.settings import Settings
from service.shapes import Filters
from service.themes import themes
from service.upload_folder import Announced
from service.uploads import Uploads
from tests import reader
from tests.leftovers import holding_bytes, leftovers
from tests.llm_server import LlmServer
from tests.service import memo_model
from tests.service.modelled import opened
from tests.working import work_off

CALL = "QX-77"
ALARM = (
    "The alarm of the qwobbleplex rings while my zyxthornian crew is asleep, "
    "and nobody can tell which freezer it is."
)
BEFORE = "Our vrumquist panel drips into the hyzzlebank, morning after morning, without an end."
# Parts of the words, of who said them; what the call and its file are called. None begins like
# another, for an index keeps of a word only what the one before it does not begin with.
WORDS = ("qwobblep", "zyxthor", "vrumqui", "hyzzleb", "kjellwup", "wilfrux", "obzimer", "klaxonr")
NAMED = ("jexpluv", "mbexter")
FILE = "Vombexter talk.json"


def transcript() -> bytes:
    lines = [
        ("Ida Kern", "Hello Wilfrux, tell me about a bad week at Pinecrest."),
        ("Wilfrux Obzimer", ALARM),
        ("Ida Kern", "And what did the kjellwuppet do then, did it help you at all?"),
        ("Wilfrux Obzimer", f"No. {BEFORE} We need a message that says which freezer."),
        ("Ida Kern", "Greta Lind told me the same."),
    ]
    told = {
        "call_id": CALL,
        "title": "Jexpluvian review",
        "date": "2026-05-20",
        "account_id": "FRZ-2",
        "source": "zoom",
        "participants": [
            {"name": "Ida Kern", "role": "internal", "email": "ida.kern@coldhaven.example"},
            {
                "name": "Wilfrux Obzimer",
                "role": "customer",
                "title": "Head of Klaxonry",
                "email": "wilfrux@obzimer.example",
            },
        ],
        "utterances": [
            {"i": i, "speaker": who, "start_s": 10.0 * i, "end_s": 10.0 * i + 9, "text": text}
            for i, (who, text) in enumerate(lines)
        ],
    }
    return json.dumps(told).encode()


def upload(library: Library, name: str, body: bytes) -> str:
    """As the page sends a file: in pieces."""
    uploads = Uploads(library, Settings(home=library.home))
    made = uploads.create(Announced(filename=name, length=len(body)))
    half = len(body) // 2
    for start, part in ((0, body[:half]), (half, body[half:])):
        arriving = uploads.arriving(made.upload_id, start)
        arriving.write(part)
        arriving.end()
        arriving.close()
    call_id = uploads.get(made.upload_id).call_id
    assert call_id is not None
    work_off(library)
    return call_id


def model(prompt: str, data: Any) -> Any:
    """Repeats what it was told, as models do: in labels, needs, and things that do not hold."""
    if prompt.startswith("memo_"):
        return memo_model.honest(prompt, data)
    said = reader.honest(prompt, data)
    if prompt == "read_call":
        for matter in said["matters"]:
            matter["need"] = f"{matter['said'][0]['words'][:120]}"
        for matter in said["matters"][:1] if "kjellwup" in str(data) else ():
            said["matters"].append({**matter, "need": "A kjellwuppet was never said."})
    return said


@pytest.fixture
def library(filled_home: Path, llm_server: LlmServer) -> Any:
    llm_server.model = model
    opened_home = opened(filled_home, llm_server)
    yield opened_home
    opened_home.close()


def use(library: Library, call_id: str) -> None:
    """Have everything made of the call that can be made of one."""
    correct(library, call_id, utterances={3: UtteranceFix(f"No, no. {BEFORE} So it is.")})
    correct(library, call_id, utterances={3: UtteranceFix("No. We want it mended, at last.")})
    correct(library, call_id, speakers={"Ida Kern": SpeakerFix(role="internal")})
    see_to(library)
    editing.add(library, call_id, 1, "pain", words=ALARM[:40])
    item = editing.add(library, call_id, 3, "request")
    editing.reject(library, item.id)
    code, named = codebook.put_codes(
        library,
        [
            NewCode(label="Alarms", definition=f"When {ALARM}", examples=(ALARM, "Ours")),
            NewCode(label=f"As Wilfrux Obzimer put it: {ALARM[:60]}"),
        ],
    )
    codebook.judge(library, code.id, call_id, 1, "confirm")
    codebook.judge(library, named.id, call_id, 1, "reject")
    codebook.describe(library, code.id, definition="When it rings")
    for theme in [t for t in themes(library, Filters()) if t.status == "candidate"][:3]:
        codebook.dismiss_candidate(library, theme)
    for question in ("Who is kept awake by the alarm?", "What did Wilfrux Obzimer say of alarms?"):
        given = answer_history.ask(library, question, Filters())
        assert given.id is not None
        if given.statements:
            picks.add(library, given.id)
    first = draft_and_save(library, filters=Filters(), today=date(2026, 6, 1))
    text = (
        f"# Ours\n\n## View\n\nI noted: {ALARM}\n\n"
        f"> {ALARM}\n> — Wilfrux Obzimer [^{call_id}:1]\n\n"
        f"Said before it was corrected: {BEFORE}\n\nWilfrux Obzimer (wilfrux@obzimer.example) "
        "will call back about the Jexpluvian review.\n"
    )
    versions.save(library, first.id, text, 0, "after Jexpluvian review")
    versions.save(library, first.id, text + "\nWe go on.\n", 1)
    draft_and_save(library, filters=Filters(), today=date(2026, 6, 2), vision=f"Never: {ALARM}")
    feed(library)


def test_of_a_transcript_nothing_is_left(
    library: Library, filled_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for floor in ("ingest", "service"):
        caplog.set_level(logging.DEBUG, floor)
    assert upload(library, FILE, transcript()) == CALL
    use(library, CALL)
    vectors = vectors_of(library, CALL)
    library.close()
    assert {word for _, word in leftovers(filled_home, (*WORDS, *NAMED))} == {*WORDS, *NAMED}
    assert len(holding_bytes(filled_home, vectors)) > 1  # Chroma's too

    erase(library, CALL)

    library.close()
    assert leftovers(filled_home, (*WORDS, *NAMED)) == []
    assert holding_bytes(filled_home, vectors) == []
    assert not [word for word in (*WORDS, *NAMED) if word in caplog.text.lower()]
    # And what is made of the rest holds nothing of it either.
    feed(library)
    library.close()
    assert leftovers(filled_home, (*WORDS, *NAMED)) == []
    assert holding_bytes(filled_home, vectors) == []


def test_of_a_recording_nothing_is_left(filled: Library, filled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "vombexter visit.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for block in islice(decode(recordings()[0].path), 25):
            file.writeframes((block[0] * 32_000).astype("<i2").tobytes())
    call_id = receive(filled, path, About(account_id="FRZ-2")).call_id
    process(filled, call_id)
    with filled.read() as connection:
        words = list_utterances(connection, call_id)
        voices = get_call(connection, call_id).speakers
        media, copy = media_name(connection, call_id), playback_name(connection, call_id)
    assert copy not in (None, media)
    with filled.change() as connection:  # as another engine might hear it
        heard = [u.model_copy(update={"text": f"{BEFORE} {u.i}"}) for u in words]
        replace_words(connection, call_id, voices, heard)
        replace_words(connection, call_id, voices, words)
    memo = draft_and_save(filled, filters=Filters(), today=date(2026, 6, 1))
    longest = max((u.text for u in words), key=len)
    versions.save(filled, memo.id, f"# T\n\nOnce: {BEFORE}\n\nNow: {longest}\n", 0)
    told = [" ".join(longest.split()[n : n + 4]) for n in range(0, len(longest.split()) - 4, 4)]
    filled.close()
    assert {word for _, word in leftovers(filled_home, ("vrumqui", "mbexter"))}
    assert {word for _, word in leftovers(filled_home, told)} == {*told}

    erase(filled, call_id)

    with filled.read() as connection:
        assert versions.version(filled, connection, memo.id, 1).text == (
            "# T\n\nOnce: […].\n\nNow: […]" + longest[len(longest.rstrip(".?!")) :] + "\n"
        )
    assert not {media, copy} & set(filled.media.names())
    filled.close()
    assert leftovers(filled_home, ("vrumqui", "mbexter", *told)) == []


def vectors_of(library: Library, call_id: str) -> list[bytes]:
    """Some numbers of each vector of the call."""
    with library.read() as connection:
        found = [
            vector
            for table in (passages, evidence)
            for vector in connection.scalars(
                sa.select(table.c.vector).where(table.c.call_id == call_id)
            )
        ]
    assert found
    return [vector[:200] for vector in found]
