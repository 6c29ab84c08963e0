"""Carrying corrections over to a new hearing; `correct` itself is tested on the pipeline."""

from __future__ import annotations

from ingest.corrections import carry
from ingest.models import Speaker, Utterance


def said(
    i: int, speaker: str, start: float, end: float, text: str, original: str | None = None
) -> Utterance:
    return Utterance(i=i, speaker=speaker, start_s=start, end_s=end, text=text, original=original)


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
    _, voices = carry(
        old, [voice("S1"), fixed], new, [voice("S1"), voice("S2"), voice("S3", role="internal")]
    )

    assert [v.name for v in voices] == ["S1", "S2", "Ana Diaz"]
    assert (voices[2].role, voices[2].basis, voices[2].doubt) == ("customer", "person", 0.0)


def test_a_corrected_text_stays_where_the_machine_hears_the_same_words_again() -> None:
    old = [said(0, "S1", 0, 10, "We use Larkspur daily.", original="We use lark spur daily.")]
    new = [said(0, "S1", 0, 12, "So. We use lark spur daily. Right.")]
    words, _ = carry(old, [voice("S1")], new, [voice("S1")])
    assert words[0].text == "So. We use Larkspur daily. Right."
    assert words[0].original == "So. We use lark spur daily. Right."


def test_a_correction_is_not_forced_on_other_words_or_another_time() -> None:
    old = [said(0, "S1", 0, 10, "We use Larkspur.", original="We use lark spur.")]
    other_words = [said(0, "S1", 0, 10, "We used Lark's fur.")]
    other_time = [said(0, "S1", 50, 60, "We use lark spur.")]
    for new in (other_words, other_time):
        words, _ = carry(old, [voice("S1")], new, [voice("S1")])
        assert words == new


def test_nothing_to_carry_changes_nothing() -> None:
    new = [said(0, "S1", 0, 1, "hi")]
    assert carry([], [], new, [voice("S1")]) == (new, [voice("S1")])
