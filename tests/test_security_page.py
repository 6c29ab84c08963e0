"""``docs/security.md``: every file and test that it names is there."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
FILES = sorted(
    set(re.findall(r"`((?:tests|service|ingest|prompts|eval|docs)/[\w/.]+\.\w+)`", PAGE))
)


def test_it_names_some() -> None:
    assert len(TESTS) > 30
    assert len(FILES) > 10
    assert len(re.findall(r"test_\w+`", PAGE)) == len(re.findall(r"\.py::test_\w+`", PAGE))


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_test_it_names_is_there(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", FILES)
def test_a_file_it_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
