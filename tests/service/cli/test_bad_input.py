"""All that can be wrong with a file, in one folder: each gets its sentence, one good goes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.io import wavfile

from ingest.audio import encode
from ingest.models import RATE, Samples
from service.cli import main
from tests import corpus


def tone(seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.1 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)[None]


def truncated_mp4(path: Path) -> None:
    encode(path, iter([tone(20)]), kind="aac")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])


def video_without_sound(path: Path) -> None:
    import av

    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for n in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            frame.pts, frame.time_base = n, Fraction(1, 5)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def nan_samples(path: Path) -> None:
    sound = tone(5)[0]
    sound[RATE : 2 * RATE] = np.nan
    wavfile.write(path, RATE, sound)


def sparse_giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000_000)


def json_call(**changes: object) -> Callable[[Path], None]:
    return lambda path: _ignore(path.write_text(json.dumps({**corpus.call("FC-2"), **changes})))


def text(content: str) -> Callable[[Path], None]:
    return lambda path: _ignore(path.write_text(content, "utf-8"))


def _ignore(_written: int) -> None:
    """``write_text`` returns a count that nobody needs."""


@dataclass(frozen=True)
class Bad:
    name: str
    make: Callable[[Path], None]
    says: str


BAD = (
    Bad("empty.wav", lambda path: path.touch(), "is empty"),
    Bad("text.mp3", text("this is not sound at all\n" * 50), "cannot be read as a recording"),
    Bad("truncated.mp4", truncated_mp4, "incomplete"),
    Bad("mute.mp4", video_without_sound, "without sound"),
    Bad("blip.wav", lambda p: wavfile.write(p, RATE, tone(0.2)[0]), "0.2"),
    Bad("silence.ogg", lambda p: encode(p, (0 * tone(60) for _ in range(10))), "No speech"),
    Bad("nan.wav", nan_samples, "numbers"),
    Bad("giant.wav", sparse_giant, "over the limit"),
    Bad("nobody.vtt", text("WEBVTT\n\n00:00.000 --> 00:02.000\nHello there.\n"), "speak"),
    Bad(
        "times.vtt", text("WEBVTT\n\n00:05.000 --> 00:02.000\nAna: Hi.\n"), "ends before it starts"
    ),
    Bad("half.json", text('{"call_id": "X-1", "utterances": [{"i": 0,'), "JSON"),
    Bad("escape.json", json_call(call_id="../../x"), "../../x"),
    Bad("account.json", json_call(call_id="X-2", account_id="NOBODY"), "no account 'NOBODY'"),
    Bad("day.json", json_call(call_id="X-3", date="2026-13-45"), "2026-13-45"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The home and what `firsthand add FOLDER --json` said, run once over all of them."""
    folder = tmp_path_factory.mktemp("in")
    home = tmp_path_factory.mktemp("home")
    for bad in BAD:
        bad.make(folder / bad.name)
    (folder / "good.md").write_text("Ana: We lose a day every week.\n\nBo: How come?\n", "utf-8")
    result = CliRunner().invoke(main, ["--home", str(home), "add", str(folder), "--json"])
    assert result.exit_code == 1, result.stderr
    assert "Traceback" not in result.stderr
    return home, json.loads(result.stdout)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_each_bad_file_gets_one_clear_sentence(
    told: tuple[Path, dict[str, object]], bad: Bad
) -> None:
    errors = told[1]["errors"]
    assert isinstance(errors, list)
    sentences = [e["error"] for e in errors if Path(e["file"]).name == bad.name]
    assert len(sentences) == 1
    assert bad.says in sentences[0]
    assert bad.name in sentences[0]
    assert "\n" not in sentences[0]


def test_the_good_file_went_in_and_nothing_else_is_left(
    told: tuple[Path, dict[str, object]],
) -> None:
    home, outcome = told
    calls = outcome["calls"]
    assert isinstance(calls, list)
    assert [c["title"] for c in calls] == ["good"]
    listed = CliRunner().invoke(main, ["--home", str(home), "calls", "--json"])
    assert len(json.loads(listed.stdout)) == 1
    assert len([p for p in (home / "media").rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    ("csv", "says"),
    [
        ("account_id,arr_usd\nA,1\n", "name"),
        ("account_id,name\nA,One\nA,Two\n", "A"),
        ("account_id,name,arr_usd\nA,One,lots\n", "lots"),
        ("account_id,name,renewal_date\nA,One,soon\n", "soon"),
        ("account_id,name\n../../x,One\n", "../../x"),
        ("", "empty"),
    ],
)
def test_a_bad_accounts_file_changes_nothing(tmp_path: Path, csv: str, says: str) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(csv, "utf-8")
    home = str(tmp_path / "home")
    result = CliRunner().invoke(main, ["--home", home, "accounts", "import", str(path)])
    assert result.exit_code == 1
    assert says in result.stderr
    listed = CliRunner().invoke(main, ["--home", home, "accounts", "--json"])
    assert json.loads(listed.stdout) == []
