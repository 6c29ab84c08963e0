"""Passages: whose words they hold, where they are cut, what they carry along."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.models import Role, Speaker, Utterance
from ingest.passages import CONTEXT_WORDS, MOST_WORDS, TARGET_WORDS, passages


def voice(label: str, role: Role, name: str | None = None) -> Speaker:
    return Speaker(label=label, name=name or label, role=role, basis="file")


def said(i: int, speaker: str, text: str) -> Utterance:
    return Utterance(i=i, speaker=speaker, start_s=None, end_s=None, text=text)


ANA = voice("S1", "customer", "Ana Ruiz")
BEN = voice("S2", "internal", "Ben Okoye")


def test_a_customers_answer_carries_the_question_before_it() -> None:
    cut = passages("c", [said(0, "S2", "How long?"), said(1, "S1", "Nineteen days.")], [ANA, BEN])
    customer = [p for p in cut if p.role == "customer"]
    assert [(p.first, p.last, p.text) for p in customer] == [
        (1, 1, "Ben Okoye: How long?\nAna Ruiz: Nineteen days.")
    ]


def test_a_question_of_the_vendors_parts_two_answers() -> None:
    words = [
        said(0, "S1", "We bill by hand."),
        said(1, "S2", "Right."),
        said(2, "S1", "All of it."),
        said(3, "S2", "And how long does that take?"),
        said(4, "S1", "Two, three hours a day."),
    ]
    customer = [p for p in passages("c", words, [ANA, BEN]) if p.role == "customer"]
    assert [(p.first, p.last) for p in customer] == [(0, 2), (4, 4)]


def test_the_vendors_passages_hold_no_customers_words() -> None:
    words = [said(0, "S1", "Exports are slow."), said(1, "S2", "I will look into it.")]
    internal = [p for p in passages("c", words, [ANA, BEN]) if p.role == "internal"]
    assert [p.text for p in internal] == ["Ben Okoye: I will look into it."]


def test_of_a_long_question_only_the_end_is_kept() -> None:
    question = " ".join(f"w{n}" for n in range(200)) + " how long?"
    cut = passages("c", [said(0, "S2", question), said(1, "S1", "Nineteen days.")], [ANA, BEN])
    context = next(p for p in cut if p.role == "customer").text.splitlines()[0]
    assert context.endswith("how long?")
    assert len(context.removeprefix("Ben Okoye: ").split()) == CONTEXT_WORDS


def test_a_name_stands_where_the_speaker_changes() -> None:
    eve = voice("S3", "customer", "Eve Lund")
    words = [said(0, "S1", "One."), said(1, "S1", "Two."), said(2, "S3", "Three.")]
    (passage,) = passages("c", words, [ANA, eve])
    assert passage.text == "Ana Ruiz: One.\nTwo.\nEve Lund: Three."


def test_a_corrected_role_moves_the_words() -> None:
    words = [said(0, "S1", "The export is slow.")]
    before = passages("c", words, [ANA])
    after = passages("c", words, [voice("S1", "internal", "Ana Ruiz")])
    assert [p.role for p in before] == ["customer"]
    assert [p.role for p in after] == ["internal"]
    assert before[0].passage_id != after[0].passage_id


def test_ids_follow_the_content() -> None:
    words = [said(0, "S1", "The export is slow.")]
    assert passages("c", words, [ANA]) == passages("c", words, [ANA])
    other = passages("c", [said(0, "S1", "The export is fast.")], [ANA])
    assert other[0].passage_id != passages("c", words, [ANA])[0].passage_id
    assert passages("d", words, [ANA])[0].passage_id != passages("c", words, [ANA])[0].passage_id


def test_a_long_utterance_is_cut_at_sentences_and_none_of_it_lost() -> None:
    sentences = [" ".join(f"s{n}w{m}" for m in range(30)) + "." for n in range(12)]
    cut = passages("c", [said(4, "S1", " ".join(sentences))], [ANA])
    assert len(cut) > 1
    assert all((p.first, p.last) == (4, 4) for p in cut)
    joined = " ".join(p.text.removeprefix("Ana Ruiz: ") for p in cut)
    assert joined.split() == " ".join(sentences).split()
    assert all(p.text.endswith(".") for p in cut)


def test_empty_words_and_unknown_voices_are_left_out() -> None:
    assert passages("c", [said(0, "S1", "  "), said(1, "S9", "Hello.")], [ANA]) == []
    assert passages("c", [], [ANA]) == []


@given(
    st.lists(st.tuples(st.sampled_from(["S1", "S2"]), st.integers(0, 300)), min_size=1, max_size=30)
)
def test_every_word_is_in_a_passage_of_its_role_and_none_is_too_long(
    turns: list[tuple[str, int]],
) -> None:
    words = [
        said(i, speaker, " ".join(f"u{i}w{n}" for n in range(count)))
        for i, (speaker, count) in enumerate(turns)
    ]
    cut = passages("c", words, [ANA, BEN])
    roles = {"S1": "customer", "S2": "internal"}
    for utterance in words:
        own = " ".join(
            p.text
            for p in cut
            if p.role == roles[utterance.speaker] and p.first <= utterance.i <= p.last
        )
        assert set(utterance.text.split()) <= set(own.split())
    most = MOST_WORDS + TARGET_WORDS + 30 * (CONTEXT_WORDS + 4)
    assert all(len(p.text.split()) <= most for p in cut)
    assert len({p.passage_id for p in cut}) == len(cut)
