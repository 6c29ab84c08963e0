from __future__ import annotations

import subprocess

import pytest

from service.cli import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
LAYOUT = (ROOT / "docs" / "layout.md").read_text("utf-8")


def test_the_tree_names_every_module() -> None:
    listed = {line.split()[0] for line in LAYOUT.splitlines() if line.startswith("  ")}
    modules = {
        path.name
        for folder in ("prompts", "ingest", "service", "eval")
        for path in (ROOT / folder).rglob("*.py")
        if "corpora" not in path.parts and "sample" not in path.parts and path.read_text("utf-8")
    }
    assert modules <= listed


def test_the_tree_names_nothing_that_is_gone() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines() or [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    names = {path.rsplit("/", 1)[-1] for path in tracked}
    tree = LAYOUT.split("```\n")[-2]
    listed = {line.split()[0] for line in tree.splitlines() if line.startswith("  ")}
    assert listed <= names


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`{name}" in README
