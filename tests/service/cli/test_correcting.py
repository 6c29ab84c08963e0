"""Commands on one call: correct and take back, write to a file, what is said before deleting."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests import contract
from tests.service.api.test_one_call import CORRECTION
from tests.service.cli.test_contract import document, run


def test_an_utterance_is_corrected_restored_and_taken_back(filled_home: Path) -> None:
    fix = ("correct", "FC-2", "1", "It rings.", "--new-speaker", "Olu Bright:customer")
    now = document(filled_home, *fix)
    assert isinstance(now, dict)
    assert (now["text"], now["speaker"], now["original_speaker"]) == (
        "It rings.",
        "P1",
        "Greta Lind",
    )
    restored = document(filled_home, "correct", "FC-2", "1", "--restore")
    assert isinstance(restored, dict)
    assert (restored["original"], restored["speaker"]) == (None, "Greta Lind")
    listed = document(filled_home, "correct", "FC-2")
    contract.check(listed, contract.arr(CORRECTION, least=2))
    assert isinstance(listed, list)
    assert document(filled_home, "correct", "FC-2", "--undo") == {"undone": listed[0]["what"]}
    shown = document(filled_home, "show", "FC-2")
    assert isinstance(shown, dict)
    assert shown["utterances"][1] == now
    assert shown["undo"]["what"] == listed[1]["what"]


def test_words_are_restored_whose_speaker_was_merged_away(filled_home: Path) -> None:
    document(filled_home, "correct", "FC-2", "1", "It rings.", "--speaker", "Ida Kern")
    document(filled_home, "speakers", "FC-2", "--merge", "Greta Lind=Ida Kern")
    restored = document(filled_home, "correct", "FC-2", "1", "--restore")
    assert isinstance(restored, dict)
    assert (restored["original"], restored["speaker"]) == (None, "Ida Kern")


def test_two_speakers_become_one(filled_home: Path) -> None:
    voices = document(filled_home, "speakers", "FC-2", "--merge", "Ida Kern=Greta Lind")
    assert isinstance(voices, list)
    assert [v["label"] for v in voices] == ["Greta Lind"]


def test_people_read_what_was_done(filled_home: Path) -> None:
    assert "Nothing was corrected" in run(filled_home, "correct", "FC-2").stdout
    said = run(filled_home, "correct", "FC-2", "1", "It rings.", "--speaker", "Ida Kern").stdout
    assert said.startswith("[1] Ida Kern: It rings.\nheard as: Every week")
    assert "heard from: Greta Lind" in said
    assert "The text of utterance 1" in run(filled_home, "correct", "FC-2").stdout
    assert run(filled_home, "correct", "FC-2", "--undo").stdout.startswith("Taken back: The text")


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        (["correct", "FC-2", "1"], 2, "--restore"),
        (["correct", "FC-2", "--speaker", "x"], 2, "number of the utterance"),
        (["correct", "FC-2", "1", "--undo"], 2, "--undo"),
        (["correct", "FC-2", "1", "x", "--restore"], 2, "alone"),
        (["correct", "FC-2", "99", "x"], 1, "no utterance 99"),
        (["correct", "FC-2", "99", "--restore"], 1, "no utterance 99"),
        (["correct", "FC-2", "1", "--new-speaker", "Olu:boss"], 1, "customer or internal"),
        (["correct", "FC-2", "1", "--new-speaker", ":customer"], 1, "has no name"),
        (["correct", "FC-2", "--undo"], 1, "no correction"),
        (["correct", "FC-99"], 1, "no call"),
        (["speakers", "FC-2", "--merge", "x"], 1, "LABEL=INTO"),
        (["speakers", "FC-2", "--merge", "S9=Ida Kern"], 1, "no speaker 'S9'"),
        (["show", "FC-2", "--out", "call.exe"], 2, ".vtt, .txt or .json"),
        (["show", "FC-2", "--out", "/nowhere/call.txt"], 1, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(
    filled_home: Path, args: list[str], status: int, says: str
) -> None:
    result = run(filled_home, *args)
    assert (result.exit_code, says in result.stderr) == (status, True)
    assert "Traceback" not in result.stderr


def test_a_call_is_written_to_a_file_and_added_again(filled_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "call.json"
    assert document(filled_home, "show", "FC-2", "--out", str(out)) == {"written": str(out)}
    other = tmp_path / "other"
    (tmp_path / "a.csv").write_text("account_id,name\nFRZ-2,Pinecrest Clinics\n", "utf-8")
    document(other, "accounts", "import", str(tmp_path / "a.csv"))
    document(other, "add", str(out))
    one, two = (document(home, "show", "FC-2") for home in (filled_home, other))
    assert isinstance(one, dict)
    assert isinstance(two, dict)
    assert two["utterances"] == one["utterances"]
    printed = run(filled_home, "show", "FC-2", "--format", "vtt").stdout
    assert printed.startswith("WEBVTT")


def test_in_a_terminal_deleting_says_what_goes_and_asks(filled_home: Path) -> None:
    def delete(answer: bytes, *more: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "service.cli", "--home", str(filled_home), "delete"]
        with subprocess.Popen(
            [*command, "FC-2", *more], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as asked:
            os.close(theirs)
            os.write(ours, answer)
            _, said = asked.communicate(timeout=120)
        os.close(ours)
        return asked.returncode, said.decode()

    status, said = delete(b"n\n")
    assert status == 1
    assert "7 utterances" in said
    assert json.loads(run(filled_home, "show", "FC-2", "--json").stdout)["call_id"] == "FC-2"
    assert delete(b"y\n") == (0, said.replace("Aborted!\n", ""))
    assert run(filled_home, "show", "FC-2").exit_code == 1
