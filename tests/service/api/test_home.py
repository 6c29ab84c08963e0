from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from service import sample
from service.api import create_app
from service.codebook import put_codes
from service.codebook_entry import NewCode
from service.settings import Settings
from tests import contract


@pytest.fixture
def empty(library: Library) -> Iterator[TestClient]:
    """The application over an empty home."""
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as opened:
        yield opened


def day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def test_an_empty_home_has_nothing_and_says_so(empty: TestClient) -> None:
    home = empty.get("/api/home").json()
    contract.check(home, contract.HOME)
    assert (home["calls_n"], home["accounts_n"], home["ends"], home["this_week"]) == (
        0,
        0,
        None,
        None,
    )
    assert home["jobs"] == home["coverage"]["board"] == []
    voiced = empty.get("/api/home/needs").json()
    contract.check(voiced, contract.VOICED)
    assert voiced["needs"] == voiced["at_risk"] == []


def test_home_has_the_board_and_the_weeks(client: TestClient) -> None:
    client.patch("/api/settings", json={"start": "2026-05-04"})
    home = client.get("/api/home").json()
    contract.check(home, contract.HOME)
    assert (home["calls_n"], home["accounts_n"], home["ends"]) == (4, 5, "2026-06-03")
    assert [(w["week"], w["calls"]) for w in home["weeks"]] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 0),
        (5, 1),
    ]
    assert (home["silent_n"], home["silent_usd"]) == (1, 120_000)


def test_who_may_leave_says_so_in_their_own_words(client: TestClient) -> None:
    home = client.get("/api/home/needs").json()
    contract.check(home, contract.VOICED)
    leaving = [one["account_id"] for one in home["at_risk"]]
    assert "FRZ-2" in leaving
    assert home["at_risk_n"] >= len(leaving)
    quoted = {
        q["call_id"] for one in home["at_risk"] for s in one["statements"] for q in s["quotes"]
    }
    assert quoted == {call["call_id"] for call in home["calls"]}


def test_needs_are_the_confirmed_themes_each_with_one_quote(
    client: TestClient, filled: Library
) -> None:
    assert client.get("/api/home/needs").json()["needs"] == []
    put_codes(filled, [NewCode(label="False alarms", kind="pain", examples=("false alarm",))])
    (need,) = client.get("/api/home/needs").json()["needs"]
    (theme,) = [t for t in client.get("/api/themes").json() if t["status"] == "confirmed"]
    assert (need["arr_usd"], need["accounts_n"]) == (theme["arr_usd"], theme["accounts_n"])
    assert need["evidence"] == theme["evidence"][:1]


def test_a_call_is_booked_and_taken_back(client: TestClient) -> None:
    booked = client.put("/api/accounts/FRZ-5/booked", json={"date": day(3)})
    assert booked.json() == {"account_id": "FRZ-5", "date": day(3)}
    home = client.get("/api/home").json()
    assert home["coverage"]["accounts_booked"] == ["FRZ-5"]
    assert (home["silent_n"], home["silent_usd"]) == (0, 0)
    client.put("/api/accounts/FRZ-5/booked", json={"date": None})
    assert client.get("/api/coverage").json()["accounts_booked"] == []
    past = client.put("/api/accounts/FRZ-5/booked", json={"date": day(-1)})
    contract.check(past.json(), contract.PROBLEM)
    assert (past.status_code, "has passed" in past.json()["detail"]) == (422, True)
    assert client.put("/api/accounts/x/booked", json={"date": day(1)}).status_code == 404
    assert client.put("/api/accounts/FRZ-5/booked", json={"date": "soon"}).status_code == 422


def test_settings_are_set_and_go_back(client: TestClient) -> None:
    contract.check(client.get("/api/settings").json(), contract.SETTINGS)
    changed = client.patch("/api/settings", json={"top": 2, "goal_hours": 0.5})
    assert (changed.json()["top"], changed.json()["goal_hours"]) == (2, 0.5)
    assert len(client.get("/api/home").json()["coverage"]["board"]) == 2
    assert client.get("/api/coverage").json()["goal_hours"] == 0.5
    assert client.patch("/api/settings", json={"top": None}).json()["top"] == 20
    for wrong in ({"top": 0}, {"goal_hours": 0}, {"start": "may"}, {"tops": 3}):
        assert client.patch("/api/settings", json=wrong).status_code == 422, wrong


def test_the_machine_says_what_it_runs_on_and_no_secret(library: Library) -> None:
    settings = Settings.model_validate(
        {
            "home": library.home,
            "database_url": "postgresql://me:hush@db.example:5432/firsthand",
            "model": "openai:gpt-5-mini",
            "model_base_url": "https://me:hush@models.example/v1",
            "openai_api_key": "sk-hush",
            "OPENAI_API_KEY": "sk-hush",
            "vectors_url": "http://vectors.example:8000",
            "internal_domains": "vendor.example",
        }
    )
    with TestClient(create_app(library, settings), base_url="http://127.0.0.1:8400") as client:
        told = client.get("/api/machine")
    assert "hush" not in told.text
    found = told.json()
    where = {one["what"]: one["where"] for one in (*found["engines"], *found["stores"])}
    assert where["Reads and writes"] == "models.example"
    assert where["Calls, evidence, memos"] == "db.example:5432"
    assert where["Vectors"] == "vectors.example:8000"
    assert where["Hears recordings"] == "on this machine"
    assert found["internal_domains"] == ["vendor.example"]
    assert found["leaving"]


def test_the_sample_fills_an_empty_home(empty: TestClient) -> None:
    loading = empty.post("/api/sample")
    assert loading.status_code == 202
    files = len(sample.calls()) + len(sample.recordings())
    assert len(loading.json()["jobs"]) == files
    home = empty.get("/api/home").json()
    assert (home["calls_n"], len(home["jobs"])) == (files, files)
    assert home["coverage"]["start"] == "2026-05-04"
    again = empty.post("/api/sample")
    contract.check(again.json(), contract.PROBLEM)
    assert (again.status_code, "has calls" in again.json()["detail"]) == (409, True)
    assert empty.get("/api/home").json()["calls_n"] == files


def test_the_sample_is_not_mixed_with_accounts_of_one_s_own(
    empty: TestClient, library: Library
) -> None:
    with library.change() as connection:
        put_accounts(connection, [Account(account_id="OWN-1", name="Ours")])
    refused = empty.post("/api/sample")
    assert (refused.status_code, "accounts of its own" in refused.json()["detail"]) == (409, True)
    assert [a["account_id"] for a in empty.get("/api/accounts").json()] == ["OWN-1"]
    assert empty.get("/api/codes").json() == []
