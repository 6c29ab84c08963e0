"""The audit log over HTTP: pages, filters, files."""

from __future__ import annotations

import csv
import json

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.access.audit import Entry, write
from service.access.person import Person

DANA = Person("u1", "Dana", "viewer", "session")


@pytest.fixture
def log(filled: Library) -> Library:
    for i in range(5):
        write(filled, Entry(DANA, "see", "call", f"FC-{i}", address="10.0.0.7"))
    write(filled, Entry(DANA, "ask", "question"))
    return filled


def ours(client: TestClient, query: str = "") -> list[dict[str, object]]:
    """The rows of what Dana did; the requests of the test itself may be in the log as well."""
    found = client.get(f"/api/audit?who=u1{query}")
    assert found.status_code == 200, found.text
    rows: list[dict[str, object]] = found.json()
    return rows


def test_the_newest_rows_come_first_page_by_page(client: TestClient, log: Library) -> None:
    del log
    first = ours(client, "&limit=2")
    assert [row["action"] for row in first] == ["ask", "see"]
    second = ours(client, f"&limit=2&before={first[-1]['seq']}")
    assert [row["subject"] for row in second] == ["FC-3", "FC-2"]
    assert second[0]["address"] == "10.0.0.7"
    assert len(ours(client)) == 6


def test_rows_are_chosen(client: TestClient, log: Library) -> None:
    del log
    assert len(ours(client, "&action=ask")) == 1
    assert ours(client, "&until=2020-01-01") == []
    assert len(ours(client, "&since=2020-01-01")) == 6
    assert client.get("/api/audit?who=nobody-at-all").json() == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "before=0", "before=9" + "9" * 30, "since=x", "action=run"]
)
def test_what_no_query_can_be_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/api/audit?{query}").status_code == 422


def test_the_log_is_a_file_to_take_along(client: TestClient, log: Library) -> None:
    del log
    table = client.get("/api/audit/export?format=csv&who=u1")
    assert table.headers["content-disposition"] == 'attachment; filename="audit-log.csv"'
    lines = list(csv.DictReader(table.content.decode("utf-8-sig").splitlines()))
    assert [line["action"] for line in lines] == ["see"] * 5 + ["ask"]
    rows = client.get("/api/audit/export?format=jsonl&action=ask").text.splitlines()
    assert [json.loads(row)["who"] for row in rows] == ["Dana"]
    assert client.get("/api/audit/export?format=xml").status_code == 422
