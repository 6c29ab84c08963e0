"""`erase-person`, `retention` and `consent` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from service.cli import main


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def calls(home: Path) -> dict[str, dict[str, object]]:
    return {c["call_id"]: c for c in json.loads(run(home, "calls", "--json").stdout)}


def test_a_person_is_looked_at_and_then_erased(filled_home: Path) -> None:
    told = run(filled_home, "erase-person", "Noor Haddad", "--dry-run")
    assert told.stdout.startswith("Erasing Noor Haddad would take:\n  1 call whole")
    assert "FC-1" in calls(filled_home)
    gone = json.loads(run(filled_home, "erase-person", "noor haddad", "--json").stdout)
    assert [(c["call_id"], c["whole"]) for c in gone["calls"]] == [("FC-1", True)]
    assert "FC-1" not in calls(filled_home)
    nobody = run(filled_home, "erase-person", "Noor Haddad", "--yes")
    assert nobody.exit_code == 1
    assert "Nobody called Noor Haddad is in this home." in " ".join(nobody.stderr.split())
    assert run(filled_home, "erase-person", "Noor", "--yes").exit_code == 1


def test_old_calls_are_listed_and_then_erased(filled_home: Path) -> None:
    assert "kept for ever" in run(filled_home, "retention").stdout
    run(filled_home, "settings", "keep_days=1")
    due = json.loads(run(filled_home, "retention", "--dry-run", "--json").stdout)
    assert len(due["due"]) == 4
    assert due["erased"] == []
    assert len(calls(filled_home)) == 4
    told = run(filled_home, "retention")
    assert told.exit_code == 0
    assert told.stdout.count("erased") == 4
    assert calls(filled_home) == {}


def test_consent_is_noted_and_shown(filled_home: Path) -> None:
    noted = json.loads(run(filled_home, "consent", "FC-1", "given", "--json").stdout)
    assert noted == {"call_id": "FC-1", "consent": "given"}
    run(filled_home, "settings", "ask_consent=yes")
    waiting = {c for c, told in calls(filled_home).items() if told["waits_for_consent"]}
    assert waiting == {"FC-2", "FC-3", "FC-4"}
    assert "waits for consent" in run(filled_home, "show", "FC-2").stdout
    assert "3 calls wait for consent" in " ".join(run(filled_home, "coverage").stdout.split())
    assert run(filled_home, "consent", "NONE", "given").exit_code == 1
