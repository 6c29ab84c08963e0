"""When cues become one utterance, and when they stay two."""

from __future__ import annotations

import pytest

from ingest.transcripts.cues import Cue, end_by_next, join


@pytest.mark.parametrize(
    ("first", "second", "utterances"),
    [
        (Cue("A", 0, 1, "x"), Cue("A", 1, 2, "y"), 1),
        (Cue("A", 0, 1, "x"), Cue("B", 1, 2, "y"), 2),
        (Cue("A", 0, 1, "x"), Cue("A", 3.4, 4, "y"), 1),
        (Cue("A", 0, 1, "x"), Cue("A", 3.6, 4, "y"), 2),  # a pause
        (Cue("A", 0, 61, "x."), Cue("A", 61, 62, "y"), 2),  # full, and the sentence is over
        (Cue("A", 0, 61, "x"), Cue("A", 61, 62, "y"), 1),  # full in mid-sentence
        (Cue("A", 0, 9, "x " * 99 + "x!"), Cue("A", 9, 10, "y"), 2),
        (Cue("A", 0, 9, "x " * 199 + "x"), Cue("A", 9, 10, "y"), 2),  # no sentence ever ends
        (Cue("A", None, None, "x"), Cue("A", None, None, "y"), 1),
        (Cue("A", 0, 1, ""), Cue("A", 1, 2, "y"), 1),
    ],
)
def test_join(first: Cue, second: Cue, utterances: int) -> None:
    joined = join([first, second])
    assert len(joined) == utterances
    assert " ".join(u.text for u in joined).split() == f"{first.text} {second.text}".split()


def test_times_run_from_the_first_start_to_the_last_end() -> None:
    (only,) = join([Cue("A", 1, 5, "x"), Cue("A", 2, 3, "y")])
    assert (only.start_s, only.end_s, only.text) == (1, 5, "x y")


def test_the_last_end_is_the_recordings_where_known() -> None:
    cues = [Cue("A", 0, None, "x"), Cue("B", 4, None, "a b c d e")]
    assert [cue.end_s for cue in end_by_next(cues)] == [4, 6]
    assert [cue.end_s for cue in end_by_next(cues, 9.0)] == [4, 9]
    assert [cue.end_s for cue in end_by_next(cues, 3.0)] == [4, 4]  # never before its start
