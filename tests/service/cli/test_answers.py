"""`answers` and `picks`: what was asked, as it was told, and what is wanted in the memo."""

from __future__ import annotations

from pathlib import Path

from tests import contract
from tests.service.cli.test_contract import document, run


def rows(home: Path, *args: str) -> list[dict[str, object]]:
    found = document(home, *args)
    assert isinstance(found, list)
    return found


def test_what_is_asked_is_kept_listed_shown_and_deleted(filled_home: Path) -> None:
    assert "Nothing was asked yet." in run(filled_home, "answers").stdout
    answer = document(filled_home, "ask", "What do customers need?", "--top", "3")
    assert isinstance(answer, dict)
    (line,) = rows(filled_home, "answers")
    contract.check(line, contract.ANSWER_LINE)
    assert line["id"] == answer["id"]
    kept = document(filled_home, "answers", "show", answer["id"])
    contract.check(kept, contract.KEPT_ANSWER)
    printed = run(filled_home, "answers").stdout
    assert "What do customers need?" in printed
    assert "Top 3" in printed
    assert "as it was given on" in run(filled_home, "answers", "show", answer["id"]).stdout
    assert document(filled_home, "answers", "delete", answer["id"]) == {"deleted": answer["id"]}
    assert document(filled_home, "answers") == []
    gone = run(filled_home, "answers", "show", answer["id"])
    assert (gone.exit_code, "There is no answer" in gone.stderr) == (1, True)


def test_withdrawn_quotes_are_said(filled_home: Path) -> None:
    answer = document(filled_home, "ask", "What do customers need?")
    assert isinstance(answer, dict)
    assert run(filled_home, "delete", "FC-2").exit_code == 0
    shown = run(filled_home, "answers", "show", answer["id"]).stdout
    assert "withdrawn since" in shown
    assert "night staff" not in shown


def test_a_statement_is_picked_by_its_number(filled_home: Path) -> None:
    answer = document(filled_home, "ask", "What do customers need?")
    assert isinstance(answer, dict)
    (pick,) = rows(filled_home, "picks", "add", answer["id"], "2")
    contract.check(pick, contract.PICK)
    assert pick["statement"] == answer["statements"][1]
    pick_id = str(pick["id"])
    assert pick_id in run(filled_home, "picks").stdout
    assert run(filled_home, "picks", "add", answer["id"], "99").exit_code == 1
    assert run(filled_home, "picks", "add", answer["id"], "0").exit_code == 2
    assert document(filled_home, "picks", "remove", pick_id) == {"removed": pick_id}
    assert document(filled_home, "picks") == []
