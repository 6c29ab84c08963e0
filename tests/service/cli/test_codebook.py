"""`firsthand codebook` and `firsthand evidence`, as people and as programs use them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import codebook, evidence, main


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], catch_exceptions=False)


def document(home: Path, *args: str) -> Any:
    result = run(home, *args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def labels(home: Path, *options: str) -> list[str]:
    return [code["label"] for code in document(home, "codebook", *options)]


def test_a_codebook_is_loaded_shown_changed_and_taken_home(
    filled_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "codes.yaml"
    file.write_text("- label: False alarms\n  examples: [It rings]\n- label: Export\n", "utf-8")
    assert document(filled_home, "codebook", "import", str(file)) == {"imported": 2}
    one, two = document(filled_home, "codebook")
    assert (one["label"], two["label"]) == ("Export", "False alarms")
    shown = run(filled_home, "codebook").stdout
    assert two["id"] in shown
    assert "False alarms" in shown
    whole = run(filled_home, "codebook", two["id"]).stdout
    assert "words that belong to it (1):\n      “It rings”" in whole
    assert document(filled_home, "codebook", two["id"]) == two

    document(filled_home, "codebook", "rename", two["id"], "Alarms")
    document(filled_home, "codebook", "describe", two["id"], "--definition", "Rings for nothing")
    assert document(filled_home, "codebook", "pin", two["id"])["pinned"]
    assert labels(filled_home) == ["Alarms", "Export"]
    added = document(filled_home, "codebook", "add", "Drawers", "--kind", "praise")
    assert added["kind"] == "praise"
    document(filled_home, "codebook", "dismiss", added["id"])
    assert "Drawers" not in labels(filled_home)
    assert "Drawers" in labels(filled_home, "--dismissed")
    document(filled_home, "codebook", "restore", added["id"])
    document(filled_home, "codebook", "remove", added["id"])
    merged = document(filled_home, "codebook", "merge", one["id"], "--into", two["id"])
    assert merged["id"] == two["id"]
    assert labels(filled_home) == ["Alarms"]

    out = tmp_path / "out.csv"
    assert document(filled_home, "codebook", "export", str(out)) == {"exported": str(out)}
    assert '"Alarms","Rings for nothing"' in out.read_text("utf-8-sig")

    history = document(filled_home, "codebook", "history")
    assert history[0]["what"] == "merged “Export” into “Alarms”"
    undone = document(filled_home, "codebook", "undo")
    assert undone == {"undone": history[0]["what"]}
    assert labels(filled_home) == ["Alarms", "Export"]
    assert "Taken back: removed “Drawers”." in run(filled_home, "codebook", "undo").stdout
    assert "imported 2 codes" in run(filled_home, "codebook", "history").stdout


def candidate(home: Path) -> str:
    """A group on offer: only what was said in earnest is grouped, so some of it is made so."""
    for item in [i for call in ("FC-1", "FC-2", "FC-3") for i in document(home, "evidence", call)]:
        if item["role"] == "customer" and item["strength"] == 1:
            document(home, "evidence", "kind", item["id"], item["kind"], "--strength", "2")
    found = [t["id"] for t in document(home, "themes") if t["status"] == "candidate"]
    return str(found[0])


def test_a_candidate_is_put_aside(filled_home: Path) -> None:
    aside = document(filled_home, "codebook", "dismiss", candidate(filled_home))
    assert aside["state"] == "dismissed"
    assert aside["examples"]
    assert labels(filled_home) == []


def test_a_candidate_is_confirmed_and_words_are_judged(filled_home: Path) -> None:
    code = document(filled_home, "codebook", "confirm", candidate(filled_home), "--label", "Alarms")
    assert code["examples"]
    judged = document(filled_home, "codebook", "judge", code["id"], "FC-3", "1", "reject")
    assert any("into a spreadsheet" in words for words in judged["counterexamples"])
    new = document(filled_home, "codebook", "split", code["id"], "Export", "FC-3:1", "FC-3:4")
    assert len(new["examples"]) == 2
    moved = document(
        filled_home, "codebook", "attach", "FC-3", "4", code["id"], "--from", new["id"]
    )
    assert any("export were signed" in words for words in moved["examples"])


def test_evidence_is_listed_and_corrected(filled_home: Path) -> None:
    listed = document(filled_home, "evidence", "FC-2")
    assert listed == [i for i in document(filled_home, "evidence") if i["call_id"] == "FC-2"]
    assert listed == json.loads(run(filled_home, "evidence", "--json", "FC-2").stdout)
    item = listed[0]
    assert {"id", "kind", "strength", "hand", "role", "quote", "status"} <= set(item)
    assert item["id"] in run(filled_home, "evidence", "FC-2").stdout
    assert "hearsay: about others" in run(filled_home, "evidence", "FC-2").stdout
    assert "your own people" in run(filled_home, "evidence", "FC-1").stdout
    overview = run(filled_home, "evidence").stdout
    assert "FC-2" in overview
    assert item["id"] not in overview, "thousands of items are no overview"
    changed = document(filled_home, "evidence", "kind", item["id"], "praise", "--strength", "3")
    assert (changed["kind"], changed["strength"], changed["status"]) == ("praise", 3, "changed")
    assert document(filled_home, "evidence", "reject", item["id"])["status"] == "rejected"
    assert document(filled_home, "evidence", "restore", item["id"])["kind"] == "praise"
    words = ["--words", "my night staff have started", "--kind", "risk"]
    added = document(filled_home, "evidence", "add", "FC-2", "1", *words)
    assert (added["status"], added["quote"]) == ("added", "my night staff have started")
    assert "are no evidence now" in run(filled_home, "evidence", "restore", added["id"]).stdout


def test_escape_sequences_are_not_obeyed(filled_home: Path) -> None:
    file = filled_home / "codes.csv"
    file.write_text("label,definition\n[bold]<b>\x1b[31m:smile:,x\n", "utf-8")
    assert run(filled_home, "codebook", "import", str(file)).exit_code == 0
    shown = run(filled_home, "codebook").stdout
    assert "\x1b" not in shown
    assert "[bold]<b> [31m:smile:" in shown


def test_an_empty_codebook(filled_home: Path) -> None:
    assert document(filled_home, "codebook") == []
    assert "No codes yet" in run(filled_home, "codebook").stdout
    assert "Nothing was changed" in run(filled_home, "codebook", "history").stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["codebook", "undo"], "nothing to undo"),
        (["codebook", "rename", "code-0", "x"], "There is no code 'code-0'"),
        (["codebook", "code-0"], "There is no code 'code-0'"),
        (["codebook", "import", "/nope.csv"], "nope.csv: there is no such file"),
        (["codebook", "import", "/nope.txt"], "the ending must be one of them"),
        (["codebook", "export", "/nope/x.csv"], "cannot be written"),
        (["codebook", "export", "x.pdf"], "the ending must be one of them"),
        (["codebook", "add", " "], "the label is empty"),
        (["codebook", "add", "x", "--definition", "y" * 100_000], "may have 5,000"),
        (["codebook", "confirm", "theme-0", "--label", "x"], "There is no candidate 'theme-0'"),
        (["codebook", "dismiss", "theme-0"], "There is no candidate"),
        (["codebook", "split", "code-0", "x", "FC-1"], "'FC-1' is not CALL:UTTERANCE"),
        (["codebook", "judge", "code-0", "FC-1", "1", "confirm"], "There is no code"),
        (["codebook", "attach", "FC-1", "1", "code-0"], "There is no code"),
        (["evidence", "nope"], "There is no call 'nope'"),
        (["evidence", "reject", "nope"], "There is no evidence 'nope'"),
        (["evidence", "add", "FC-1", "99", "--kind", "pain"], "no utterance 99"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(filled_home: Path, args: list[str], says: str) -> None:
    result = run(filled_home, *args)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["codebook", "judge", "code-0", "FC-1", "1", "maybe"],
        ["codebook", "add", "x", "--kind", "anger"],
        ["codebook", "merge", "code-0"],
        ["codebook", "split", "code-0", "x"],
        ["evidence", "add", "FC-1", "1"],
        ["evidence", "add", "FC-1", "1", "--kind", "pain", "--strength", "4"],
        ["evidence", "FC-1", "FC-2"],
    ],
)
def test_wrong_usage(filled_home: Path, args: list[str]) -> None:
    assert run(filled_home, *args).exit_code == 2


def test_help_names_the_commands() -> None:
    for group, name in (("codebook", "merge"), ("evidence", "restore")):
        shown = CliRunner().invoke(main, [group, "--help"])
        assert shown.exit_code == 0
        assert name in shown.stdout


def test_every_help_has_an_example_that_is_no_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [[n] for n in ("ask", "themes", "memo", "coverage", "codebook", "evidence")]
    for group in (codebook.codebook, evidence.evidence):
        names += [[str(group.name), name] for name in group.commands]
    monkeypatch.chdir(tmp_path)  # some of them write files
    for name in names:
        told = CliRunner().invoke(main, [*name, "--help"]).stdout
        (example,) = [line.strip() for line in told.splitlines() if "Example: " in line]
        words = shlex.split(example.removeprefix("Example: "))
        assert words[: 1 + len(name)] == ["firsthand", *name]
        done = run(tmp_path / "home", *words[1:])
        assert done.exit_code in (0, 1), done.stderr
        assert "Traceback" not in done.stderr
