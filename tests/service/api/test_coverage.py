from __future__ import annotations

from datetime import date

import pytest
from fastapi.testclient import TestClient

from ingest.facts import put_start_date
from ingest.library import Library
from service.home_settings import GOAL_HOURS
from service.shapes import CoverageReport
from tests import contract


def test_the_report_comes_with_start_goal_and_filters(client: TestClient) -> None:
    query = "start=2026-05-04&goal=0.01&segment=Health"
    document = client.get(f"/api/coverage?{query}").json()
    contract.check(document, contract.COVERAGE)
    found = CoverageReport.model_validate(document)
    assert (found.start_from, found.goal_hours) == ("given", 0.01)
    assert [row.account_id for row in found.board] == ["FRZ-2", "FRZ-3"]
    assert [(m.day, m.accounts_heard) for m in found.milestones] == [(14, 1), (30, 2)]
    assert [week.goal_met for week in found.weeks[:3]] == [False, True, False]


def test_the_start_the_home_remembers_is_taken(client: TestClient, filled: Library) -> None:
    before = client.get("/api/coverage").json()
    assert (before["start"], before["start_from"]) == ("2026-05-05", "first call")
    assert before["goal_hours"] == GOAL_HOURS
    with filled.change() as connection:
        put_start_date(connection, date(2026, 5, 1))
    after = client.get("/api/coverage").json()
    assert (after["start"], after["start_from"]) == ("2026-05-01", "remembered")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("goal=0", "The goal 0 is no number of hours"),
        ("goal=-1", "The goal -1 is no number of hours"),
        ("goal=nan", "The goal nan is no number of hours"),
        ("goal=lots", "goal: "),
        ("start=9999-12-31", "not between 1970 and 2100"),
        ("start=someday", "start: "),
    ],
)
def test_what_cannot_be_is_a_problem_document(client: TestClient, query: str, says: str) -> None:
    response = client.get(f"/api/coverage?{query}")
    assert response.status_code == 422
    contract.check(response.json(), contract.PROBLEM)
    assert says in response.json()["detail"]
