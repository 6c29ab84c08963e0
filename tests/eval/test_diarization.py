"""The diarization score is the field's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.diarization import error_rate, read_rttm, score
from ingest.models import Turn
from tests.conftest import SHARED
from tests.ingest.sounds import spoken

REFERENCE = [Turn("a", 0.0, 10.0), Turn("b", 10.0, 20.0)]


def test_labels_do_not_matter() -> None:
    found = [Turn("S2", 0.0, 10.0), Turn("S1", 10.0, 20.0)]
    assert error_rate(REFERENCE, found)["der"] == 0


def test_an_edge_within_the_collar_is_free() -> None:
    found = [Turn("x", 0.1, 10.1), Turn("y", 10.1, 19.9)]
    assert error_rate(REFERENCE, found)["der"] == 0


def test_each_kind_of_error_is_counted() -> None:
    found = [Turn("x", 0.0, 5.0), Turn("y", 10.0, 16.0), Turn("x", 16.0, 25.0)]
    rates = error_rate(REFERENCE, found)
    assert rates["missed"] == pytest.approx(0.25, abs=0.01)
    assert rates["confused"] == pytest.approx(0.2, abs=0.01)
    assert rates["false_alarm"] == pytest.approx(0.25, abs=0.01)
    assert rates["der"] == pytest.approx(sum(rates[k] for k in rates if k != "der"))


def test_a_recording_beside_its_reference(tmp_path: Path) -> None:
    rttm = tmp_path / "reader.rttm"
    rttm.write_text("SPEAKER reader 1 0.500 43.300 <NA> <NA> dickens <NA> <NA>\n", "utf-8")
    assert read_rttm(rttm) == [Turn("dickens", 0.5, 43.8)]
    found = score(spoken("two_cities.wav"), rttm)
    assert (found.speakers, found.found) == (1, 1)
    assert found.confused == 0
    assert 0 < found.der < 0.3


@pytest.mark.skipif(not (SHARED / "audio").is_dir(), reason="no shared audio on this machine")
def test_a_real_conversation() -> None:
    folder = SHARED / "audio"
    found = score(folder / "sim-c1.flac", folder / "sim-c1.rttm")
    assert found.found == found.speakers == 2
    assert found.der <= 0.04
