"""The measure of retrieval: what counts as found, under which group, with which interval."""

import json
from pathlib import Path

import pytest

from eval.retrieval import Outcome, Question, domain, read_qmsum, reading, run, share, table
from ingest.search import Hit

TURNS = [
    ("Project Manager", "Welcome everyone to the kick-off of the remote control {vocalsound} ."),
    ("Marketing", "Our survey says that people lose their remote control in the sofa ."),
    ("Project Manager", "And the batteries ?"),
    ("Industrial Designer", "Batteries should last two years , or be solar cells ."),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    asked = [("What did Industrial Designer say about batteries?", [["3", "3"]])]
    meeting = {
        "meeting_transcripts": [{"speaker": s, "content": c} for s, c in TURNS],
        "specific_query_list": [
            {"query": q, "answer": "", "relevant_text_span": spans} for q, spans in asked
        ],
    }
    path = tmp_path / "val.jsonl"
    path.write_text(json.dumps(meeting) + "\n")
    return path


def test_a_file_is_asked_beside_the_baseline(file: Path, tmp_path: Path) -> None:
    (outcome,) = run(file, tmp_path / "home")
    assert (outcome.share, outcome.naive, outcome.rank) == (1.0, 1.0, 0)
    assert outcome.question.group == "product"
    assert [o.rank for o in run(file, tmp_path / "home")] == [0]  # from the home that was kept


def test_transcribers_marks_are_no_words(file: Path) -> None:
    ((_, utterances, _),) = read_qmsum(file).calls
    assert utterances[0].text == "Welcome everyone to the kick-off of the remote control."


@pytest.mark.parametrize(
    ("names", "group"),
    [
        (["Marketing", "Project Manager"], "product"),
        (["Grad B", "Professor C"], "academic"),
        (["Lynne Neagle AM", "The Chair"], "committee"),
    ],
)
def test_the_domain_follows_from_what_speakers_are_called(names: list[str], group: str) -> None:
    assert domain(names) == group


def test_the_share_counts_words_of_gold() -> None:
    words = {("c", 0): 30, ("c", 1): 10, ("c", 2): 5}
    assert share([("c", 0), ("c", 1)], {("c", 1): 10, ("c", 2): 5}, words) == 0.25
    assert share([("c", 0)], {("c", 0): 15}, words) == 0.5
    assert share([("c", 0)], {}, words) == 0.0


def test_reading_takes_whole_utterances_up_to_a_thousand_words() -> None:
    words = {("c", 0): 600, ("c", 1): 500, ("c", 2): 400, ("c", 3): 0}
    weak = Hit("c", 1, 9.0, 1, 1, 0.0, 0.0, stretch=0.1)
    strong = Hit("c", 0, 1.0, 0, 3, 0.0, 0.0, stretch=0.9)
    assert reading([weak, strong], words) == {("c", 0): 600, ("c", 2): 400}


def test_the_table_has_a_row_for_each_group() -> None:
    told = [
        Outcome(Question("q", None, frozenset(), group), found, rank, 0.01, naive)
        for group, found, rank, naive in (
            ("product", 1.0, 0, 0.5),
            ("product", 0.5, 3, 0.5),
            ("committee", 0.0, None, 0.5),
        )
    ]
    lines = table(told).splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:5]] == [
        ["| all", "3"],
        ["| product", "2"],
        ["| committee", "1"],
    ]
    assert "0.750 (0.500–1.000) | 0.500 (0.500–0.500) | 1.500 (1.000–2.000)" in lines[3]
    assert "0.500 (0.000–1.000) | 1.000 (1.000–1.000) |" in lines[3]
