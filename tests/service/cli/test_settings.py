"""`firsthand settings` and `firsthand accounts book`, and what they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests import contract


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def test_settings_are_shown_and_set(filled_home: Path) -> None:
    assert "start             the first call" in run(filled_home, "settings").stdout
    changes = ["start=4 May 2026", "goal_hours=2", "top=3", "internal_domains=a.example,b.example"]
    found = json.loads(run(filled_home, "settings", *changes, "--json").stdout)
    contract.check(found, contract.SETTINGS)
    text = run(filled_home, "settings", "goal_hours=").stdout
    assert [line.split(maxsplit=1)[1] for line in text.splitlines()] == [
        "2026-05-04",
        "1",
        "3",
        "a.example, b.example",
        "yes",
        "none",
        "for ever",
        "no",
        "none",
        "never",
        "nobody",
    ]
    when = ["digest=Fri 16:30", "digest_to=a@v.example, b@v.example", "not_customers=Host.example"]
    found = json.loads(run(filled_home, "settings", *when, "--json", "--originals").stdout)
    assert (found["digest"], found["digest_to"], found["not_customers"]) == (
        "fri 16:30",
        ["a@v.example", "b@v.example"],
        ["host.example"],
    )
    told = run(filled_home, "coverage").stdout
    assert "counted from 2026-05-04 (as set)" in told


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        (
            "tops=3",
            2,
            "NAME of start, goal_hours, top, internal_domains, mask, mask_names, keep_days",
        ),
        ("start", 2, "Give NAME=VALUE"),
        ("top=many", 2, "'many' is no number"),
        ("top=0", 1, "The board takes 1 to 500 accounts"),
        ("goal_hours=inf", 1, "The goal inf is no number of hours"),
        ("start=someday", 1, "someday"),
        ("keep_days=0", 1, "Calls are kept for 1 to 36,500 days"),
        ("ask_consent=perhaps", 2, "neither yes nor no"),
        ("digest=daily", 1, "no time of a week"),
        ("digest_to=me", 1, "no e-mail address"),
        ("not_customers=nobody", 1, "no e-mail domain"),
    ],
)
def test_what_cannot_be_set_is_told(filled_home: Path, change: str, status: int, says: str) -> None:
    refused = run(filled_home, "settings", change)
    assert refused.exit_code == status
    assert says in " ".join(refused.stderr.split())


def test_a_call_is_booked_shown_and_taken_back(filled_home: Path) -> None:
    soon = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    assert run(filled_home, "accounts", "book", "FRZ-5", soon).stdout.strip().endswith(f"{soon}.")
    flat = " ".join(run(filled_home, "coverage").stdout.split())
    assert "Sable Genomics $120,000 2026-11-11 green no no booked" in flat
    assert f"Booked Sable Genomics: {soon}" in flat
    back = json.loads(run(filled_home, "accounts", "unbook", "FRZ-5", "--json").stdout)
    assert back == {"account_id": "FRZ-5", "date": None}
    assert "Booked" not in run(filled_home, "coverage").stdout
    refused = run(filled_home, "accounts", "book", "FRZ-9", soon)
    assert (refused.exit_code, "There is no account 'FRZ-9'" in refused.stderr) == (1, True)
