import json
import os
import subprocess
import sys
from pathlib import Path

from eval.speak_sample import LARKSPUR, TAKES

ROOT = Path(__file__).parents[2]


def test_without_the_voices_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eval.speak_sample", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "apt-get install flite festival festvox-us-slt-hts" in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_speaker_has_a_voice_of_their_own() -> None:
    for take in TAKES:
        call = json.loads((LARKSPUR / "calls" / f"{take.call_id}.json").read_bytes())
        assert set(take.cast) == {u["speaker"] for u in call["utterances"]}
        voices = [(v.name, v.shift) for v in take.cast.values()]
        assert len(set(voices)) == len(voices)
