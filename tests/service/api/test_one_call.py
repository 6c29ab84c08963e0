"""One call over HTTP: corrections and undo, files to take home, its sound, what deleting takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library, Options
from ingest.pipeline import About, receive
from ingest.playback import make
from service import editing
from service.api import create_app
from service.codebook import add as add_code
from service.codebook import judge
from service.codebook_entry import NewCode
from service.memo import Brief, draft, save
from service.settings import Settings
from service.shapes import Filters
from tests.contract import INT, NUM, STR, arr, check, nullable, obj
from tests.ingest.sounds import spoken

URL = "/api/calls/FC-2"
UNDO = nullable(obj(id=INT, what=STR))
CORRECTION = obj(
    id=INT,
    what=STR,
    at=STR,
    undoable={"type": "boolean"},
    lost=arr(
        obj(
            what=STR,
            utterance=nullable(INT),
            start_s=nullable(NUM),
            speaker=nullable(STR),
            text=nullable(STR),
        )
    ),
)
ERASURE = obj(
    call_id=STR,
    title=STR,
    recording_bytes=nullable(INT),
    playback_bytes=nullable(INT),
    minutes=nullable(NUM),
    utterances=INT,
    evidence=INT,
    marks=INT,
    corrections=INT,
    read_by=nullable(STR),
    themes=arr(obj(id=STR, label=STR, quotes=INT)),
    memos=arr(obj(id=STR, title=STR, quotes=INT)),
    answers=INT,
    picks=INT,
    sentences=arr(STR, least=1),
)


def test_merge_move_and_rewrite_then_undo_step_by_step(client: TestClient) -> None:
    first = client.get(URL).json()
    check(first, obj(undo=UNDO))
    assert first["undo"] is None
    new = {"new_speaker": {"name": "Olu", "role": "customer"}}
    answer = client.patch(URL, json={"utterances": {"3": new, "1": {"text": "It rings."}}})
    assert answer.status_code == 200
    check(answer.json(), obj(undo=UNDO, speakers=arr({})))
    assert answer.json()["undo"]["what"] == "The text of utterance 1; Utterance 3 given to Olu"
    merged = client.patch(URL, json={"merge": {"P1": "Ida Kern"}}).json()
    assert [s["label"] for s in merged["speakers"]] == ["Greta Lind", "Ida Kern"]
    said = client.get(URL).json()["utterances"]
    assert (said[3]["speaker"], said[3]["original_speaker"]) == ("Ida Kern", "Greta Lind")
    assert said[1]["original"] == first["utterances"][1]["text"]

    listed = client.get(f"{URL}/corrections").json()
    check(listed, arr(CORRECTION, least=2))
    stale = client.post(f"{URL}/undo", params={"id": listed[1]["id"]})
    assert (stale.status_code, "Olu merged" in stale.json()["detail"]) == (409, True)
    for one in listed:
        undone = client.post(f"{URL}/undo", params={"id": one["id"]})
        assert undone.json() == {"undone": one["what"]}
    assert client.get(URL).json() == first
    assert client.post(f"{URL}/undo").status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"merge": {"S9": "Ida Kern"}}, 422),
        ({"utterances": {"3": {"speaker": "Ida Kern", "new_speaker": {"name": "x"}}}}, 422),
        ({"utterances": {"3": {"new_speaker": {"name": ""}}}}, 422),
        ({"utterances": {"x": {"text": "y"}}}, 422),
        ({"utterances": {"3": {"text": "y"}}, "account_id": "nobody"}, 404),
        ({"utterances": {"3": {"text": "y"}}, "date": "no day"}, 422),
    ],
)
def test_a_correction_that_cannot_be_is_one_sentence_and_changes_nothing(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    before = client.get(URL).json()
    answer = client.patch(URL, json=body)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
    assert client.get(URL).json() == before


def test_files_of_a_call_are_attachments(client: TestClient) -> None:
    for kind, media in (("vtt", "text/vtt"), ("txt", "text/plain"), ("json", "application/json")):
        answer = client.get(f"{URL}.{kind}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert "Greta Lind" in answer.text
    for there_is_none in (f"{URL}.exe", "/api/calls/FC-99.vtt"):
        assert client.get(there_is_none).status_code == 404


def test_a_call_whose_id_ends_like_a_file_is_still_the_call(
    client: TestClient, filled: Library, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(client.get(f"{URL}.json").content.replace(b'"FC-2"', b'"FC-2.json"'))
    receive(filled, path, About())
    assert client.get("/api/calls/FC-2.json").json()["state"] == "working"


def test_what_deleting_takes_is_told_and_then_taken(client: TestClient, filled: Library) -> None:
    code = add_code(filled, NewCode(label="False alarms", definition="The alarm rings"))
    judge(filled, code.id, "FC-2", 1, "confirm")
    editing.add(filled, "FC-2", 6, "request", words="other labs I talk to all want")
    client.patch(URL, json={"utterances": {"3": {"text": "We walk the rooms twice a night."}}})
    memo = draft(filled, Brief(Filters(top=20), date(2026, 6, 10)))
    with filled.change() as connection:
        save(connection, memo)
    answer = client.post("/api/ask", json={"question": "What do our top customers need?"}).json()
    client.post("/api/picks", json={"answer_id": answer["id"]})
    told = client.get(f"{URL}/erasure").json()
    check(told, ERASURE)
    assert told["answers"] == 1
    assert told["picks"] >= 1
    assert (told["utterances"], told["marks"], told["corrections"]) == (7, 2, 1)
    assert (told["recording_bytes"], told["minutes"]) == (None, None)
    assert [t["label"] for t in told["themes"]] == ["False alarms"]
    assert told["themes"][0]["quotes"] >= 1
    assert [m["id"] for m in told["memos"]] == [memo.id]
    assert (
        "It is the only call with Pinecrest Clinics: the account will count as not heard."
        in (told["sentences"])
    )
    assert client.delete(URL).status_code == 204
    assert client.get(f"{URL}/erasure").status_code == 404


def test_quotes_that_are_kept_are_told_under_the_corrected_name(
    client: TestClient, filled: Library
) -> None:
    answer = client.post("/api/ask", json={"question": "What do our top customers need?"}).json()
    picked = client.post("/api/picks", json={"answer_id": answer["id"]}).json()
    memo = draft(filled, Brief(Filters(top=20), date(2026, 6, 10)))
    with filled.change() as connection:
        save(connection, memo)
    places = (f"/api/answers/{answer['id']}", f"/api/memos/{memo.id}", "/api/picks")
    before = [client.get(place).text for place in places]
    assert all('"speaker":"Greta Lind"' in text for text in before)
    assert picked
    client.patch(URL, json={"speakers": {"Greta Lind": {"name": "Greta Lund"}}})
    for place in places:
        assert '"speaker":"Greta Lind"' not in client.get(place).text
        assert '"speaker":"Greta Lund"' in client.get(place).text
    client.post(f"{URL}/undo")
    assert [client.get(place).text for place in places] == before


@pytest.fixture
def sounding(tmp_path: Path) -> Iterator[tuple[TestClient, str, Library]]:
    """A call with a recording that has a copy to play."""
    library = Library(tmp_path / "home", Options(models=tmp_path))
    call_id = receive(library, spoken("two_cities.wav"), About()).call_id
    make(library, call_id)
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as opened:
        yield opened, f"/api/calls/{call_id}", library
    library.close()


def test_the_copy_is_played_and_what_came_can_still_be_had(
    sounding: tuple[TestClient, str, Library],
) -> None:
    client, url, library = sounding
    copy, came = client.get(f"{url}/audio"), client.get(f"{url}/audio?original=true")
    assert copy.headers["content-type"] == "audio/mp4"
    assert came.headers["content-type"] == "audio/wav"
    assert came.content == spoken("two_cities.wav").read_bytes()
    part = client.get(f"{url}/audio", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, copy.content[1000:2000])

    told = client.get(f"{url}/erasure").json()
    assert told["recording_bytes"] == len(came.content)
    assert told["playback_bytes"] == len(copy.content)
    [name] = [n for n in library.media.names() if n.endswith(".m4a")]
    library.media.erase(name)
    assert client.get(f"{url}/audio").content == came.content
