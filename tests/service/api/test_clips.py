"""Clips and reels over HTTP: who may, what is told, what comes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.home_settings import SettingsChange, change_settings
from tests.ingest.sounds import spoken
from tests.service.api.doors import bearer, make_team, opened
from tests.service.recorded import CUSTOMER, LINES, recorded

if TYPE_CHECKING:
    from av.container import InputContainer


@pytest.fixture
def call(filled: Library) -> str:
    return recorded(filled, "FRZ-1")


def loud(body: bytes, start_s: float, end_s: float) -> float:
    """The level of a stretch, in dBFS."""
    with cast("InputContainer", av.open(io.BytesIO(body))) as held:
        rate = held.streams.audio[0].rate
        sound = np.concatenate([f.to_ndarray()[0] for f in held.decode(audio=0)])
    part = sound[round(start_s * rate) : round(end_s * rate)]
    return float(10 * np.log10(np.square(part).mean() + 1e-12))


def test_a_clip_is_a_file_to_save(client: TestClient, call: str) -> None:
    answer = client.get(f"/api/calls/{call}/clips/2.m4a")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/mp4"
    assert answer.headers["content-disposition"] == f'attachment; filename="{call}-2.m4a"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert loud(answer.content, 1.0, 2.0) > -50
    words = client.get(f"/api/calls/{call}/clips/2.m4a", params={"words": "the spring of hope"})
    first = LINES[2][3].index("the spring of hope")
    span = {"from": first, "to": first + len("the spring of hope")}
    cut = client.get(f"/api/calls/{call}/clips/2.m4a", params=span)
    assert words.content == cut.content
    assert len(words.content) < len(answer.content)


def test_what_is_wrong_is_told_in_a_sentence(client: TestClient, call: str) -> None:
    clip = f"/api/calls/{call}/clips"
    for path, status, sentence in (
        (f"{clip}/9.m4a", 404, "no utterance 9"),
        ("/api/calls/FC-1/clips/1.m4a", 404, "no recording to cut from"),
        ("/api/calls/none/clips/1.m4a", 404, "no call"),
        (f"{clip}/2.m4a?words=tulips", 422, "not in utterance 2"),
        (f"{clip}/2.m4a?from=2", 422, "both `from` and `to`"),
        (f"{clip}/2.m4a?from=4&to=2", 422, "no words from character"),
        (f"{clip}/-1.m4a", 422, "utterance"),
        (f"{clip}/99999999999999999999.m4a", 404, "no utterance"),
        (f"{clip}/x.m4a", 422, "utterance"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        ), path
        assert sentence in answer.json()["detail"], answer.json()
    client.patch(f"/api/calls/{call}", json={"consent": "refused"})
    refused = client.get(f"{clip}/2.m4a")
    assert refused.status_code == 404
    assert "has not agreed" in refused.json()["detail"]


def test_a_reel_is_a_film_or_a_sound_file(client: TestClient, call: str) -> None:
    places = [{"call_id": call, "utterance": i} for i in (0, 2)]
    film = client.post("/api/reels", json={"quotes": places})
    assert film.status_code == 200
    assert film.headers["content-type"] == "video/mp4"
    assert film.headers["content-disposition"] == 'attachment; filename="reel.mp4"'
    with av.open(io.BytesIO(film.content)) as held:
        assert [c["metadata"]["title"] for c in held.chapters()] == [f"{call}:0", f"{call}:2"]
    sound = client.post("/api/reels", json={"quotes": places, "captions": "none"})
    assert sound.headers["content-type"] == "audio/mp4"
    for body, status, sentence in (
        ({}, 422, "one of them"),
        ({"quotes": places * 26}, 422, "quotes"),
        ({"answer_id": "none"}, 404, "no answer"),
        ({"picks": True}, 422, "no quote in it"),
        ({"quotes": places, "captions": "sung"}, 422, "captions"),
    ):
        answer = client.post("/api/reels", json=body)
        assert answer.status_code == status, (body, answer.text)
        assert sentence in answer.json()["detail"]


def test_viewers_may_and_only_admins_hear_what_is_masked(filled: Library, call: str) -> None:
    change_settings(filled, SettingsChange(mask_names=("Darkness",)))
    team = make_team(filled)
    path = f"/api/calls/{call}/clips/2.m4a"
    body = {"quotes": [{"call_id": call, "utterance": 2}], "captions": "none"}
    with opened(filled) as client:
        assert client.get(path).status_code == 401
        assert client.post("/api/reels", json=body).status_code == 401
        viewer, admin = bearer(team.tokens["viewer"]), bearer(team.tokens["admin"])
        masked = client.get(path, headers=viewer)
        assert masked.status_code == 200
        assert client.get(f"{path}?originals=1", headers=viewer).status_code == 403
        reel = client.post("/api/reels", json=body, headers=viewer)
        as_is = client.get(f"{path}?originals=1", headers=admin)
        reel_as_is = client.post("/api/reels?originals=1", json=body, headers=admin)
    # Heard from about 15.0 s on; "Darkness" is at 15.95 to 16.8 s.
    for quiet, there in ((masked, as_is), (reel, reel_as_is)):
        assert loud(quiet.content, 1.1, 1.6) < -75
        assert loud(there.content, 1.1, 1.6) > -50
        assert loud(quiet.content, 3.2, 4.5) > -50


def test_what_was_taken_along_is_in_the_audit_log(filled: Library, call: str) -> None:
    team = make_team(filled)
    headers = bearer(team.tokens["viewer"])
    words = "the spring of hope"
    with opened(filled) as client:
        path = f"/api/calls/{call}/clips/2.m4a"
        assert client.get(path, params={"words": words}, headers=headers).status_code == 200
        body = {"quotes": [{"call_id": call, "utterance": 2, "words": words}], "captions": "none"}
        assert client.post("/api/reels", json=body, headers=headers).status_code == 200
        log = client.get("/api/audit", headers=bearer(team.tokens["admin"]))
    entries = [(e["action"], e["kind"], e["subject"]) for e in log.json()]
    assert ("export", "call", call) in entries
    assert ("export", "reels", "") in entries
    assert "spring" not in log.text


def test_a_file_that_breaks_the_decoder_is_told(
    client: TestClient, filled: Library, tmp_path: Path
) -> None:
    path = tmp_path / "cut off.wav"
    path.write_bytes(spoken("two_cities.wav").read_bytes())
    call = recorded(filled, None, [(CUSTOMER, 900.0, 905.0, "It was.")], path)
    answer = client.get(f"/api/calls/{call}/clips/0.m4a")
    assert answer.status_code == 422
    assert "cut off.wav has no sound at 900 s" in answer.json()["detail"]
