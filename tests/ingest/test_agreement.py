"""Whether a transcript is of a recording, and when its words were said, from words alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.agreement import compare, retimed, tokens_of, unheard
from ingest.joining import SAME, same_call
from ingest.models import Utterance, Word
from ingest.transcripts import parse
from service import sample

COMMON = "the a and to of it we you that is in for on so but they have with was just".split()


def transcript(call_id: str) -> tuple[Utterance, ...]:
    [path] = [p for p in sample.calls(without_recorded=False) if p.stem == call_id]
    return parse(path).utterances


def heard(utterances: Sequence[Utterance], *, by_s: float = 0.0) -> list[Word]:
    """As a perfect recogniser would, ``by_s`` later."""
    words = []
    for u in utterances:
        texts, start, end = u.text.split(), (u.start_s or 0.0) + by_s, (u.end_s or 0.0) + by_s
        step = (end - start) / len(texts)
        words += [
            Word(text, start + n * step, start + (n + 1) * step, 0.9)
            for n, text in enumerate(texts)
        ]
    return words


def misheard(utterances: Sequence[Utterance], share: float) -> list[Utterance]:
    chance = random.Random(7)
    return [
        u.model_copy(
            update={
                "text": " ".join(
                    chance.choice(COMMON) if chance.random() < share else word
                    for word in u.text.split()
                )
            }
        )
        for u in utterances
    ]


def untimed(utterances: Sequence[Utterance]) -> list[Utterance]:
    return [u.model_copy(update={"start_s": None, "end_s": None}) for u in utterances]


def test_half_of_the_words_misheard_is_the_same_call_and_no_other_call_is() -> None:
    every = {path.stem: parse(path).utterances for path in sample.calls(without_recorded=False)}
    words = {call_id: heard(said) for call_id, said in every.items()}
    for call_id, said in every.items():
        assert same_call(compare(misheard(said, 0.5), words[call_id])), call_id
    others = [
        compare(said, words[other]).shared
        for call_id, said in every.items()
        for other in every
        if other > call_id
    ]
    assert max(others) < SAME / 3


def test_what_was_heard_later_is_put_there() -> None:
    said = transcript("LC-002")
    found = compare(said, heard(said, by_s=41.5))
    assert (found.shared, found.words, found.covered) == (1.0, 1.0, 1.0)
    assert found.offset_s is not None
    assert abs(found.offset_s - 41.5) < 0.2
    for before, now in zip(said, retimed(said, found.pairs), strict=True):
        assert now.text == before.text
        assert before.start_s is not None
        assert now.start_s is not None
        assert abs(now.start_s - before.start_s - 41.5) < 0.5


def test_without_times_it_gets_those_of_the_recording() -> None:
    said = transcript("LC-013")
    bare = misheard(untimed(said), 0.3)
    found = compare(bare, heard(said))
    assert found.offset_s is None
    off = [
        abs((now.start_s or 0.0) - (then.start_s or 0.0))
        for then, now in zip(said, retimed(bare, found.pairs), strict=True)
    ]
    assert sorted(off)[int(0.9 * len(off))] < 1.0


def test_a_part_cut_out_of_the_recording_moves_only_what_comes_after() -> None:
    said = transcript("LC-002")
    cut = [u for u in said if not 60.0 < (u.start_s or 0.0) < 110.0]
    words = [
        Word(w.text, w.start_s - 50, w.end_s - 50, w.confidence) if w.start_s > 105 else w
        for w in heard(cut)
    ]
    found = compare(said, words)
    now = retimed(said, found.pairs)
    assert {u.i for u in unheard(said, found.pairs)} <= {u.i for u in said} - {u.i for u in cut}
    # None was sure of anything before; those that were not heard at all are known by it.
    assert {u.i for u in now if u.confidence == 0} >= {u.i for u in unheard(said, found.pairs)}
    assert {u.confidence for u in now if u.i in {i for i, _, _ in found.pairs}} == {None}
    for u in cut:
        by = 50.0 if (u.start_s or 0.0) > 105 else 0.0
        assert abs((now[u.i].start_s or 0.0) - ((u.start_s or 0.0) - by)) < 0.6
    # What is not in the recording lies between what is.
    assert all((a.start_s or 0.0) <= (b.start_s or 0.0) for a, b in pairwise(now))


def test_half_a_transcript_covers_half_of_the_recording() -> None:
    said = transcript("LC-024")
    words = heard(said)
    half = said[: len(said) // 2]
    share = sum(len(u.text.split()) for u in half) / len(words)
    found = compare(half, words)
    assert same_call(found)
    assert abs(found.covered - share) < 0.05


def test_nothing_in_common() -> None:
    found = compare(transcript("LC-002"), [Word("hello", 0.0, 1.0, 1.0)])
    assert (found.shared, found.words, found.covered, found.offset_s) == (0.0, 0.0, 0.0, None)
    assert not same_call(compare((), heard(transcript("LC-002"))))
    assert not same_call(compare(transcript("LC-002"), []))


def test_words_are_compared_bare() -> None:
    assert tokens_of("“It’s — it’s FORTY-two,” she said…") == [
        *("it's", "it's", "forty", "two", "she", "said")
    ]


def spoken(text: str) -> list[Utterance]:
    return [Utterance(i=0, speaker="A", start_s=0.0, end_s=10.0, text=text)]


def test_one_phrase_that_everybody_says_makes_no_call_of_two() -> None:
    said = transcript("LC-002")
    phrase = " ".join(said[1].text.split()[:5])
    short = spoken(f"{phrase} " + " ".join(f"w{n}" for n in range(24)))
    found = compare(short, heard(said))
    assert (found.in_runs, found.runs) == (5, 1)
    assert found.shared > SAME
    assert not same_call(found)
    # A long one neither, if it is all.
    long = " ".join(" ".join(u.text for u in said).split()[:25])
    found = compare(spoken(f"{long} " + " ".join(f"w{n}" for n in range(50))), heard(said))
    assert (found.runs, same_call(found)) == (1, False)


def test_a_short_text_that_is_all_in_the_recording_is_of_it() -> None:
    said = transcript("LC-002")
    found = compare(spoken(" ".join(" ".join(u.text for u in said).split()[:30])), heard(said))
    assert (found.runs, found.shared, same_call(found)) == (1, 1.0, True)


words_of_few = st.lists(st.sampled_from("a b c d e f".split()), max_size=40)


@settings(deadline=None, max_examples=200)
@given(words_of_few, words_of_few, st.lists(st.integers(1, 9), max_size=40))
def test_whatever_is_compared_times_rise_and_pairs_are_alike(
    one: list[str], other: list[str], cuts: list[int]
) -> None:
    utterances: list[Utterance] = []
    at = 0
    for n in cuts:
        if piece := one[at : at + n]:
            text = " ".join(piece)
            i = len(utterances)
            utterances.append(Utterance(i=i, speaker="A", start_s=None, end_s=None, text=text))
        at += n
    words = [Word(text, float(n), n + 0.5, 0.9) for n, text in enumerate(other)]
    found = compare(utterances, words)
    for i, n, word in found.pairs:
        assert utterances[i].text.split()[n] == word.text
    assert [(i, n) for i, n, _ in found.pairs] == sorted({(i, n) for i, n, _ in found.pairs})
    assert all(a[2].start_s < b[2].start_s for a, b in pairwise(found.pairs))
    now = retimed(utterances, found.pairs)
    assert [u.text for u in now] == [u.text for u in utterances]
    assert all((a.start_s or 0.0) <= (b.start_s or 0.0) for a, b in pairwise(now))
    assert all((u.end_s or 0.0) >= (u.start_s or 0.0) for u in now)
    assert 0 <= found.shared <= 1
    assert 0 <= found.words <= 1
    assert 0 <= found.covered <= 1
