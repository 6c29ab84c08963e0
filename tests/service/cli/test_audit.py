"""Every command either is written into the audit log or only looks; and the commands about it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ingest.audit_log import FILE
from ingest.library import Library
from service.access.audit import Wanted, rows
from service.cli import main
from service.cli.audit import ACTIONS
from service.cli.audited import ACTS, LOOKS
from tests.service.cli.test_contract import document, run


def commands(of: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if path and not (isinstance(of, click.Group) and not of.invoke_without_command):
        yield " ".join(path), of
    if isinstance(of, click.Group):
        for name, command in of.commands.items():
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_written_or_only_looks(name: str) -> None:
    assert (name in ACTS) != (name in LOOKS), f"say in service/cli/audited.py what {name!r} does"


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_takes_the_place_of_another(name: str) -> None:
    names = [parameter.name for parameter in COMMANDS[name].params]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted([*ACTS, *LOOKS]))
def test_what_is_said_of_a_command_is_of_one_that_there_is(name: str) -> None:
    parameters = {parameter.name for parameter in COMMANDS[name].params}
    if act := ACTS.get(name):
        named = {act.subject, act.counts, act.unless, act.user, *act.when} - {""}
        assert named <= parameters
        assert act.action in ACTIONS


def told(home: Library) -> list[tuple[str, str, str, str]]:
    return [(r.action, r.kind, r.subject, r.result) for r in reversed(rows(home, Wanted()))]


def test_what_changes_and_what_takes_along_is_written(filled: Library, tmp_path: Path) -> None:
    home = filled.home
    for args in (
        ("calls",),  # looks
        ("settings",),  # looks, too
        ("settings", "top=7"),
        ("ask", "What do customers need?"),
        ("codebook", "add", "Freezer ice"),
        ("codebook", "export", str(tmp_path / "codes.csv")),
        ("show", "FC-1", "--out", str(tmp_path / "call.txt")),
        ("accounts", "book", "FRZ-1", "2030-01-01"),
        ("delete", "FC-2"),
    ):
        assert run(home, *args).exit_code == 0, args
    assert told(filled) == [
        ("change", "settings", "", "allowed"),
        ("ask", "question", "", "allowed"),
        ("add", "code", "", "allowed"),
        ("export", "codebook", "", "allowed"),
        ("export", "call", "FC-1", "allowed"),
        ("change", "booking", "FRZ-1", "allowed"),
        ("delete", "call", "FC-2", "allowed"),
    ]
    assert {row.via for row in rows(filled, Wanted())} == {"machine"}


def test_what_fails_is_written_as_failed(filled: Library) -> None:
    assert run(filled.home, "delete", "FC-9").exit_code == 1
    assert told(filled) == [
        ("delete", "call", "unknown", "allowed"),  # it could be any word
        ("delete", "call", "unknown", "failed"),
    ]


def test_no_word_that_anybody_said_or_typed_is_in_the_log(filled: Library) -> None:
    home = filled.home
    run(home, "ask", "What about Marlowe and the xylophones?")
    run(home, "codebook", "add", "Xylophones", "--definition", "xylophones everywhere")
    run(home, "codebook", "pin", "Xylophones")
    run(home, "delete", "the xylophones")
    held = b"".join(path.read_bytes() for path in home.glob(f"{FILE}*"))
    assert len(rows(filled, Wanted())) >= 4
    for word in (b"ylophone", b"Marlowe"):
        assert word not in held


def test_what_cannot_be_written_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIRSTHAND_DATABASE_URL", raising=False)  # it is a file only without
    home = tmp_path / "home"
    (home / FILE).mkdir(parents=True)
    refused = run(home, "settings", "top=7")
    assert (refused.exit_code, "so nothing is done" in refused.stderr) == (1, True)
    settings = document(home, "settings")
    assert isinstance(settings, dict)
    assert settings["top"] == 20


def test_the_log_is_listed_checked_and_exported(filled: Library, tmp_path: Path) -> None:
    home = filled.home
    assert "nothing in the log" in run(home, "audit").stdout
    run(home, "settings", "top=7")
    run(home, "ask", "What do customers need?")
    listed = run(home, "audit").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["2", "1"]
    assert "change settings" in listed[1]
    assert len(run(home, "audit", "--action", "ask").stdout.splitlines()) == 1
    assert "nothing" in run(home, "audit", "--who", "nobody-at-all").stdout
    assert "nothing" in run(home, "audit", "--until", "2020-01-01").stdout

    checked = document(home, "audit", "check")
    assert isinstance(checked, dict)
    assert (checked["rows"], checked["wrong"]) == (2, None)
    assert run(home, "audit", "check", checked["head"]).exit_code == 0
    later = f"7:{checked['head'].partition(':')[2]}"
    gone = run(home, "audit", "check", later)
    assert (gone.exit_code, "Row 7 was noted and is gone" in gone.stderr) == (1, True)
    assert run(home, "audit", "check", "seven").exit_code == 2

    file = tmp_path / "log.csv"
    assert run(home, "audit", "export", str(file)).exit_code == 0
    lines = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [line["action"] for line in lines] == ["change", "ask", "export"]
    again = run(home, "audit", "export", str(file))
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    assert run(home, "audit", "export", str(tmp_path / "log.xls")).exit_code == 2


def test_a_restored_home_begins_with_the_log_that_came_back(
    filled: Library, tmp_path: Path
) -> None:
    home = filled.home
    run(home, "settings", "top=7")
    assert run(home, "backup", str(tmp_path / "a.zip")).exit_code == 0
    before = told(filled)
    assert before[-1] == ("export", "home", "", "allowed")
    there = tmp_path / "there"
    assert run(there, "restore", str(tmp_path / "gone.zip")).exit_code == 1
    assert run(there, "restore", str(tmp_path / "a.zip")).exit_code == 0
    listed = document(there, "audit")
    assert isinstance(listed, list)
    assert [row["kind"] for row in listed] == ["home", "home", "settings"]
    assert (listed[0]["action"], listed[0]["result"]) == ("add", "done")
    assert run(there, "audit", "check").exit_code == 0
