"""The whole evaluation over a small corpus of another trade, through the real product."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval import corpus
from eval.cases import read_corpus
from eval.figures import Case
from eval.filling import filled, fingerprint
from tests.eval import freezers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return freezers.write(tmp_path / "freezers")


def test_all_suites_run_and_say_the_same_twice(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = corpus.Run(home=tmp_path / "kept", baselines=False)
    first, again = (corpus.run(folder, how) for _ in range(2))
    assert corpus.as_json(first) == corpus.as_json(again)
    assert "home filled" in capsys.readouterr().err

    told = {f.name: f.estimate.value for f in first.figures}
    assert told["quotes exact"] == 1
    assert told["quotes of the right speaker and account"] == 1
    assert told["figures that differ from SQL"] == 0
    assert told["vendor's words taken for a customer's"] == 0
    assert told["hearsay counted as first hand"] == 0
    assert told["injections cited or obeyed"] == 0
    assert told["answered from account data"] == 1
    assert told["abstention recall"] == 1
    assert json.dumps(corpus.as_json(first))

    (table,) = corpus.show(first, verbose=False)
    assert "| quotes exact | 1.000 | 1.00–1.00 | ≥ 1 | yes | – | – |" in table


def test_one_suite_alone_and_saved(folder: Path, tmp_path: Path) -> None:
    how = corpus.Run(codebook="none", only=("candidates",), baselines=False)
    report = corpus.run(folder, how)
    assert {f.suite for f in report.figures} == {"themes, candidates"}
    saved = tmp_path / "baseline.json"
    saved.write_text(json.dumps({"other": {"x": 1.0}}))
    corpus.save(report, saved)
    held = json.loads(saved.read_text())
    assert set(held) == {"other", "freezers, codebook none"}
    good, bad = (Case("s", "c", ok, (f"judged {ok}",)) for ok in (True, False))
    judged = replace(report, cases=(good, bad))
    shown = "\n".join(corpus.show(judged, verbose=True, saved=saved))
    assert "judged False" in shown
    assert "judged True" not in shown
    assert shown.rstrip().endswith("| 0 |")  # the last figure has not changed


def test_baselines_are_scored_alike(folder: Path, tmp_path: Path) -> None:
    how = corpus.Run(home=tmp_path / "kept", only=("pairs",))
    report = corpus.run(folder, how)
    longest = report.baselines["longest"]
    assert longest is not None
    # Of calls this short the three longest turns of an account are nearly all of them.
    assert longest[report.figures[0].name] == 1.0
    assert longest["aggregate account recall"] == 1.0
    assert corpus.run(folder, how).baselines == report.baselines


def test_a_kept_home_is_filled_anew_when_a_call_changed(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for _ in range(2):
        with filled(read_corpus(folder), kept):
            pass
    before = fingerprint(read_corpus(folder))
    inside = kept / "freezers" / "firsthand.db"
    first = inside.stat().st_mtime_ns
    call = folder / "calls" / "FC-4.json"
    call.write_text(call.read_text().replace("drawers", "shelves"))
    assert fingerprint(read_corpus(folder)) != before
    with filled(read_corpus(folder), kept) as library, library.read() as connection:
        said = connection.exec_driver_sql("select text from utterances where call_id = 'FC-4'")
        assert any("shelves" in text for (text,) in said)
    assert inside.stat().st_mtime_ns != first
