from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.corrections import SpeakerFix, correct
from ingest.library import Library, Options
from ingest.store import list_accounts
from service.naming import vendor_names
from service.question import Known, understand
from service.scope import resolve
from service.shapes import Filters
from service.unspoken import unspoken
from tests.service.spoken import hold

SABLE = [
    ("c", "I have a Buran at home."),
    ("v", "A Buran, really?"),
    ("v", "What do you make of Zephyrus, and of Iceworks?"),
    ("c", "Zephyrus is a pain, it broke twice and we lost two days of work each time."),
    ("c", "Iceworks? Fine, I suppose."),
    ("v", "We might build Firefly for you, would you like that?"),
    ("c", "Firefly sounds neat."),
    ("c", "We looked at Kelvin Ator and at Grandvale last week, they quoted us half."),
    ("v", "Grandvale is dear. And Mistral?"),
]


@pytest.fixture(scope="module")
def home(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("unspoken") / "home"
    shutil.copytree(_filled_once, folder)
    library = Library(folder, Options(models=folder / "models"))
    hold(library, "N-1", "FRZ-5", SABLE, customer="Odile Brandt")
    yield library
    library.close()


def why(library: Library, question: str, filters: Filters | None = None) -> str | None:
    with library.read() as connection:
        known = Known(list_accounts(connection), vendor=vendor_names(library, connection))
        asked = understand(question, known, filters or Filters())
        return unspoken(connection, asked, resolve(connection, asked.filters))


ONLY_OURS = "No customer mentioned {}; only your own people did."
UNASKED = "No customer spoke of {} unasked; only your own people brought it up."
NOWHERE = "No customer mentioned {} in the calls in scope."


@pytest.mark.parametrize(
    ("question", "reason", "name"),
    [
        # A customer said it first, or at all and in earnest.
        ("Who looks at Grandvale?", None, ""),
        ("Who spoke of Zephyrus?", None, ""),
        ("Did anyone say Boreal Systems?", None, ""),
        # First from a customer's mouth, be it no evidence of anything.
        ("Who has a Buran?", None, ""),
        # In two words, misspelt as a recogniser would, or whose it is.
        ("Who looks at Kelvinator?", None, ""),
        ("Who looks at Grandvail?", None, ""),
        ("What about Grandvale's price?", None, ""),
        # A speaker's name; an acronym; no name at all; the vendor's own.
        ("What does Odile Brandt want?", None, ""),
        ("What does Odile want?", None, ""),
        ("Who wants SSO?", None, ""),
        ("who looks at klingon?", None, ""),
        ("Who is unhappy with Coldhaven?", None, ""),
        # Nobody, or nobody of theirs, or only in reply.
        ("Who wants Klingon menus?", NOWHERE, "Klingon"),
        ("Who spoke of Mistral?", ONLY_OURS, "Mistral"),
        ("Who wants the Firefly thing?", UNASKED, "Firefly"),
        # Four letters are too few to be misspelt.
        ("Who spoke of Piat?", NOWHERE, "Piat"),
        # The first name that nobody said.
        ("Who compared Grandvale with Klingon?", NOWHERE, "Klingon"),
        ("Who wants “Klingon Menus”?", NOWHERE, "Klingon Menus"),
    ],
)
def test_names_that_no_customer_spoke_of(
    home: Library, question: str, reason: str | None, name: str
) -> None:
    assert why(home, question) == (reason and reason.format(name))


def test_a_name_is_looked_for_in_scope_only(home: Library) -> None:
    question = "Who looks at Grandvale?"
    assert why(home, question, Filters(accounts=("FRZ-5",))) is None
    for accounts in (("FRZ-1",), ("FRZ-1", "FRZ-2")):
        assert why(home, question, Filters(accounts=accounts)) == NOWHERE.format("Grandvale")
    assert why(home, "What does Odile want?", Filters(accounts=("FRZ-1",))) is not None


def test_whose_words_they_are_may_be_put_right(filled: Library) -> None:
    question = "Who got a quote of Boreal?"
    assert why(filled, question) is None
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="internal")})
    assert why(filled, question) == ONLY_OURS.format("Boreal")


def test_in_an_empty_home_nobody_spoke(library: Library) -> None:
    assert why(library, "Who looks at Grandvale?") == NOWHERE.format("Grandvale")
    assert why(library, "Who needs what?") is None
