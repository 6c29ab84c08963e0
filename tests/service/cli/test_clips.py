"""Clips and reels on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.audio import probe
from ingest.library import Library, Options
from service.cli import main
from service.home_settings import SettingsChange, change_settings
from tests.service.recorded import recorded


@pytest.fixture
def home(filled_home: Path, filled_url: str | None) -> Iterator[Path]:
    """The filled home; nobody has it open."""
    yield filled_home
    del filled_url


@pytest.fixture
def call(home: Path, filled_url: str | None) -> str:
    library = Library(home, Options(models=home / "models", database_url=filled_url))
    made = recorded(library, "FRZ-1")
    change_settings(library, SettingsChange(mask_names=("Darkness",)))
    library.close()
    return made


def run(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args])


def test_a_clip_is_written_to_a_file(home: Path, call: str, tmp_path: Path) -> None:
    out = tmp_path / "quote.m4a"
    done = run(home, "clip", call, "2", str(out))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"Written to {out} (")
    whole = probe(out).duration_s or 0
    assert 5.4 <= whole <= 6.1
    told = run(home, "clip", call, "2", str(out), "--words", "the spring of hope", "--json")
    document = json.loads(told.stdout)
    assert document["written"] == str(out)
    assert document["note"] == ""
    assert probe(out).duration_s == pytest.approx(document["seconds"], abs=0.05)
    assert document["seconds"] < whole / 2
    # What is masked can be named only by who may see it.
    masked = run(home, "clip", call, "2", str(out), "--words", "season of Darkness")
    assert (masked.exit_code, "not in utterance 2" in masked.stderr) == (1, True)
    seen = run(home, "clip", call, "2", str(out), "--words", "season of Darkness", "--originals")
    assert seen.exit_code == 0, seen.stderr


def test_a_reel_is_written_to_a_file(home: Path, call: str, tmp_path: Path) -> None:
    film, sound = tmp_path / "reel.mp4", tmp_path / "reel.m4a"
    quotes = ("--quote", f"{call}:0", "--quote", f"{call}:2")
    done = run(home, "reel", str(film), *quotes, "--json")
    assert done.exit_code == 0, done.stderr
    assert probe(film).has_video
    plain = run(home, "reel", str(sound), *quotes, "--captions", "none")
    assert plain.exit_code == 0, plain.stderr
    assert not probe(sound).has_video
    assert not list(home.glob(".clip-*"))


def test_what_is_wrong_is_told_before_anything_is_written(
    home: Path, call: str, tmp_path: Path
) -> None:
    out, film = str(tmp_path / "quote.m4a"), str(tmp_path / "reel.mp4")
    for args, status, sentence in (
        (("clip", call, "99", out), 1, "no utterance 99"),
        (("clip", "FC-1", "1", out), 1, "no recording to cut from"),
        (("clip", call, "2", out, "--words", "tulips"), 1, "not in utterance 2"),
        (("clip", call, "2", film), 2, "end in .m4a"),
        (("reel", out, "--picks"), 2, "end in .mp4"),
        (("reel", film), 2, "one of --answer, --theme, --picks and --quote"),
        (("reel", film, "--picks", "--theme", "x"), 2, "one of --answer"),
        (("reel", film, "--picks", "--statement", "1"), 2, "go with --answer"),
        (("reel", film, "--picks"), 1, "no quote in it"),
        (("reel", film, "--quote", "LC-001"), 1, "write CALL:UTTERANCE"),
        (("reel", film, *("--quote", f"{call}:0") * 51), 1, "51 quotes; a reel has 50"),
    ):
        done = run(home, *args)
        assert (done.exit_code, sentence in done.stderr) == (status, True), (args, done.stderr)
    assert list(tmp_path.glob("*.m*")) == []
    nowhere = run(home, "clip", call, "2", str(tmp_path / "no" / "quote.m4a"))
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr
