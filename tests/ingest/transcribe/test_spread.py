"""Times for words that came without."""

from __future__ import annotations

import pytest

from ingest.models import Word
from ingest.transcribe.spread import on_clock, spread


def test_words_are_as_long_as_their_letters() -> None:
    words = spread(["a", "bbb", "c"], [(10.0, 18.0)], 0.5)
    assert [(w.start_s, w.end_s) for w in words] == [(10.0, 12.0), (12.0, 16.0), (16.0, 18.0)]
    assert {w.confidence for w in words} == {0.5}


def test_no_word_lies_across_a_pause() -> None:
    spans = [(0.0, 2.0), (10.0, 13.0), (20.0, 21.0)]
    words = spread("the quick brown fox jumps over the lazy dog".split(), spans, 1.0)
    assert len(words) == 9
    for word in words:
        assert any(a - 1e-9 <= word.start_s <= word.end_s <= b + 1e-9 for a, b in spans)
    assert [w.start_s for w in words] == sorted(w.start_s for w in words)


@pytest.mark.parametrize(
    ("texts", "spans"), [([], [(0.0, 1.0)]), (["a"], []), (["a"], [(1.0, 1.0)])]
)
def test_nothing_to_spread(texts: list[str], spans: list[tuple[float, float]]) -> None:
    assert spread(texts, spans, 1.0) == []


def test_punctuation_comes_back_to_timed_words() -> None:
    timed = [Word("Hello", 1.0, 1.4, 0.9), Word("how", 2.0, 2.2, 0.8), Word("are", 2.2, 2.4, 0.7)]
    words = on_clock(["Hello,", "how", "are"], timed)
    assert [w.text for w in words] == ["Hello,", "how", "are"]
    assert [(w.start_s, w.end_s, w.confidence) for w in words] == [
        (w.start_s, w.end_s, w.confidence) for w in timed
    ]


def test_words_the_list_writes_otherwise_share_its_time() -> None:
    timed = [Word("it", 0.0, 0.2, 1.0), Word("costs", 0.2, 0.6, 1.0), Word("20", 0.6, 1.6, 0.5)]
    words = on_clock(["It", "costs", "twenty", "dollars."], timed)
    assert [w.text for w in words] == ["It", "costs", "twenty", "dollars."]
    assert words[2].start_s == pytest.approx(0.6)
    assert words[3].end_s == pytest.approx(1.6)
    assert words[2].confidence == 0.5


def test_words_without_any_times() -> None:
    words = on_clock(["Hello", "there"], [])
    assert [w.text for w in words] == ["Hello", "there"]
