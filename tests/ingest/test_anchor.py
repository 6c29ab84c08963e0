from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.anchor import Place, alike, carried, find, locate
from ingest.models import Utterance

TEXT = "Well. The door alarm goes off at night, “every night”, and nobody knows which one it is."


def cut(span: tuple[int, int] | None, text: str = TEXT) -> str | None:
    return None if span is None else text[span[0] : span[1]]


def said(*turns: tuple[str, str]) -> list[Utterance]:
    return [
        Utterance(i=i, speaker=who, start_s=None, end_s=None, text=text)
        for i, (who, text) in enumerate(turns)
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("The door alarm", "The door alarm"),
        ("the DOOR   alarm, goes", "The door alarm goes"),
        ("every night", "every night"),
        ("it is", "it is."),
        ("it is.", "it is."),
        ("arm", None),  # inside a word
        ("larm goes off at n", "larm goes off at n"),  # too long to be anything else
        ("the window alarm", None),
        ("", None),
        ("…", None),
    ],
)
def test_words_are_found_however_they_are_written(words: str, found: str | None) -> None:
    # A looser match takes the punctuation that closes the words along.
    assert (cut(find(words, TEXT)) or "").rstrip(".") == (found or "").rstrip(".")


def test_a_script_without_spaces() -> None:
    text = "警報が毎晩鳴って誰もどの冷凍庫か分からないんです"
    assert cut(find("警報が毎晩鳴って誰もどの", text), text) == "警報が毎晩鳴って誰もどの"


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_a_slice_of_whole_words_is_found_to_the_letter(text: str, a: int, b: int) -> None:
    words = text[min(a, b) : max(a, b)]
    span = find(words, text)
    if span is not None:
        assert text[span[0] : span[1]].casefold().split() or not words.split()
    if find(text, text) is not None:
        assert find(text, text) == (0, len(text))
    else:
        assert not text.strip()


def test_words_heard_a_little_otherwise() -> None:
    words = "The door alarm goes off in the night, every night, and nobody knows which it is."
    assert cut(alike(words, TEXT)) == TEXT[6:]
    assert alike("The door alarm goes off", TEXT + " The door alarms") is None  # too short to tell
    assert alike("My cat sleeps on the warm boiler all day long", TEXT) is None
    shuffled = "night every it one and off door which the alarm at goes knows nobody is well"
    assert alike(shuffled, TEXT) is None


def test_the_same_words_elsewhere_before_like_words_here() -> None:
    words = "The ice is in the freezer every single morning"
    like = "The ice was in the freezer every single morning"
    call = said(("C", like), ("V", "hm"), ("C", words), ("V", words))
    assert locate(words, call, 0) == Place(2, 0, len(words))
    assert locate(words, call[:2], 0) == Place(0, 0, len(like))
    assert locate(words, call, 3) == Place(3, 0, len(words))
    assert locate(words, call, 1, {"V"}) == Place(3, 0, len(words))
    assert locate(words, call[:3], 1, {"V"}) is None
    # A role that is guessed otherwise by now does not lose the words that stayed in their place.
    assert locate(words, call[:3], 2, {"V"}) == Place(2, 0, len(words))
    assert locate(words, call, None) == Place(2, 0, len(words))


@pytest.mark.parametrize(
    ("old", "marked", "new", "becomes"),
    [
        ("We use lark spur daily. Fine.", "lark spur", "We use Larkspur daily. Fine.", "Larkspur"),
        ("So. The a lamb rings.", "The a lamb rings.", "So. The alarm rings!", "The alarm rings!"),
        ("one two three", "two", "one three", None),
        ("one two three", "one two three", "four five", "four five"),
        ("one two three four", "two three", "one 2 3 three four", "2 3 three"),
    ],
)
def test_marked_words_go_with_a_correction(
    old: str, marked: str, new: str, becomes: str | None
) -> None:
    span = find(marked, old)
    assert span is not None
    assert cut(carried(span, old, new), new) == becomes


@given(st.text(), st.text(), st.integers(0, 20), st.integers(0, 20))
def test_carrying_never_leaves_the_text(old: str, new: str, a: int, b: int) -> None:
    span = carried((min(a, b), max(a, b)), old, new)
    assert span is None or 0 <= span[0] < span[1] <= len(new)


def test_places_are_about_the_same_words_when_half_of_the_shorter_is_in_both() -> None:
    one = Place(0, 10, 30)
    assert one.is_about(Place(0, 0, 100))
    assert one.is_about(Place(0, 20, 40))
    assert not one.is_about(Place(0, 21, 41))
    assert not one.is_about(Place(1, 10, 30))
