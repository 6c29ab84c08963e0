from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.library import Library, Options
from ingest.store import list_utterances
from service.bearing import BAR, BAR_MEANING, BAR_WITHIN_ACCOUNT, UNSAID, Bearing, bearing
from service.offtopic import offtopic
from service.question import Known, understand
from service.said import Rows, Said, read_said
from service.shapes import Filters
from tests.service.spoken import hold


@pytest.fixture(scope="module")
def home(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("bearing") / "home"
    shutil.copytree(_filled_once, folder)
    library = Library(folder, Options(models=folder / "models"))
    yield library
    library.close()


def said_in(library: Library) -> Said:
    with library.read() as connection:
        return read_said(library, connection)


def how(
    library: Library, question: str, rows: Rows | None = None, *, within_account: bool = False
) -> Bearing:
    said = said_in(library)
    asked = understand(question, Known(()), Filters())
    wanted = np.arange(len(said)) if rows is None else rows
    return bearing(library, said, wanted, (question, asked.about), within_account=within_account)


@pytest.mark.parametrize(
    ("rank", "unsaid", "within", "bears"),
    [
        (1.0, 0.0, False, True),
        (BAR + 0.01, UNSAID, False, True),
        (BAR, 0.0, False, False),
        (1.0, UNSAID + 0.01, False, False),
        (0.0, 0.0, False, False),
        # Of one account there are few words, and what was asked may have others.
        (BAR_WITHIN_ACCOUNT + 0.01, 1.0, True, True),
        (BAR_WITHIN_ACCOUNT, 0.0, True, False),
    ],
)
def test_when_it_bears(rank: float, unsaid: float, within: bool, bears: bool) -> None:
    assert bool(Bearing(rank, unsaid, within)) is bears


@pytest.mark.parametrize(
    ("meaning", "together", "within", "bears"),
    [
        (BAR_MEANING + 0.01, False, False, True),
        # A word that happens to be the same is not enough, unless all of them stand together.
        (BAR_MEANING, False, False, False),
        (0.0, True, False, True),
        (0.0, False, True, True),
    ],
)
def test_words_alone_bear_only_together(
    meaning: float, together: bool, within: bool, bears: bool
) -> None:
    assert bool(Bearing(1.0, 0.0, within, meaning=meaning, together=together)) is bears


@pytest.mark.parametrize(
    ("about", "together"),
    [
        (("clipboard",), True),
        (("clipboard", "night"), True),
        (("clipboard", "auditor"), False),
        (("clipboard", "sourdough"), False),
        ((), False),
    ],
)
def test_whether_one_passage_has_all_the_words(
    home: Library, about: tuple[str, ...], together: bool
) -> None:
    rows = np.arange(len(said_in(home)))
    found = bearing(home, said_in(home), rows, ("anything", about), within_account=False)
    assert found.together is together


@pytest.mark.parametrize(
    ("question", "bears"),
    [
        ("Who has false alarms that do not say which freezer?", True),
        ("Who retypes rows for the auditor every quarter?", True),
        ("Who walks the rooms with a clipboard at night?", True),
        ("Who wants single sign-on with the directory?", False),
        ("Which dough makes the best sourdough bread?", False),
        ("Wer bezahlt die Rechnung im Voraus?", False),
        ("Xyzzyx qwrty plugh?", False),
    ],
)
def test_what_was_spoken_of_bears_and_what_was_not_does_not(
    home: Library, question: str, bears: bool
) -> None:
    found = how(home, question)
    assert bool(found) is bears
    assert 0 <= found.rank <= 1
    assert 0 <= found.unsaid <= 1


@pytest.mark.parametrize(
    ("about", "unsaid"),
    [
        (("alarm",), 0.0),
        (("alarms", "freezers"), 0.0),
        (("alarm", "sourdough"), 0.5),
        (("sourdough",), 1.0),
        # Frames and idle words say nothing either way.
        ((), 0.0),
        (("the", "thing", "alarm"), 0.0),
        (("Alarm", "ALARM", "sourdough"), 0.5),
    ],
)
def test_the_share_of_words_that_nobody_said(
    home: Library, about: tuple[str, ...], unsaid: float
) -> None:
    said = said_in(home)
    rows = np.arange(len(said))
    found = bearing(home, said, rows, ("anything", about), within_account=False)
    assert found.unsaid == pytest.approx(unsaid)


def test_where_nobody_spoke_nothing_bears(home: Library, library: Library) -> None:
    question = "Who has false alarms that do not say which freezer?"
    for found in (how(home, question, np.zeros(0, np.int64)), how(library, question)):
        assert (found.rank, found.unsaid) == (0.0, 1.0)
        assert not found
    within = how(home, question, np.zeros(0, np.int64), within_account=True)
    assert not within


def test_it_bears_where_it_was_said_and_not_elsewhere(home: Library) -> None:
    question = "Who has false alarms that do not say which freezer?"
    said = said_in(home)
    there = how(home, question, said.rows_in({"FC-1", "FC-2"}))
    elsewhere = how(home, question, said.rows_in({"FC-4"}))
    assert there
    assert elsewhere.rank < there.rank


def test_against_more_that_fits_better_a_question_ranks_lower(filled: Library) -> None:
    question = "Who has false alarms at night?"
    bank, vectors = offtopic(filled)
    ranks = [how(filled, question).rank]
    with filled.read() as connection:
        rivals = [u.text for u in list_utterances(connection, "FC-2") if u.i in (1, 3, 5)]
    for n in range(1, 4):
        more = filled.embedder.embed(rivals[:n]).astype(np.float64)
        filled.memory["offtopic"] = ((*bank, *rivals[:n]), np.concatenate([vectors, more]))
        del filled.memory["bank"]
        ranks.append(how(filled, question).rank)
    assert ranks == sorted(set(ranks), reverse=True)


def test_the_bank_is_held_against_the_same_passages(filled: Library) -> None:
    rows = said_in(filled).rows_in({"FC-4"})
    question = "Who says that the new model is quiet?"
    assert how(filled, question, rows).rank == 1.0
    bank, vectors = offtopic(filled)
    with filled.read() as connection:
        elsewhere = next(u.text for u in list_utterances(connection, "FC-1") if u.i == 1)
    more = filled.embedder.embed([elsewhere]).astype(np.float64)
    filled.memory["offtopic"] = ((*bank, elsewhere), np.concatenate([vectors, more]))
    del filled.memory["bank"]
    # What is spoken of in another call has no rank in this one.
    assert how(filled, question, rows).rank == 1.0
    assert how(filled, question).rank < 1.0


def test_a_word_said_by_few_tells_more_than_one_said_by_all(home: Library) -> None:
    said = said_in(home)
    rows = np.arange(len(said))

    def rank(about: tuple[str, ...]) -> float:
        return bearing(home, said, rows, ("x", about), within_account=False).rank

    assert rank(("clipboard", "clipboard")) == rank(("clipboard",))
    assert rank(("clipboard",)) >= rank(("clipboard", "sourdough", "bread", "dough"))


def test_a_new_call_is_heard_at_once(filled: Library) -> None:
    question = "Which dough makes the best sourdough bread?"
    assert not how(filled, question)
    hold(filled, "N-1", "FRZ-5", [("c", "We keep sourdough for bread in it, the dough is frozen.")])
    found = how(filled, question)
    assert found
    assert found.unsaid == 0


def test_a_common_word_alone_brings_no_meaning_along() -> None:
    assert not Bearing(1.0, 0.0, False, meaning=BAR_MEANING, together=False)
    assert Bearing(1.0, 0.0, False, meaning=0.0, together=True)
    assert Bearing(1.0, 0.0, False, meaning=BAR_MEANING + 0.01, together=False)
