"""`firsthand goals` and `firsthand digest`, and what they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests import contract
from tests.mail_server import mail_server
from tests.service.digest.receiver import receiver
from tests.service.digest.test_sending import SECRET
from tests.service.goals.made import calendar, met

WEEK = ("--week", "2026-05-06")


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def flat(result: Result) -> str:
    return " ".join((result.stdout + result.stderr).split())


@pytest.fixture
def ics(tmp_path: Path) -> Path:
    soon = datetime.now(UTC) + timedelta(days=2)
    path = tmp_path / "ida.ics"
    path.write_bytes(
        calendar(
            met("20260506T0800", 45, "samuel@osprey.example"),
            met("20260507T0800", 45, "sales@cloudhost.example"),
            met(f"{soon:%Y%m%d}T0800", 30, "lin@sable-genomics.example"),
        ).data
    )
    return path


def test_a_calendar_is_loaded_and_its_hours_shown(filled_home: Path, ics: Path) -> None:
    load = ("goals", "calendar", str(ics), "--person", "Ida Kern")
    tried = run(filled_home, *load, "--dry-run")
    assert "3 meetings with customers would be in the calendar of Ida Kern" in flat(tried)
    done = json.loads(run(filled_home, *load, "--json").stdout)
    contract.check(done, contract.CALENDAR)
    assert "3 as before" in flat(run(filled_home, *load))
    found = json.loads(run(filled_home, "goals", *WEEK, "--json").stdout)
    contract.check(found, contract.GOALS)
    told = flat(run(filled_home, "goals", *WEEK))
    assert "Ida Kern 1.5 0.02 1.5 0.0 1 – met" in told
    assert "0.8 h of them with firms that are no account: cloudhost.example" in told
    assert "Booked Sable Genomics:" in flat(run(filled_home, "coverage"))
    assert "(in a calendar)" in flat(run(filled_home, "coverage"))
    gone = run(filled_home, "goals", "calendar", "remove", "ida kern")
    assert "is gone (3 meetings with customers)" in flat(gone)
    assert run(filled_home, "goals", "calendar", "remove", "Ida Kern").exit_code == 1


def test_a_goal_of_a_person_is_set(filled_home: Path) -> None:
    assert flat(run(filled_home, "goals", "set", "Ida Kern", "2.5")) == (
        "Ida Kern: 2.5 hours a week."
    )
    assert "2.5*" in flat(run(filled_home, "goals", "list", *WEEK))
    assert "as the home's" in flat(run(filled_home, "goals", "set", "Ida Kern", "none"))


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        (("goals", "set", "Ida Kern", "many"), 2, "no number of hours"),
        (("goals", "set", "Ida Kern", "0"), 1, "The goal 0 is no number of hours"),
        (("goals", "set", "Speaker 2", "1"), 1, "no name of a person"),
        (("goals", "--week", "someday"), 1, "someday"),
        (("goals", "--weeks", "99"), 1, "give 1 to 53"),
        (("goals", "calendar"), 2, "Missing argument"),
        (("goals", "calendar", "no.ics"), 1, "there is no such file"),
        (("digest", "--to", "nobody"), 1, "no e-mail address"),
        (("digest", "--to", "a@v.example"), 1, "No mail server is set: FIRSTHAND_SMTP"),
        (("digest", "--webhook", "https://example.com/x"), 1, "needs FIRSTHAND_DIGEST_SECRET"),
    ],
)
def test_what_cannot_be_done_is_told(
    filled_home: Path, args: tuple[str, ...], status: int, says: str
) -> None:
    refused = run(filled_home, *args)
    assert (refused.exit_code, says in flat(refused)) == (status, True), flat(refused)


def test_hostile_names_do_not_reach_the_terminal(filled_home: Path) -> None:
    run(filled_home, "goals", "set", "Eve \x1b[31mMallory\u202e", "2")
    assert "\x1b" not in run(filled_home, "goals", *WEEK).stdout
    shown = run(filled_home, "digest", *WEEK, "--dry-run").stdout
    assert "\x1b" not in shown
    assert "Eve" in shown


def test_the_digest_is_shown_and_sent(filled_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(filled_home, "digest", *WEEK)
    assert "HOURS WITH CUSTOMERS" in shown.stdout
    assert "Nobody is named to send it to" in shown.stderr
    with mail_server() as server, receiver() as program:
        monkeypatch.setenv("FIRSTHAND_SMTP", f"smtp://127.0.0.1:{server.port}")
        monkeypatch.setenv("FIRSTHAND_MAIL_FROM", "f@v.example")
        monkeypatch.setenv("FIRSTHAND_DIGEST_SECRET", SECRET)
        sent = run(filled_home, "digest", *WEEK, "--to", "a@v.example")
        assert sent.stdout == "Sent to a@v.example.\n"
        assert f"Sent to 127.0.0.1:{server.port} (on this machine) (e-mail" in flat(sent)
        monkeypatch.setenv("FIRSTHAND_DIGEST_WEBHOOK", program.url)
        run(filled_home, "settings", "digest_to=b@v.example,c@v.example")
        server.refuses = {"b@v.example": "550 no such person"}
        both = run(filled_home, "digest", *WEEK, "--json")
        assert both.exit_code == 1
        told = json.loads(both.stdout)
        contract.check(told["digest"], contract.DIGEST)
        assert told["sent"] == {
            "mailed_to": ["c@v.example"],
            "refused": {"b@v.example": "550 no such person"},
            "webhook": 204,
        }
    assert server.to == [["a@v.example"], ["c@v.example"]]
    assert len(program.got) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"SMTP": "http://x"}, "FIRSTHAND_SMTP cannot be used"),
        ({"SMTP": "smtp://mail.example"}, "FIRSTHAND_MAIL_FROM cannot be used"),
        ({"DIGEST_WEBHOOK": "https://x.example"}, "FIRSTHAND_DIGEST_SECRET cannot be used"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(
    filled_home: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"FIRSTHAND_{name}", value)
    refused = run(filled_home, "goals")
    assert (refused.exit_code, says in flat(refused)) == (1, True), flat(refused)


def test_the_doctor_says_where_the_digest_goes(
    filled_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTHAND_SMTP", "smtps://me@mail.example:465")
    monkeypatch.setenv("FIRSTHAND_SMTP_PASSWORD", "qwobbleplex")
    monkeypatch.setenv("FIRSTHAND_MAIL_FROM", "f@v.example")
    found = json.loads(run(filled_home, "doctor", "--json").stdout)
    (one,) = [one for one in found["leaving"] if one["acts"] == ["digest"]]
    assert one["where"] == "mail.example:465"
    assert "qwobbleplex" not in json.dumps(found)
