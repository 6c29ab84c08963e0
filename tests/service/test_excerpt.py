from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.excerpt import LONG, SHORT, excerpt


@given(text=st.text(min_size=1).filter(str.strip), about=st.lists(st.text(max_size=8), max_size=5))
def test_an_excerpt_is_never_empty_and_inside(text: str, about: list[str]) -> None:
    cut = excerpt(text, about)
    if cut is None:
        assert not text.strip().isalpha()
        return
    first, end = cut
    assert 0 <= first < end <= len(text)
    assert text[first:end].strip() == text[first:end]


def part(text: str, about: list[str]) -> str:
    cut = excerpt(text, about)
    assert cut is not None
    return text[cut[0] : cut[1]]


def test_what_is_private_is_not_quoted() -> None:
    text = "Ring Moira, she guards it. 01632 960417. Tell her I said so and she'll make you wait."
    assert "960417" not in part(text, ["ring", "moira"])
    assert part("We lose it. My number is 614-555-0178.", ["lose"]) == "We lose it."
    assert excerpt("c.yardley@larchpost.example", ["mail"]) is None


def test_a_short_utterance_is_quoted_whole() -> None:
    text = " We lose a day. Every week. "
    assert part(text, ["day"]) == text.strip()


def test_of_a_long_one_the_sentences_around_the_asked_words() -> None:
    filler = "And then the weather turned and nobody came to the office that day. "
    text = filler * 6 + "The invoice took nineteen days to arrive. " + filler * 6
    assert len(text.split()) > SHORT
    found = part(text, ["invoices", "arrived"])
    assert found.startswith("The invoice took nineteen days")
    assert len(found.split()) <= LONG
    assert found.endswith(".")
