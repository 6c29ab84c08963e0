from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.excerpt import LONG, SHORT, excerpt


@given(text=st.text(min_size=1).filter(str.strip), about=st.lists(st.text(max_size=8), max_size=5))
def test_an_excerpt_is_never_empty_and_inside(text: str, about: list[str]) -> None:
    first, end = excerpt(text, about)
    assert 0 <= first < end <= len(text)
    assert text[first:end].strip() == text[first:end]


def test_a_short_utterance_is_quoted_whole() -> None:
    text = " We lose a day. Every week. "
    first, end = excerpt(text, ["day"])
    assert text[first:end] == text.strip()


def test_of_a_long_one_the_sentences_around_the_asked_words() -> None:
    filler = "And then the weather turned and nobody came to the office that day. "
    text = filler * 6 + "The invoice took nineteen days to arrive. " + filler * 6
    assert len(text.split()) > SHORT
    first, end = excerpt(text, ["invoices", "arrived"])
    part = text[first:end]
    assert part.startswith("The invoice took nineteen days")
    assert len(part.split()) <= LONG
    assert part.endswith(".")
