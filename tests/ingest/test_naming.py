"""Whose words are meant: names in a question, as people write them."""

import pytest

from ingest.naming import named

NAMES = ["Eluned Morgan AM", "Julie Morgan", "Industrial Designer", "Grad B", "Grad D", "May Chen"]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What did Eluned Morgan say?", {"Eluned Morgan AM"}),
        ("What did julie morgan say?", {"Julie Morgan"}),
        ("What did Morgan say?", {"Eluned Morgan AM", "Julie Morgan"}),
        ("What did the industrial designer want?", {"Industrial Designer"}),
        ("Which designer was meant?", set()),
        ("What did Grad B propose?", {"Grad B"}),
        ("What happened in May?", set()),
        ("What did Chen say in May?", {"May Chen"}),
        ("Julie's and Chen's views", {"Julie Morgan", "May Chen"}),
        ("", set()),
    ],
)
def test_speakers_named(question: str, meant: set[str]) -> None:
    assert set(named(question, NAMES)) == meant


def test_titles_and_asides_are_no_names() -> None:
    assert named("What did Mr. Bains say?", ["Hon. Navdeep Bains (Mississauga, Lib.)"])
    assert not named(
        "What did the Hon. Minister say in Mississauga?", ["Hon. Navdeep (Mississauga)"]
    )
