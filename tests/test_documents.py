"""The documents: what is written from the code is up to date, and the site builds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eval.reference import pages
from tests.conftest import ROOT

PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_a_page_that_is_written_from_the_code_is_as_the_code_is(name: str, text: str) -> None:
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == text, f"docs/{name} is of an earlier day: run `python -m eval reference`"


def test_the_site_builds_and_fetches_nothing(tmp_path: Path) -> None:
    built = subprocess.run(
        [str(Path(sys.executable).with_name("mkdocs")), "build", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    for page in tmp_path.rglob("*.html"):
        fetched = re.findall(
            r"<(?:script|img|link)[^>]+(?:src|href)=\"?(https?:[^\"> ]+)", page.read_text()
        )
        assert [one for one in fetched if "canonical" not in one] == [], page


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_found(name: str) -> None:
    assert f": {name}\n" in (ROOT / "mkdocs.yml").read_text("utf-8")
