"""A question over more calls takes no more than it may."""

from pathlib import Path

from eval import tokens


def test_what_a_question_takes_is_bounded(tmp_path: Path) -> None:
    for _ in range(2):  # the home is kept, and what was asked of it counts once more
        told = {f.name: f for f in tokens.measure(tmp_path / "home", 30, rounds=1)}
        most = told["tokens: a question over 30 calls, most"]
        assert 8_000 < most.value < tokens.MOST == most.target
        assert told["tokens: a question over 30 calls, mean"].value < most.value
