"""Words and turns become utterances that a person would have cut the same way."""

from __future__ import annotations

import random

import pytest

from ingest.align import LONGEST_S, LONGEST_WORDS, align, align_channels, align_told
from ingest.models import Turn, Utterance, Word


def said(text: str, start_s: float, *, pace_s: float = 0.3, confidence: float = 0.9) -> list[Word]:
    """Words at an even pace, one after the other."""
    return [
        Word(word, start_s + i * pace_s, start_s + (i + 1) * pace_s - 0.05, confidence)
        for i, word in enumerate(text.split())
    ]


def told(utterances: list[Utterance]) -> list[tuple[str, str]]:
    return [(u.speaker, u.text) for u in utterances]


QUESTION = said("How do you export it today?", 0.0)  # to 1.75 s
ANSWER = said("By hand, every single Friday.", 2.0)  # to 3.45 s


def test_a_question_and_an_answer() -> None:
    found = align(QUESTION + ANSWER, [Turn("S1", 0.0, 1.8), Turn("S2", 1.95, 3.5)])
    assert told(found) == [
        ("S1", "How do you export it today?"),
        ("S2", "By hand, every single Friday."),
    ]
    assert [(u.i, u.start_s, u.end_s, u.confidence) for u in found] == [
        (0, 0.0, 1.75, 0.9),
        (1, 2.0, 3.45, 0.9),
    ]


@pytest.mark.parametrize("late_s", [-0.5, -0.3, 0.3, 0.5])
def test_an_inexact_turn_does_not_cut_off_a_word_of_the_sentence(late_s: float) -> None:
    edge = 1.85 + late_s
    found = align(QUESTION + ANSWER, [Turn("S1", 0.0, edge), Turn("S2", edge, 3.5)])
    assert told(found) == [
        ("S1", "How do you export it today?"),
        ("S2", "By hand, every single Friday."),
    ]


def test_a_real_interruption_stands() -> None:
    cut_off = said("we would have to ask the other", 0.0)
    no = said("No, we decided that last week already.", 2.2)
    found = align(cut_off + no, [Turn("S1", 0.0, 2.1), Turn("S2", 2.15, 4.4)])
    assert told(found) == [
        ("S1", "we would have to ask the other"),
        ("S2", "No, we decided that last week already."),
    ]


def test_a_short_answer_of_its_own_is_kept() -> None:
    words = [*said("Is it slow?", 0.0), *said("Yes.", 1.2), *said("Since when is that?", 2.0)]
    turns = [Turn("S1", 0.0, 0.9), Turn("S2", 1.1, 1.6), Turn("S1", 1.9, 3.3)]
    assert told(align(words, turns)) == [
        ("S1", "Is it slow?"),
        ("S2", "Yes."),
        ("S1", "Since when is that?"),
    ]


def test_a_backchannel_does_not_break_a_sentence() -> None:
    words = [
        *said("and then we print it", 0.0),
        *said("Mm-hm.", 1.9),
        *said("and carry it across the yard.", 2.6),
    ]
    turns = [Turn("S1", 0.0, 1.5), Turn("S2", 1.85, 2.3), Turn("S1", 2.55, 4.4)]
    assert told(align(words, turns)) == [
        ("S1", "and then we print it and carry it across the yard."),
        ("S2", "Mm-hm."),
    ]


def test_a_monologue_is_cut_at_its_sentences() -> None:
    sentence = "The export breaks every other Friday and nobody on the team can say why."
    words = said(" ".join([sentence] * 30), 0.0)
    found = align(words, [Turn("S1", 0.0, words[-1].end_s)])
    assert len(found) > 3
    assert " ".join(u.text for u in found) == " ".join([sentence] * 30)
    for u in found:
        assert u.text.endswith(".")
        assert u.start_s is not None
        assert u.end_s is not None
        assert len(u.text.split()) <= LONGEST_WORDS
        assert u.end_s - u.start_s <= LONGEST_S


def test_words_without_any_stop_are_cut_all_the_same() -> None:
    found = align(said("word " * 400, 0.0), [])
    assert max(len(u.text.split()) for u in found) <= LONGEST_WORDS
    assert {u.speaker for u in found} == {"S1"}


def test_a_long_silence_ends_an_utterance() -> None:
    words = said("One moment please.", 0.0) + said("Here it is.", 6.0)
    assert [u.text for u in align(words, [Turn("S1", 0.0, 7.0)])] == [
        "One moment please.",
        "Here it is.",
    ]


def test_times_never_run_backwards_and_nothing_is_lost() -> None:
    rng = random.Random(7)
    words = [
        Word(rng.choice(["yes", "no.", "well,", " ", "so"]), i * 0.3 - 0.4 + rng.random(), 0.0, 0.5)
        for i in range(300)
    ]
    turns = [Turn(rng.choice(["S1", "S2", "S3"]), t, t + rng.random()) for t in range(90)]
    found = align(words, turns)
    assert [u.i for u in found] == list(range(len(found)))
    starts = [u.start_s for u in found if u.start_s is not None]
    assert starts == sorted(starts)
    assert min(starts) >= 0
    assert all(u.end_s is not None and u.end_s >= (u.start_s or 0) for u in found)
    heard = sorted(w.text for w in words if w.text.strip())
    assert sorted(" ".join(u.text for u in found).split()) == heard


def test_nothing_said_is_no_utterance() -> None:
    assert align([], [Turn("S1", 0.0, 1.0)]) == []
    assert align_channels([[], []]) == []


def test_channels_are_speakers() -> None:
    left = QUESTION + said("I see.", 4.0)
    found = align_channels([left, ANSWER])
    assert told(found) == [
        ("S1", "How do you export it today?"),
        ("S2", "By hand, every single Friday."),
        ("S1", "I see."),
    ]


def test_a_backchannel_on_the_other_channel_leaves_the_story_whole() -> None:
    story = said("We print it. Then we carry it over. Then somebody types it in.", 0.0)
    found = align_channels([story, said("Right.", 1.4)])
    assert sorted(told(found)) == [
        ("S1", "We print it. Then we carry it over. Then somebody types it in."),
        ("S2", "Right."),
    ]


def test_an_answer_on_the_other_channel_divides_the_story() -> None:
    left = said("We print it.", 0.0) + said("Then we carry it over.", 4.0)
    right = said("And how long does that take you?", 1.2)
    assert [speaker for speaker, _ in told(align_channels([left, right]))] == ["S1", "S2", "S1"]


def test_the_right_side_may_begin() -> None:
    assert told(align_channels([said("Hello?", 2.0), said("Good morning.", 0.0)])) == [
        ("S2", "Good morning."),
        ("S1", "Hello?"),
    ]


def test_told_speakers_are_kept() -> None:
    words = said("so what do you think", 0.0) + said("fine by me I suppose", 2.0)
    words += said("good", 4.5)
    speakers = ["b"] * 5 + ["a"] * 5 + ["b"]
    assert told(align_told(words, speakers)) == [
        ("b", "so what do you think"),
        ("a", "fine by me I suppose"),
        ("b", "good"),
    ]


def test_told_speech_that_overlaps_is_not_shredded() -> None:
    story = said("we moved everything over to the new system in spring", 0.0)
    aside = said("all of it in one go", 1.0)
    found = align_told(story + aside, ["a"] * len(story) + ["b"] * len(aside))
    assert [speaker for speaker, _ in told(found)] == ["a", "b"]
    assert [u.i for u in found] == [0, 1]


def test_a_told_backchannel_does_not_break_a_sentence() -> None:
    words = said("and then we", 0.0) + said("Mm-hm.", 1.0) + said("moved.", 1.2)
    assert told(align_told(words, ["a"] * 3 + ["b"] + ["a"])) == [
        ("a", "and then we moved."),
        ("b", "Mm-hm."),
    ]


def test_nothing_told() -> None:
    assert align_told([], []) == []
