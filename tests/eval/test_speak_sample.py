import json
from pathlib import Path

import pytest

from eval.speak_sample import LARKSPUR, TAKES, main


def test_without_the_voices_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([str(tmp_path / "out")]) == 1
    assert "apt-get install flite festival festvox-us-slt-hts" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_every_speaker_has_a_voice_of_their_own() -> None:
    for take in TAKES:
        call = json.loads((LARKSPUR / "calls" / f"{take.call_id}.json").read_bytes())
        assert set(take.cast) == {u["speaker"] for u in call["utterances"]}
        voices = [(v.name, v.shift) for v in take.cast.values()]
        assert len(set(voices)) == len(voices)
