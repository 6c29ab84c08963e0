"""Versions over the API: saved, compared, taken back; two tabs; hostile text; files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
from docx import Document
from fastapi.testclient import TestClient

from ingest.corrections import UtteranceFix, correct
from ingest.library import Library
from ingest.tables import speakers
from service.api import create_app
from service.drafting import draft_and_save
from service.edited.carrying import carry
from service.erase import erase
from service.export.view import view
from service.settings import Settings
from service.shapes import Filters, Memo
from tests import contract

HOSTILE = (
    'They want <script>alert(1)</script> #panic("x") [a](javascript:b) {{7*7}} $x$ \ud800 \u202e.'
)


@pytest.fixture
def client(filled: Library) -> Iterator[TestClient]:
    app = create_app(filled, Settings(home=filled.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as opened:
        yield opened


def draft(client: TestClient, memo_id: str) -> str:
    return str(client.get(f"/api/memos/{memo_id}/versions/0").json()["text"])


def save(
    client: TestClient, memo_id: str, text: str, base: int, status: int = 201
) -> dict[str, object]:
    answer = client.post(
        f"/api/memos/{memo_id}/versions", json={"text": text, "base": base, "note": " my  words "}
    )
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_two_tabs_lose_nothing(client: TestClient, memo_id: str) -> None:
    text = draft(client, memo_id)
    first = save(client, memo_id, text + "\nOne.\n", 0)
    assert (first["n"], first["note"]) == (1, "my words")
    refused = save(client, memo_id, text + "\nTwo.\n", 0, 409)
    assert "Version 1 was saved meanwhile" in str(refused["detail"])
    assert save(client, memo_id, text + "\nTwo.\n", 1)["n"] == 2
    assert save(client, memo_id, text + "\r\nTwo.\r\n", 2)["n"] == 2, "the same is no new version"
    listed = client.get(f"/api/memos/{memo_id}/versions").json()
    assert [one["n"] for one in listed] == [2, 1, 0]
    (line,) = client.get("/api/memos").json()
    assert (line["versions"], line["edited_at"]) == (2, listed[0]["created_at"])


def test_an_earlier_version_comes_back_as_a_new_one(client: TestClient, memo_id: str) -> None:
    text = draft(client, memo_id)
    save(client, memo_id, "# Mine\n", 0)
    url = f"/api/memos/{memo_id}/versions/0/restore"
    assert client.post(url, json={"base": 0}).status_code == 409
    back = client.post(url, json={"base": 1}).json()
    assert (back["n"], back["note"]) == (2, "the draft again")
    assert client.get(f"/api/memos/{memo_id}/versions/2").json()["text"] == text
    assert client.get(f"/api/memos/{memo_id}/versions/1").json()["text"] == "# Mine\n"


def test_what_is_different(client: TestClient, memo_id: str) -> None:
    save(client, memo_id, "# T\n\n## A\n\nWe start in June.\n\nWe stop.\n", 0)
    save(client, memo_id, "# T\n\n## A\n\nWe start in May.\n\n## B\n\nWe go on.\n", 1)
    found = client.get(f"/api/memos/{memo_id}/diff?from=1&to=2").json()
    told = [(one["op"], [(p["op"], p["text"]) for p in one["parts"]]) for one in found]
    assert told[2] == (
        "changed",
        [("same", "We start in "), ("removed", "June."), ("added", "May.")],
    )
    assert [op for op, _ in told] == ["same", "same", "changed", "removed", "added", "added"]
    assert found[-1]["heading"] == "B"


def test_the_draft_shown_is_all_of_the_draft(client: TestClient, memo_id: str) -> None:
    found = client.get(f"/api/memos/{memo_id}/document").json()
    assert (found["version"], found["newest"], found["failing"]) == (0, 0, 0)
    memo = client.get(f"/api/memos/{memo_id}").json()
    page = view(Memo.model_validate(memo))
    assert [s["title"] for s in found["sections"]] == [s.title for s in page.sections]
    assert {n["quote"]["text"] for n in found["notes"]} == {n.text for n in page.notes}
    charts = [b for s in found["sections"] for b in s["blocks"] if b["kind"] == "chart"]
    assert len(charts) == sum(b.kind == "chart" for s in page.sections for b in s.blocks)


def test_files_are_of_the_newest_version_and_mark_what_is_not_evidenced(
    client: TestClient, memo_id: str
) -> None:
    text = draft(client, memo_id)
    mine = (
        f"\n## My view\n\nCustomers love us. We go on. {HOSTILE}\n\n"
        "Noor is *exhausted*, **honestly**. [^FC-1:3]\n"
    )
    save(client, memo_id, text + mine.encode("utf-8", "replace").decode(), 0)
    marked = "[not evidenced]"
    markdown = client.get(f"/api/memos/{memo_id}.md").text
    assert "Customers love us. **\\[not evidenced\\]**" in markdown
    assert "We go on.\n" in markdown or "We go on. " in markdown
    assert (
        re.search(r"\*\*honestly\*\*\.?\[\^\d+\]", markdown.replace(".**", "**."))
        or "[^" in markdown
    )
    page = client.get(f"/api/memos/{memo_id}.html").text
    assert f'<mark>Customers love us.</mark> <span class="doubt">{marked}</span>' in page
    assert "<script>alert" not in page
    word = Document(io.BytesIO(client.get(f"/api/memos/{memo_id}.docx").content))
    lines = [p.text for p in word.paragraphs]
    assert any(f"Customers love us. {marked}" in line for line in lines)
    assert any("sentences about customers stand without evidence" in line for line in lines)
    assert client.get(f"/api/memos/{memo_id}.pdf").content[:5] == b"%PDF-"
    untouched = client.get(f"/api/memos/{memo_id}.md?version=0").text
    assert "Customers love us" not in untouched
    with zipfile.ZipFile(io.BytesIO(client.get(f"/api/memos/{memo_id}.docx").content)) as packed:
        assert packed.testzip() is None


def test_a_changed_quote_stays_marked_until_its_sentence_is_changed(
    client: TestClient, filled: Library, memo_id: str
) -> None:
    mine = "Noor had eleven false alarms in March alone. [^FC-1:3]"
    save(client, memo_id, f"# T\n\n{mine}\n", 0)

    def status(text: str) -> list[str]:
        url = f"/api/memos/{memo_id}/check"
        return [s["status"] for s in client.post(url, json={"text": text}).json()["sentences"]]

    assert status(mine) == ["cited"]
    correct(
        filled,
        "FC-1",
        utterances={3: UtteranceFix(text="Eleven true alarms in March alone.")},
    )
    assert status(mine) == ["changed"]
    save(client, memo_id, f"# T\n\n{mine}\n\nWe go on.\n", 1)
    assert status(mine) == ["changed"], "saving something else accepts nothing"
    assert status(mine.replace("false", "true")) == ["cited"]


def test_bad_input_is_told_in_a_sentence(client: TestClient, memo_id: str) -> None:
    for path, json, status, told in (
        (f"{memo_id}/versions", {"text": "x" * 400_001, "base": 0}, 422, "400,000 characters"),
        ("none/versions", {"text": "x", "base": 0}, 404, "no memo"),
        ("none/check", {"text": "x"}, 404, "no memo"),
        (f"{memo_id}/versions/7/restore", {"base": 0}, 404, "no version 7"),
    ):
        answer = client.post(f"/api/memos/{path}", json=json)
        assert (answer.status_code, told in answer.json()["detail"]) == (status, True), answer.text
    for path in (
        "none/document",
        "none/versions",
        "none/since",
        f"{memo_id}/document?version=7",
        f"{memo_id}/versions/{10**30}",
    ):
        assert client.get(f"/api/memos/{path}").status_code == 404, path


def test_what_a_person_wrote_is_carried_into_a_memo_drafted_anew(
    client: TestClient, filled: Library, memo_id: str
) -> None:
    other = draft_and_save(filled, filters=Filters(top=20), today=date(2026, 6, 8)).id
    assert carry(filled, memo_id, other) is None, "nobody wrote anything"
    text = draft(client, memo_id)
    first = next(line for line in text.split("\n") if line.startswith("## "))
    mine = text.replace(first, f"{first}\n\nWe go first.", 1) + "\n## Budget\n\nWe have none.\n"
    save(client, memo_id, mine, 0)
    made = carry(filled, memo_id, other)
    assert made is not None
    assert made.n == 1
    carried = client.get(f"/api/memos/{other}/versions/1").json()["text"]
    assert "We go first." in carried.split("\n## ")[1]
    assert carried.endswith("## Budget\n\nWe have none.\n")
    fresh = draft(client, other)
    assert [line for line in fresh.split("\n") if line not in carried.split("\n")] == []


def test_what_is_new_since(client: TestClient, filled: Library, memo_id: str) -> None:
    assert client.get(f"/api/memos/{memo_id}/since").json()["calls"] == {}
    erase(filled, "FC-2")
    assert client.get(f"/api/memos/{memo_id}/since").status_code == 200


def test_the_contract_of_versions(client: TestClient, memo_id: str) -> None:
    save(client, memo_id, draft(client, memo_id) + "\nCustomers adore us.\n", 0)
    url = f"/api/memos/{memo_id}"
    contract.check(client.get(f"{url}/versions").json(), contract.arr(contract.VERSION, 2))
    contract.check(client.get(f"{url}/versions/1").json(), contract.VERSION_TEXT)
    contract.check(client.get(f"{url}/document").json(), contract.DOCUMENT)
    contract.check(client.get(f"{url}/diff?from=0&to=1").json(), contract.DIFFERENCE)
    found = client.post(f"{url}/check", json={"text": "They adore us. [^FC-1:3]"}).json()
    contract.check(found, contract.FINDINGS)
    assert found["failing"] == 1


def test_what_was_drafted_or_withdrawn_is_not_carried(
    client: TestClient, filled: Library, memo_id: str
) -> None:
    text = draft(client, memo_id)
    save(client, memo_id, text + "\n## Budget\n\nThey wait for us. [^FC-2:1]\n\nOurs.\n", 0)
    with filled.change() as connection:
        connection.execute(  # what the draft says of it no longer holds
            speakers.update().where(speakers.c.call_id == "FC-1").values(role="internal")
        )
    erase(filled, "FC-2")
    other = draft_and_save(filled, filters=Filters(top=20), today=date(2026, 6, 8)).id
    fresh = draft(client, other)
    assert carry(filled, memo_id, other) is not None
    carried = client.get(f"/api/memos/{other}/versions/1").json()["text"]
    assert "[^withdrawn]" not in carried
    assert "Ours." in carried
    assert carried.count("[^FC-1:") == fresh.count("[^FC-1:")


def test_a_page_held_open_does_not_bring_an_erased_call_back(
    client: TestClient, memo_id: str, filled: Library
) -> None:
    mine = "Words of theirs. [^FC-2:1]\n"
    save(client, memo_id, mine, 0)
    erase(filled, "FC-2")
    refused = save(client, memo_id, mine + "\nMore.\n", 1, 422)
    assert "no call 'FC-2'" in str(refused["detail"])
    assert save(client, memo_id, "More.\n", 1)["n"] == 2
