"""Carrying corrections over to a new hearing; `correct` itself is tested on the pipeline."""

from __future__ import annotations

from ingest.carrying import carry
from ingest.correction_log import Lost
from ingest.models import Speaker, Utterance


def said(
    i: int,
    speaker: str,
    start: float | None,
    end: float | None,
    text: str,
    original: str | None = None,
    moved_from: str | None = None,
) -> Utterance:
    return Utterance(
        i=i,
        speaker=speaker,
        start_s=start,
        end_s=end,
        text=text,
        original=original,
        original_speaker=moved_from,
    )


def voice(label: str, **fields: object) -> Speaker:
    defaults: dict[str, object] = {
        "name": label,
        "role": "customer",
        "basis": "speech",
        "doubt": 0.4,
    }
    return Speaker.model_validate({"label": label, **defaults, **fields})


def test_a_corrected_speaker_follows_the_voice_to_its_new_label() -> None:
    old = [said(0, "S1", 0, 10, "hello there"), said(1, "S2", 10, 30, "we lose data")]
    new = [
        said(0, "S1", 0, 2, "mm"),
        said(1, "S2", 2, 10, "hello there"),
        said(2, "S3", 10, 30, "we lose data"),
    ]
    fixed = voice(
        "S2", name="Ana Diaz", role="customer", basis="person", doubt=0.0, named_by_person=True
    )
    carried = carry(
        old, [voice("S1"), fixed], new, [voice("S1"), voice("S2"), voice("S3", role="internal")]
    )

    voices = carried.speakers
    assert carried.lost == ()
    assert [v.name for v in voices] == ["S1", "S2", "Ana Diaz"]
    assert (voices[2].role, voices[2].basis, voices[2].doubt) == ("customer", "person", 0.0)


def test_a_corrected_text_stays_where_the_machine_hears_the_same_words_again() -> None:
    old = [said(0, "S1", 0, 10, "We use Larkspur daily.", original="We use lark spur daily.")]
    new = [said(0, "S1", 0, 12, "So. We use lark spur daily. Right.")]
    carried = carry(old, [voice("S1")], new, [voice("S1")])
    assert carried.words[0].text == "So. We use Larkspur daily. Right."
    assert carried.words[0].original == "So. We use lark spur daily. Right."
    assert carried.lost == ()


def test_a_correction_is_not_forced_on_other_words_or_another_time() -> None:
    old = [said(0, "S1", 0, 10, "We use Larkspur.", original="We use lark spur.")]
    other_words = [said(0, "S1", 0, 10, "We used Lark's fur.")]
    other_time = [said(0, "S1", 50, 60, "We use lark spur.")]
    for new in (other_words, other_time):
        carried = carry(old, [voice("S1")], new, [voice("S1")])
        assert carried.words == tuple(new)
        assert carried.lost == (
            Lost(what="text", utterance=0, start_s=0, speaker="S1", text="We use Larkspur."),
        )


def test_nothing_to_carry_changes_nothing() -> None:
    new = [said(0, "S1", 0, 1, "hi")]
    carried = carry([], [], new, [voice("S1")])
    assert (carried.words, carried.speakers, carried.lost) == (tuple(new), (voice("S1"),), ())


def test_labels_that_were_merged_are_merged_again() -> None:
    old = [
        said(0, "S1", 0, 10, "we lose data"),
        said(1, "S2", 10, 20, "how often?"),
        said(2, "S1", 20, 30, "every week", moved_from="S3"),
    ]
    new = [
        said(0, "S3", 0, 9, "we lose data"),
        said(1, "S1", 11, 20, "how often?"),
        said(2, "S2", 20, 25, "every week"),
        said(3, "S2", 40, 45, "and more"),
    ]
    voices = [voice("S1"), voice("S2"), voice("S3")]
    named = voice("S1", name="Ana Diaz", named_by_person=True)
    carried = carry(old, [named, voice("S2")], new, voices)

    assert [(w.speaker, w.original_speaker) for w in carried.words] == [
        ("S3", None),
        ("S1", None),
        ("S3", "S2"),
        ("S3", "S2"),
    ]
    assert {v.label: v.name for v in carried.speakers} == {"S1": "S1", "S3": "Ana Diaz"}
    assert carried.lost == ()


def test_an_utterance_that_was_moved_is_moved_again_and_only_where_it_fits() -> None:
    old = [
        said(0, "S1", 0, 10, "we lose data"),
        said(1, "S2", 10, 14, "yes we do", moved_from="S1"),
        said(2, "S2", 14, 30, "how often?"),
        said(3, "S2", 30, 33, "right", moved_from="S1"),
        said(4, "S1", 33, 60, "every week"),
    ]
    new = [
        said(0, "S2", 0, 10, "we lose data"),
        said(1, "S2", 10, 15, "yes we do"),
        said(2, "S1", 15, 30, "how often?"),
        said(3, "S2", 30, 60, "right every week"),
    ]
    voices = [voice("S1"), voice("S2")]
    carried = carry(old, voices, new, voices)

    assert [(w.speaker, w.original_speaker) for w in carried.words] == [
        ("S2", None),
        ("S1", "S2"),
        ("S1", None),
        ("S2", None),
    ]
    assert carried.lost == (Lost(what="move", utterance=3, start_s=30, speaker="S2", text="right"),)


def test_a_speaker_whom_only_a_person_told_apart_stays() -> None:
    ben = voice("P1", name="Ben", basis="person", doubt=0.0, named_by_person=True)
    old = [said(0, "S1", 0, 10, "one"), said(1, "P1", 10, 20, "two", moved_from="S1")]
    new = [said(0, "P1", 0, 10, "one"), said(1, "P1", 10, 20, "two")]
    carried = carry(old, [voice("S1"), ben], new, [voice("P1")])

    assert [w.speaker for w in carried.words] == ["P1", "P2"]
    assert [v.name for v in carried.speakers] == ["P1", "Ben"]
    assert carried.lost == ()


def test_without_times_the_number_of_an_utterance_is_its_place() -> None:
    old = [
        said(0, "A", None, None, "one", original="won"),
        said(1, "B", None, None, "two", moved_from="A"),
        said(2, "B", None, None, "three"),
    ]
    new = [
        said(0, "A", None, None, "won"),
        said(1, "A", None, None, "two"),
        said(2, "B", None, None, "three"),
    ]
    carried = carry(old, [voice("A"), voice("B")], new, [voice("A"), voice("B")])
    assert [(w.text, w.speaker) for w in carried.words] == [
        ("one", "A"),
        ("two", "B"),
        ("three", "B"),
    ]
    assert carried.lost == ()


def test_a_corrected_speaker_who_is_not_heard_again_is_told() -> None:
    ana = voice("S2", name="Ana Diaz", basis="person", doubt=0.0, named_by_person=True)
    old = [said(0, "S1", 0, 10, "one"), said(1, "S2", 10, 20, "two")]
    carried = carry(old, [voice("S1"), ana], [said(0, "S1", 0, 8, "one")], [voice("S1")])
    assert carried.lost == (Lost(what="speaker", speaker="Ana Diaz"),)
