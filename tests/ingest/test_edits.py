from __future__ import annotations

from ingest.edits import Action, Edit, apply
from ingest.evidence import EvidenceItem, Kind
from ingest.models import Role, Speaker, Utterance

TEXT = "The door alarm rings at night. Nobody knows which freezer it is. We like the drawers."
WORDS = [
    Utterance(i=0, speaker="V", start_s=None, end_s=None, text="What is hard?"),
    Utterance(i=1, speaker="C", start_s=None, end_s=None, text=TEXT),
]


def voices(customer: Role = "customer") -> list[Speaker]:
    return [
        Speaker(label="C", name="Ana", role=customer, basis="file"),
        Speaker(label="V", name="Ben", role="internal", basis="file"),
    ]


def read(first: int = 0, end: int = 30) -> EvidenceItem:
    return EvidenceItem(1, first, end, kind="pain", strength=2, hand="third", role="customer")


def edit(action: Action, words: str, kind: Kind = "risk", strength: int = 3, at: int = 1) -> Edit:
    return Edit("edit-1", at, words, action, kind, strength)


def test_no_edits_change_nothing() -> None:
    items = [read(), read(31, 64)]
    assert apply(items, [], WORDS, voices()) == items


def test_rejected_words_are_taken_out_whatever_their_exact_cut() -> None:
    items = [read(), read(31, 64)]
    assert apply(items, [edit("reject", TEXT[31:64])], WORDS, voices()) == [items[0]]
    assert apply(items, [edit("reject", TEXT[4:29])], WORDS, voices()) == [items[1]]
    assert apply(items, [edit("reject", TEXT)], WORDS, voices()) == []


def test_another_kind_stays_the_readers_item() -> None:
    (item,) = apply([read()], [edit("kind", TEXT[:30])], WORDS, voices())
    assert (item.kind, item.strength, item.hand, item.by_person) == ("risk", 3, "third", False)
    # It is evidence because a person said of which kind it is, also when the reader sees none.
    (item,) = apply([], [edit("kind", TEXT[:30])], WORDS, voices())
    assert (item.kind, item.first_char, item.end_char, item.by_person) == ("risk", 0, 30, True)


def test_added_words_are_cut_to_the_letter_and_have_their_speakers_role() -> None:
    added = edit("add", "we like the DRAWERS", kind="praise")
    (item,) = apply([], [added], WORDS, voices())
    assert TEXT[item.first_char : item.end_char] == "We like the drawers."
    assert (item.role, item.hand, item.by_person) == ("customer", "first", True)
    (item,) = apply([], [added], WORDS, voices("internal"))
    assert item.role == "internal"
    (item,) = apply([], [added], WORDS, [])  # whoever is not listed is the vendor's own
    assert item.role == "internal"


def test_added_words_take_the_place_of_the_same_words() -> None:
    (item,) = apply([read()], [edit("add", TEXT[:64])], WORDS, voices())
    assert (item.first_char, item.end_char, item.by_person) == (0, 64, True)


def test_the_later_edit_wins_and_the_order_is_that_of_speech() -> None:
    words = TEXT[:30]
    add, reject = edit("add", words), edit("reject", words)
    assert apply([read()], [add, reject], WORDS, voices()) == []
    assert [i.kind for i in apply([read()], [reject, add], WORDS, voices())] == ["risk"]
    late, early = edit("add", TEXT[65:]), edit("add", "hard", at=0)
    found = apply([read(31, 64)], [late, early], WORDS, voices())
    assert [(i.utterance, i.first_char) for i in found] == [(0, 8), (1, 31), (1, 65)]


def test_an_edit_of_other_words_does_nothing() -> None:
    for lost in (
        edit("reject", "the window rings"),
        edit("add", "x", at=-1),
        edit("add", "x", at=9),
    ):
        assert apply([read()], [lost], WORDS, voices()) == [read()]
