"""Hours by person, goals, calendars and the digest over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from ingest.calendars import LIMIT_BYTES
from tests import contract
from tests.service.goals.made import calendar, met

PEOPLE = "/api/goals/people"
ICS = {"content-type": "text/calendar"}


def test_hours_are_those_of_the_week_that_is_asked_for(client: TestClient) -> None:
    found = client.get("/api/goals?week=2026-05-06&weeks=2").json()
    contract.check(found, contract.GOALS)
    assert [week["week"] for week in found["weeks"]] == ["2026-W18", "2026-W19"]
    (ida,) = found["weeks"][1]["people"]
    assert (ida["person"], ida["calls"], found["names"]) == (
        "Ida Kern",
        ["FC-1"],
        {"FRZ-1": "Marlowe Biobank"},
    )
    nobody = client.get("/api/goals", params={"week": "2026-05-06", "person": "Tom Bell"}).json()
    assert nobody["weeks"][0]["people"] == []
    for wrong in ("week=soon", "weeks=0", "weeks=54", "person=Speaker 1", "week=0001-01-01"):
        assert client.get(f"/api/goals?{wrong}").status_code == 422, wrong


def test_a_goal_is_set_and_taken_back(client: TestClient) -> None:
    assert client.put(f"{PEOPLE}/Ida Kern", json={"hours": 2.5}).json() == {
        "person": "Ida Kern",
        "goal_hours": 2.5,
        "own": True,
    }
    back = client.put(f"{PEOPLE}/ida kern", json={"hours": None}).json()
    assert (back["goal_hours"], back["own"]) == (1.0, False)
    for wrong in ({"hours": 0}, {"hours": 169}, {"hours": "many"}, {}, {"hours": 1, "more": 2}):
        assert client.put(f"{PEOPLE}/Ida Kern", json=wrong).status_code == 422, wrong


def test_a_calendar_is_tried_loaded_and_removed(client: TestClient) -> None:
    body = calendar(met("20260506T0800", 45, "samuel@osprey.example")).data
    where = f"{PEOPLE}/Ida Kern/calendar"
    tried = client.put(f"{where}?dry_run=true", content=body, headers=ICS).json()
    contract.check(tried, contract.CALENDAR)
    assert client.delete(where).status_code == 404
    assert client.put(where, content=body, headers=ICS).json() == tried
    (ida,) = client.get("/api/goals?week=2026-05-06").json()["weeks"][0]["people"]
    assert (ida["calendar_hours"], ida["calendar"]) == (0.75, True)
    assert client.delete(where).json() == {"removed": 1}


def test_what_is_no_calendar_is_refused_in_a_sentence(client: TestClient) -> None:
    where = f"{PEOPLE}/Ida Kern/calendar"
    for content, status, says in (
        (b"", 422, "it is no calendar"),
        (b"<html>", 422, "it is no calendar"),
        (b" " * (LIMIT_BYTES + 1), 413, "20,000,000 bytes"),
    ):
        answer = client.put(where, content=content, headers=ICS)
        assert (answer.status_code, says in answer.json()["detail"]) == (status, True)
    zone = client.put(f"{where}?zone=Nowhere", content=calendar().data, headers=ICS)
    assert (zone.status_code, "no time zone" in zone.json()["detail"]) == (422, True)


def test_the_digest_is_shown_masked_and_never_sent(client: TestClient) -> None:
    client.patch("/api/settings", json={"mask_names": ["Ida Kern"]})
    found = client.get("/api/digest?week=2026-05-12&with_words=true").json()
    contract.check(found, contract.DIGEST)
    assert found["hours"]["people"][0]["person"] == "••••••••"
    assert client.get("/api/digest?week=9999-12-31").status_code == 422


def test_whom_the_digest_goes_to_is_read_and_written_by_admins(client: TestClient) -> None:
    client.patch("/api/settings", json={"digest": "fri 16:00", "digest_to": ["a@v.example"]})
    settings = client.get("/api/settings").json()
    assert (settings["digest"], settings["digest_to"]) == ("fri 16:00", ["a@v.example"])
    assert client.patch("/api/settings", json={"digest_to": ["a@v.example\n"]}).status_code == 200
    assert client.patch("/api/settings", json={"digest_to": ["a@v.example\nb"]}).status_code == 422
