"""`firsthand coverage` as a person sees it, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.store import put_accounts
from service.cli import main
from service.home_settings import GOAL_HOURS
from service.shapes import CoverageReport
from tests import contract
from tests.postgres import database_of_filled

HOSTILE = (
    "account_id,name,arr_usd,tier,segment,health\n"
    "BAD-1,[red]Ev:smile:il[/red] Corp,900000,[bold]t,=cmd|' /C calc'!A0,\x1b[2Jred\n"
)


def run(home: Path, *args: str, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(
        main, ["--home", str(home), "coverage", *args], catch_exceptions=False
    )


def test_it_says_who_by_when_and_whom_to_call(filled_home: Path) -> None:
    text = run(filled_home, "--start", "2026-05-04", columns=100).stdout
    flat = " ".join(text.split())
    assert "heard 4 of 5 accounts, $770,000 of $890,000 ARR, 4 calls" in flat
    assert "counted from 2026-05-04 (as given)" in flat
    assert "By day 14 (2026-05-18) heard 2 of 5 accounts, $650,000 of $890,000 ARR" in flat
    assert "not heard: Sable Genomics, Osprey Vaccines, Quay Fisheries Lab" in flat
    assert "3 Sable Genomics $120,000 2026-11-11 green no no silent – – –" in flat
    assert "1 Marlowe Biobank $400,000 2026-12-01 green yes yes 1 1 2026-05-05 2026-05-05" in flat
    assert "APAC 0 of 1 $120,000 Sable Genomics" in flat
    assert "all heard: EMEA, North America" in flat
    assert "1. Sable Genomics: no customer of theirs has been heard" in flat


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_it_fits_the_terminal(filled_home: Path, columns: int) -> None:
    lines = run(filled_home, "--start", "2026-05-04", columns=columns).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    # Numbers and dates are never cut.
    assert not [line for line in lines if "…" in line]


def test_quiet_weeks_are_one_line(filled_home: Path) -> None:
    lines = run(filled_home, "--start", "2026-03-02").stdout.splitlines()
    rows = [line.split() for line in lines]
    assert ["1–9", "2026-03-02", "2026-05-03", "0", "0.00", "h", "–", "below"] in rows
    assert [row[3] for row in rows if row[:2] == ["10", "2026-05-04"]] == ["1"]


def test_a_day_to_come_is_open(filled_home: Path) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    text = run(filled_home, "--start", yesterday.isoformat()).stdout
    assert text.count("not yet reached") == 2
    assert "so far heard 0 of 5 accounts" in text
    assert "day 1, counted from" in text
    assert " open  open " in text


def test_hostile_names_are_shown_and_not_obeyed(filled_home: Path, tmp_path: Path) -> None:
    library = Library(filled_home, Options(tmp_path, database_url=database_of_filled()))
    (tmp_path / "accounts.csv").write_text(HOSTILE, "utf-8")
    with library.change() as connection:
        put_accounts(connection, read_accounts(tmp_path / "accounts.csv"))
    library.close()
    text = run(filled_home, columns=140).stdout
    assert "\x1b" not in text
    assert text.count("[red]Ev:smile:il[/red] Corp") >= 4
    assert "=cmd|' /C calc'!A0" in text


def test_estimates_are_marked(filled_home: Path, tmp_path: Path) -> None:
    told = {
        "call_id": "FC-9",
        "title": "Sable by letter",
        "date": "2026-05-25",
        "account_id": "FRZ-5",
        "source": "notes",
        "participants": [{"name": "Lin Mori", "role": "customer"}],
        "utterances": [
            {"i": 0, "speaker": "Lin Mori", "text": "We chip ice out of it. " * 150},
        ],
    }
    (tmp_path / "FC-9.json").write_text(json.dumps(told), "utf-8")
    add = ["--home", str(filled_home), "add", str(tmp_path / "FC-9.json")]
    assert CliRunner().invoke(main, add, catch_exceptions=False).exit_code == 0
    text = run(filled_home, "--start", "2026-05-04", "--goal", "0.05").stdout
    rows = [line.split() for line in text.splitlines()]
    # 900 words at 150 a minute.
    assert [row[-2:] for row in rows if row[:3] == ["3", "Sable", "Genomics"]] == [["1", "≈6"]]
    assert ["4", "2026-05-25", "2026-05-31", "1", "≈0.10", "h", "–", "met"] in rows
    assert "! 1 call has no times" in text


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--goal", "0"], "The goal 0 is no number of hours a week"),
        (["--goal", "-2.5"], "The goal -2.5 is no number of hours a week"),
        (["--goal", "nan"], "The goal nan is no number of hours a week"),
        (["--start", "someday"], "'someday' is not a date"),
        (["--start", "9999-12-31"], "not between 1970 and 2100"),
        (["--tier", "gold"], "No account has the tier 'gold'"),
    ],
)
def test_what_cannot_be_is_one_sentence(filled_home: Path, args: list[str], says: str) -> None:
    result = run(filled_home, *args)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_goal_that_is_no_number_is_wrong_usage(filled_home: Path) -> None:
    assert run(filled_home, "--goal", "lots").exit_code == 2


@pytest.mark.parametrize("args", [[], ["--start", "2090-01-01"], ["--json"]])
def test_an_empty_home_is_said_to_be_empty(tmp_path: Path, args: list[str]) -> None:
    result = run(tmp_path / "home", *args)
    assert result.exit_code == 0
    assert "There are no accounts: load them" in result.stdout


def test_the_document_is_the_contracts(filled_home: Path) -> None:
    document = json.loads(run(filled_home, "--json").stdout)
    contract.check(document, contract.COVERAGE)
    found = CoverageReport.model_validate(document)
    assert found.goal_hours == GOAL_HOURS
    assert found.start_from == "first call"
