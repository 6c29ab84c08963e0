"""`firsthand loop` and `firsthand hooks`, as people and as programs use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from service.cli import main
from tests.receiver import receiving


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def document(home: Path, *args: str) -> Any:
    result = run(home, *args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_need_ships_and_they_are_told(filled_home: Path, tmp_path: Path) -> None:
    code = document(filled_home, "codebook", "add", "False alarms")
    document(filled_home, "codebook", "judge", code["id"], "FC-2", "1", "confirm")
    assert "Nobody is to be told anything here" in run(filled_home, "loop").stdout
    told = run(filled_home, "codebook", "status", code["id"], "shipped").stdout
    assert "shipped since" in told
    shown = run(filled_home, "loop", "--owner", "Ida Kern").stdout
    assert "False alarms  (shipped on" in shown
    assert "Hi Ida," in shown
    entries = document(filled_home, "loop")["needs"][0]["entries"]
    entry = next(e for e in entries if e["account_id"] == "FRZ-2")
    assert "was told" in run(filled_home, "loop", "sent", entry["id"]).stdout
    sent = document(filled_home, "loop", "--state", "sent", "--need", code["id"])
    assert [e["id"] for e in sent["needs"][0]["entries"]] == [entry["id"]]
    assert document(filled_home, "loop", "dismiss", entry["id"])["state"] == "dismissed"
    assert "told again" in run(filled_home, "loop", "restore", entry["id"]).stdout
    file = tmp_path / "to-tell.csv"
    written = document(filled_home, "loop", "export", str(file))
    assert written == {"exported": str(file), "entries": len(entries)}
    assert entry["id"] in file.read_text("utf-8-sig")
    wrong = run(filled_home, "loop", "export", str(tmp_path / "x.txt"))
    assert (wrong.exit_code, "end in .csv" in wrong.stderr) == (2, True)
    none = run(filled_home, "loop", "sent", "entry-1")
    assert (none.exit_code, "There is no entry" in none.stderr) == (1, True)
    assert "marked “False alarms” as shipped" in run(filled_home, "codebook", "undo").stdout
    assert document(filled_home, "loop")["needs"] == []


def test_hooks(filled_home: Path) -> None:
    assert "nobody is told" in run(filled_home, "hooks").stdout
    with receiving() as receiver:
        added = run(filled_home, "hooks", "add", receiver.url, "--on", "call.ready", "--with-words")
        secret, _ = added.stdout.split("\n", 1)
        assert "that a call came in, with customers' words about it" in added.stderr
        assert "Keep it now" in added.stderr
        (hook,) = document(filled_home, "hooks")
        assert "secret" not in hook
        assert (
            "It arrived: the answer was 204."
            in run(filled_home, "hooks", "test", hook["id"]).stdout
        )
        receiver.verified(secret)
        receiver.acts = [500]
        failed = run(filled_home, "hooks", "test", hook["id"])
        assert (failed.exit_code, failed.stderr) == (1, "firsthand: It answered 500.\n")
    renewed = document(filled_home, "hooks", "rotate", hook["id"])["secret"]
    assert renewed != secret
    assert "is off" in run(filled_home, "hooks", "disable", hook["id"]).stdout
    assert "  off  " in run(filled_home, "hooks").stdout
    assert document(filled_home, "hooks", "enable", hook["id"])["is_on"]
    assert "Nothing was sent" in run(filled_home, "hooks", "deliveries").stdout
    none = run(filled_home, "hooks", "replay", "msg_1")
    assert (none.exit_code, "There is no delivery" in none.stderr) == (1, True)
    assert run(filled_home, "hooks", "replay").exit_code == 2
    since = document(filled_home, "hooks", "replay", "--since", "2099-01-01")
    assert since == {"queued": 0}
    run(filled_home, "hooks", "replay", "--since", "2099-01-01", "--hook", hook["id"])
    logged = document(filled_home, "audit", "list")
    told = [(row["action"], row["subject"]) for row in logged if row["kind"] == "hook"]
    assert told[0] == ("export", hook["id"])  # the newest
    assert ("add", hook["id"]) in told
    for url, on in (("ftp://x", "call.ready"), ("https://example.com", "call.red")):
        assert run(filled_home, "hooks", "add", url, "--on", on).exit_code == 1
    assert document(filled_home, "hooks", "remove", hook["id"]) == {"removed": hook["id"]}
    log = document(filled_home, "audit")
    kinds = {(row["action"], row["kind"]) for row in log}
    assert {("add", "hook"), ("change", "hook"), ("delete", "hook"), ("export", "hook")} <= kinds
    assert secret not in json.dumps(log)
    assert "127.0.0.1" not in json.dumps([row["detail"] for row in log])
