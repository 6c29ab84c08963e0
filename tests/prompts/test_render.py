"""Prompts are files; all their variables are required, and values are never templates."""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template

import pytest

import prompts

FOLDER = Path(prompts.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_is_a_valid_template(name: str) -> None:
    template = Template((FOLDER / f"{name}.md").read_text("utf-8"))
    assert template.is_valid()
    wanted = template.get_identifiers()
    text = prompts.render(name, **{variable: f"<{variable}>" for variable in wanted})
    for variable in wanted:
        assert f"<{variable}>" in text


def test_values_are_put_in_as_they_are() -> None:
    assert "{a} $names ${b} $$" in prompts.render("transcribe", names="{a} $names ${b} $$")


def test_a_missing_and_an_unknown_variable() -> None:
    with pytest.raises(ValueError, match="missing \\['names'\\], unknown \\['extra'\\]"):
        prompts.render("transcribe", extra="x")


@pytest.mark.parametrize("name", ["../README", "transcribe.md", "", "a/b"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a prompt"):
        prompts.render(name)


def test_the_digest_is_that_of_the_file() -> None:
    data = (FOLDER / "transcribe.md").read_bytes()
    assert prompts.digest("transcribe") == hashlib.sha256(data).hexdigest()
