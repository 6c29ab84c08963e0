"""`firsthand memos`: texts and versions from the command line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from click.testing import CliRunner

from ingest.library import Library
from service.cli import main
from service.drafting import draft_and_save
from service.shapes import Filters
from tests import contract


def test_a_text_is_shown_checked_saved_and_exported(
    filled: Library, filled_home: Path, tmp_path: Path
) -> None:
    memo_id = draft_and_save(filled, filters=Filters(top=20), today=date(2026, 6, 1)).id
    file, out = tmp_path / "mine.txt", tmp_path / "mine.md"

    def run(*words: str, status: int = 0) -> str:
        ran = CliRunner().invoke(main, ["--home", str(filled_home), "memos", *words])
        assert ran.exit_code == status, ran.output
        return ran.output

    assert memo_id in run()
    file.write_text(run("show", memo_id) + "\nCustomers adore us.\n", "utf-8")
    told = run("check", memo_id, str(file), status=1)
    assert "unevidenced: Customers adore us." in told
    contract.check(
        json.loads(run("check", memo_id, str(file), "--json", status=1)), contract.FINDINGS
    )
    assert run("save", memo_id, str(file), "--base", "0", "--note", "ours") == (
        "Saved as version 1.\n"
    )
    file.write_text("# Ours\n", "utf-8")
    assert "saved meanwhile" in run("save", memo_id, str(file), "--base", "0", status=1)
    assert "{+Customers adore us.+}" in run("diff", memo_id, "0", "1")
    assert "ours" in run("versions", memo_id)
    run("export", memo_id, str(out))
    assert "not evidenced" in out.read_text("utf-8")
    assert "must be one of" in run("export", memo_id, str(tmp_path / "mine.exe"), status=1)
