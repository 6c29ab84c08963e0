"""`firsthand crm`: with options, with questions in a terminal, and what it says when it may not."""

from __future__ import annotations

import json
import os
import pty
import sys
import threading
from pathlib import Path
from subprocess import Popen

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests import contract

CSV = (
    "Record ID,Company,Renewal,ARR\n"
    "1,Marlowe Biobank,03/04/2027,600000\n2,Marlowe,05/06/2027,€7.50\n"
)
ANSWERS = ("--yes", "--dates", "mdy", "--rate", "EUR=2", "--match", "3=new")


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "companies.csv"
    path.write_text(CSV, "utf-8")
    return str(path)


def accounts(home: Path) -> dict[str, dict[str, object]]:
    listed = json.loads(run(home, "accounts", "--json").stdout)
    return {one["account_id"]: one for one in listed}


def test_with_options_alone(filled_home: Path, export: str) -> None:
    before = accounts(filled_home)
    asked = run(filled_home, "crm", "apply", export, "--json")
    assert asked.exit_code == 1
    found = json.loads(asked.stdout)
    contract.check(found, contract.CRM_PREVIEW)
    assert [q["about"] for q in found["questions"]] == ["mapping", "dates", "match"]
    printed = run(filled_home, "crm", "preview", export, "--yes")
    assert printed.exit_code == 1
    assert "--dates dmy or mdy" in printed.stdout
    assert "--match 3=ACCOUNT, new or skip" in printed.stdout
    assert accounts(filled_home) == before

    looked = run(filled_home, "crm", "preview", export, *ANSWERS)
    assert looked.exit_code == 0
    assert "Nothing was changed." in looked.stdout
    done = run(filled_home, "crm", "apply", export, *ANSWERS, "--json")
    assert done.exit_code == 0
    contract.check(json.loads(done.stdout), contract.CRM_APPLIED)
    after = accounts(filled_home)
    assert after["FRZ-1"]["renewal_date"] == "2027-03-04"
    assert after["2"]["arr_usd"] == 15.0

    kept = json.loads(run(filled_home, "crm", "mappings", "--json").stdout)
    contract.check(kept, contract.arr(contract.CRM_MAPPING, least=1))
    assert "Company: name" in run(filled_home, "crm", "mappings").stdout
    assert "is taken back: 1 new accounts" in run(filled_home, "crm", "undo").stdout
    assert accounts(filled_home) == before
    assert "forgotten" in run(filled_home, "crm", "forget", kept[0]["id"]).stdout
    assert json.loads(run(filled_home, "crm", "calls", "--json").stdout) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--map", "ARR"], "has no = in it"),
        (["--map", "ARR=colour"], "--map cannot be read"),
        (["--match", "x=new"], "--match cannot be read"),
        (["--match", "2=FRZ-99"], "which is not here"),
        (["--rate", "EUR=-1"], "--rate cannot be read"),
        (["--rate", "EUR=lots"], "--rate cannot be read"),
    ],
)
def test_an_option_that_cannot_be_meant(
    filled_home: Path, export: str, options: list[str], says: str
) -> None:
    refused = run(filled_home, "crm", "preview", export, *options)
    assert refused.exit_code == 1
    assert says in refused.stderr


def test_files_that_are_none(filled_home: Path, tmp_path: Path) -> None:
    assert "no such file" in run(filled_home, "crm", "apply", str(tmp_path / "no.csv")).stderr
    assert "no such file" in run(filled_home, "crm", "apply", str(tmp_path)).stderr
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and so on")
    refused = run(filled_home, "crm", "preview", str(tmp_path / "book.xlsx"))
    assert "save it as CSV" in refused.stderr
    assert "no import" in run(filled_home, "crm", "undo").stderr


def test_what_was_learnt_and_loaded_goes_along_in_a_backup(
    filled_home: Path, export: str, tmp_path: Path
) -> None:
    before = accounts(filled_home)
    assert run(filled_home, "crm", "apply", export, *ANSWERS).exit_code == 0
    file, elsewhere = str(tmp_path / "home.backup"), tmp_path / "elsewhere"
    assert run(filled_home, "backup", file).exit_code == 0
    assert run(elsewhere, "restore", file).exit_code == 0
    again = json.loads(run(elsewhere, "crm", "preview", export, "--rate", "EUR=2", "--json").stdout)
    assert (again["questions"], again["difference"]["same"]) == ([], 2)
    assert run(elsewhere, "crm", "undo").exit_code == 0
    assert accounts(elsewhere) == before


def test_sums_of_deals(filled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("Deal Name,Deal Stage,Amount,Company\na,Won,5,Marlowe Biobank\n", "utf-8")
    for told, changed in (("none", 0), ("all", 1), ("Won", 1)):
        args = ("crm", "preview", str(path), "--yes", "--sum", told, "--json")
        found = json.loads(run(filled_home, *args).stdout)
        assert len(found["difference"]["changed"]) == changed
    assert "? Amounts are per deal" in run(filled_home, "crm", "preview", str(path)).stdout


def test_in_a_terminal_it_asks_and_then_loads(filled_home: Path, export: str) -> None:
    typed = ["4=", "4=arr_usd", "99=name", "", "mdy", "new", "2.0", "y"]
    told = in_terminal(filled_home, ["crm", "apply", export], "".join(f"{t}\n" for t in typed))
    for words in (
        "Is it right which column is what?",
        "There is no column 99",
        "Does the day stand first",
        "Marlowe Biobank (FRZ-1): has a name like it",
        "How many dollars is one EUR?",
        "Load this? [y/N]",
        "crm undo` takes it back",
    ):
        assert words in " ".join(told.split()), told
    after = accounts(filled_home)
    assert after["FRZ-1"]["renewal_date"] == "2027-03-04"
    assert after["2"]["arr_usd"] == 15.0


def in_terminal(home: Path, args: list[str], keys: str) -> str:
    """What the command printed on a terminal where somebody typed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "service.cli", "--home", str(home), *args]
    with Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, keys.encode())
        timer = threading.Timer(120, process.kill)
        timer.start()
        told = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not part:
                break
            told += part
        timer.cancel()
    os.close(ours)
    assert process.returncode == 0, told.decode()
    return told.decode()
