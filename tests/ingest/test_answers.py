"""The sort of answer asked for: told from the question, found in the words."""

import pytest

from ingest.answers import share, sorts


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("How much is that worth?", "Nineteen thousand.", "Three weeks of it."),
        ("How much does it cost?", "About £40.", "One of our best costs a lot at four o'clock."),
        ("How much comes back?", "Forty kilos.", "A good deal of it."),
        ("How many were honoured?", "Twelve.", "One of them had to wait twelve hours."),
        ("How many were there?", "A hundred and thirty.", "It went on for a hundred and two days."),
        ("What share of orders is late?", "About a third.", "Rather a lot."),
        ("How long does it take?", "The whole afternoon.", "Longer than we like today."),
        ("How many days does it take?", "Two days.", "Two of them."),
        ("How often does it happen?", "Twice, usually.", "Far too much."),
        ("When do they decide?", "End of June.", "Once they have the money."),
        ("By when is it due?", "It has to be done before Christmas.", "They have not said."),
        ("Why was it sent back?", "Because the stamp was wrong.", "It was sent back."),
        ("Who signs it?", "That would be Agnes.", "Somebody upstairs does."),
        ("Who signs it?", "Our finance director.", "I do."),
    ],
)
def test_a_sort_of_answer_is_known_by_its_words(question: str, holds: str, lacks: str) -> None:
    asked = sorts(question)
    assert (share(asked, holds), share(asked, lacks)) == (1.0, 0.0)


@pytest.mark.parametrize(
    "question",
    ["What happens when a job is closed?", "What of those who left?", "tickets", "", "?!"],
)
def test_an_open_question_asks_for_no_sort(question: str) -> None:
    assert sorts(question) == []
    assert share([], "Nineteen days.") == 0.0


def test_of_two_sorts_one_is_half() -> None:
    asked = sorts("How much was it, and by when is it due?")
    assert share(asked, "Four hundred.") == 0.5
    assert share(asked, "Four hundred, in May.") == 1.0
