"""Every command of the contract, with --json, against the contract's schemas."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests import contract, corpus


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def document(home: Path, *args: str) -> object:
    result = run(home, *args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("args", "schema"),
    [
        (["ask", "What do our top customers need?"], contract.ANSWER),
        (["ask", "How many false alarms did Marlowe have in March?"], contract.ANSWER),
        (["ask", "Who wants Klingon subtitles?", "--tier", "enterprise"], contract.ANSWER),
        (["themes"], contract.arr(contract.THEME, least=1)),
        (["themes", "--by", "mentions", "--segment", "health"], contract.arr(contract.THEME)),
        (["heatmap"], contract.HEATMAP),
        (["timeline", "--top", "3"], contract.TIMELINE),
        (["memo", "--start", "2026-05-04"], contract.MEMO),
        (["coverage", "--top", "3"], contract.COVERAGE),
    ],
)
def test_answers_are_as_the_contract_says(
    filled_home: Path, args: list[str], schema: contract.Schema
) -> None:
    document(filled_home, "codebook", "add", "False alarms", "--definition", "The alarm rings")
    contract.check(document(filled_home, *args), schema)


def test_a_theme_is_read_whole(filled_home: Path) -> None:
    args = ("codebook", "add", "False <b>alarms</b>", "--definition", "The alarm rings at night")
    made = document(filled_home, *args)
    assert isinstance(made, dict)
    contract.check(document(filled_home, "theme", made["id"]), contract.ONE_THEME)
    printed = run(filled_home, "theme", made["id"], "--account", "FRZ-2").stdout
    assert "False <b>alarms</b>" in printed
    assert "Pinecrest Clinics" in printed
    assert "Marlowe Biobank" not in printed
    assert "Greta Lind" in printed
    by_account = run(filled_home, "heatmap").stdout
    assert "Not heard yet\n   Sable Genomics" in by_account
    assert "Marlowe Biobank: " in by_account
    assert "first 2026-05-05, last 2026-05-12" in run(filled_home, "timeline").stdout
    assert run(filled_home, "theme", "code-none").exit_code == 1


def test_accounts_calls_and_show(filled_home: Path) -> None:
    accounts = document(filled_home, "accounts")
    assert isinstance(accounts, list)
    assert [a["account_id"] for a in accounts][:2] == ["FRZ-1", "FRZ-2"]
    calls = document(filled_home, "calls")
    assert isinstance(calls, list)
    assert {c["call_id"] for c in calls} == {"FC-1", "FC-2", "FC-3", "FC-4"}
    shown = document(filled_home, "show", "FC-1")
    assert isinstance(shown, dict)
    given = corpus.call("FC-1")["utterances"]
    assert isinstance(given, list)
    assert [u["text"] for u in shown["utterances"]] == [u["text"] for u in given]


def test_speakers_are_corrected_and_what_follows_from_them_too(filled_home: Path) -> None:
    ask = ["ask", "Is there a hologram display for the lid?"]
    before = document(filled_home, *ask)
    voices = document(filled_home, "speakers", "FC-1", "Ida Kern=Ida K.:customer")
    assert isinstance(voices, list)
    assert ("Ida K.", "customer", "person") in {(v["name"], v["role"], v["basis"]) for v in voices}
    after = document(filled_home, *ask)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert "Ida K." in {q["speaker"] for s in after["statements"] for q in s["quotes"]}
    assert "Ida K." not in {q["speaker"] for s in before["statements"] for q in s["quotes"]}


@pytest.mark.parametrize("kind", ["md", "html", "docx", "pdf"])
def test_the_memo_is_written_in_every_format(filled_home: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"memo.{kind}"
    assert run(filled_home, "memo", "--out", str(out)).exit_code == 0
    starts = {"md": b"# ", "html": b"<!doctype html>", "docx": b"PK", "pdf": b"%PDF"}
    assert out.read_bytes()[:15].lower().startswith(starts[kind].lower())


def test_deleting_leaves_nothing(filled_home: Path) -> None:
    document(filled_home, "memo")
    document(filled_home, "delete", "FC-2")
    left = [p for p in filled_home.rglob("*") if p.is_file()]
    words = b"walking the rooms by hand"
    assert not [p for p in left if words in p.read_bytes()]
    assert run(filled_home, "show", "FC-2").exit_code == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["show", "nope"], "There is no call 'nope'"),
        (["add", "/does/not/exist.mp3"], "exist.mp3"),
        (["add", "{accounts}", "--account", "NOBODY"], "There is no account 'NOBODY'"),
        (["add", "{accounts}", "--date", "31.13.2026"], "date"),
        (["ask", ""], "The question is empty"),
        (["ask", "x?", "--tier", "gold"], "No account has the tier 'gold'"),
        (["ask", "x?", "--since", "someday"], "someday"),
        (["speakers", "FC-1", "nobody"], "is not LABEL=NAME:ROLE"),
        (["speakers", "FC-1", "S9=A:customer"], "has no speaker 'S9'"),
        (["speakers", "FC-1", "Ida Kern=A:boss"], "it can be customer or internal"),
        (["memo", "--out", "memo.exe"], "the ending must be one of"),
        (["memo", "--vision", "/nope.txt"], "cannot be read"),
        (["delete", "nope"], "There is no call 'nope'"),
        (["accounts", "import", "/nope.csv"], "nope.csv"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_1(
    filled_home: Path, tmp_path: Path, args: list[str], says: str
) -> None:
    file = tmp_path / "call.md"
    file.write_text("Ana: We lose a day every week.\n\nBo: How so?\n", "utf-8")
    result = run(filled_home, *[a.format(accounts=file) for a in args])
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_usage_is_status_2(filled_home: Path) -> None:
    assert run(filled_home, "add").exit_code == 2
    assert run(filled_home, "ask").exit_code == 2
    assert run(filled_home, "ask", "x?", "--top", "0").exit_code == 2


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from service.cli import main; main(['--help'], standalone_mode=False); "
        "heavy = {'pydantic', 'numpy', 'sqlalchemy', 'chromadb', 'fastapi', 'rich'}; "
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("set()")


def test_accounts_are_looked_at_before_they_are_loaded(filled_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("account_id,name\nFRZ-1,Marlowe [red]Biobank\nFRZ-9,Ninth\n", "utf-8")
    before = document(filled_home, "accounts")
    found = document(filled_home, "accounts", "import", str(file), "--dry-run")
    contract.check(found, contract.IMPORT_PREVIEW)
    told = run(filled_home, "accounts", "import", str(file), "--dry-run").stdout
    assert "name: Marlowe Biobank → Marlowe [red]Biobank" in told
    assert "arr_usd: $400,000 → nothing" in told
    assert "Nothing was changed." in told
    assert document(filled_home, "accounts") == before
    file.write_text("account_id,name\nno id,X\n", "utf-8")
    refused = run(filled_home, "accounts", "import", str(file), "--dry-run")
    assert refused.exit_code == 1
    assert "line 2, column 'account_id'" in " ".join(refused.stdout.split())


def test_one_account(filled_home: Path) -> None:
    page = document(filled_home, "accounts", "show", "FRZ-2")
    contract.check(page, contract.ACCOUNT_PAGE)
    told = run(filled_home, "accounts", "show", "FRZ-2").stdout
    assert "Pinecrest Clinics" in told
    assert "Greta Lind" in told
    assert "May leave" in told
