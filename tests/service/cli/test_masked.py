"""What commands print and write is masked, unless originals are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main

SAID = "Call my cell, it's 919-555-0142, or ask Lin Mori."
MASKED = "Call my cell, it's ••••••••••••, or ask Lin Mori."


def run(home: Path, *command: str) -> Result:
    done = CliRunner().invoke(main, [*command, "--home", str(home)])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture
def home(filled_home: Path) -> Path:
    run(filled_home, "correct", "FC-1", "3", SAID)
    run(filled_home, "codebook", "add", "Reach us", "--example", "Mine: 919-555-0142")
    return filled_home


COMMANDS = (
    ("show", "FC-1"),
    ("show", "FC-1", "--json"),
    ("show", "FC-1", "--format", "vtt"),
    ("show", "FC-1", "--format", "txt"),
    ("show", "FC-1", "--format", "json"),
    ("codebook", "list", "--json"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_printed(home: Path, command: tuple[str, ...]) -> None:
    shown = run(home, *command).stdout
    assert "919-555-0142" not in shown
    assert "•" * 12 in shown
    assert "919-555-0142" in run(home, *command, "--originals").stdout


def test_files_are_masked(home: Path, tmp_path: Path) -> None:
    for command in (("show", "FC-1", "--out"), ("codebook", "export")):
        for name in ("a.txt", "a.vtt") if command[0] == "show" else ("a.csv", "a.yaml"):
            out = tmp_path / name
            run(home, *command, str(out))
            assert "•" * 12 in out.read_text("utf-8")
            assert "919-555-0142" not in out.read_text("utf-8")
            run(home, *command, str(out), "--originals")
            assert "919-555-0142" in out.read_text("utf-8")


def test_names_and_masks_off(home: Path) -> None:
    run(home, "settings", "mask_names=Lin Mori,Noor")
    shown = run(home, "show", "FC-1").stdout
    assert "Noor" not in shown
    assert "Lin Mori" not in shown
    assert "Lin Mori, Noor" in run(home, "settings").stdout, "whoever sets it sees it"
    run(home, "settings", "mask=no")
    assert "919-555-0142" in run(home, "show", "FC-1").stdout


def test_a_masked_line_that_is_corrected_keeps_what_is_masked(home: Path) -> None:
    run(home, "correct", "FC-1", "3", MASKED.replace("Call", "Ring"))
    assert SAID.replace("Call", "Ring") in run(home, "show", "FC-1", "--json", "--originals").stdout
