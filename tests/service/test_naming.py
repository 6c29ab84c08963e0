from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from ingest.corrections import SpeakerFix, correct
from ingest.facts import add_internal_domains
from ingest.library import Library, Options
from service.naming import places_of_names, vendor_names
from service.said import Place
from tests.service.spoken import hold

SOME = [
    ("v", "Have you looked at Kelvinator or Frostline?"),
    ("c", "We had a demo from Kelvin Ator last week, and they showed us half the price."),
    ("v", "And what about the Zephyrus rollout, and the new Osprey line?"),
    ("c", "Kelvinator's rep said it ships with the hingeless lid. The KELVINATORS are loud."),
    ("c", "The kelvinatoring of the whole trade, some call it. We have a mercury thermometer."),
    ("c", "Is it true that Mercury was bought? 100% of our Boxes are from somebody else."),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("names")
    library = Library(folder / "home", Options(models=folder / "models"))
    hold(library, "N-1", None, SOME)
    yield library
    library.close()


def at(*numbers: int) -> frozenset[Place]:
    return frozenset(("N-1", n) for n in numbers)


@pytest.mark.parametrize(
    ("label", "vendor", "found"),
    [
        # Said, in one word or two, in capitals, in the plural or as whose it is.
        ("Offers from Kelvinator", (), at(1, 3)),
        ("Kelvinator", (), at(1, 3)),
        ("Kelvinator's offers", (), at(1, 3)),
        ("offers (Kelvinator)", (), at(1, 3)),
        # Only the vendor's people said it, or nobody.
        ("Offers from Frostline", (), at()),
        ("The Zephyrus rollout", (), at()),
        ("Losing to Boreas", (), at()),
        # Any of several names.
        ("Losing to Boreas or Kelvinator", (), at(1, 3)),
        # A word that begins a label, and that nobody said, is a word.
        ("Boreas", (), None),
        ("“Boreas” and others", (), None),
        # Somebody says it as a common word.
        ("The Mercury thermometer", (), None),
        # The vendor's own name, acronyms, short words, no capital.
        ("Calls with Kelvinator", ("kelvinator",), None),
        ("KELVIN and PDF and Ann", (), None),
        ("offers from kelvinator", (), None),
        ("", (), None),
    ],
)
def test_a_name_is_where_a_customer_said_it(
    home: Library, label: str, vendor: Collection[str], found: frozenset[Place] | None
) -> None:
    with home.read() as connection:
        assert places_of_names(connection, label, frozenset(vendor)) == found


def test_a_name_is_not_part_of_another_word(home: Library) -> None:
    with home.read() as connection:
        assert places_of_names(connection, "Thoughts on Kelvin", frozenset()) == at(1)
        assert places_of_names(connection, "Thoughts on Elvina", frozenset()) == at()


def test_a_corrected_speaker_says_it_for_the_other_side(filled: Library) -> None:
    def found() -> frozenset[Place] | None:
        with filled.read() as connection:
            return places_of_names(connection, "Losing to Boreal", frozenset())

    assert found() == frozenset({("FC-2", 5)})
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="internal")})
    assert found() == frozenset()


def test_the_vendor_is_who_its_domains_say(filled: Library) -> None:
    def names(library: Library) -> frozenset[str]:
        with library.read() as connection:
            return vendor_names(library, connection)

    # Customers' domains are no vendor's.
    assert names(filled) == {"coldhaven"}
    with filled.change() as connection:
        add_internal_domains(connection, ["@Cold-Haven.co.uk"])
    assert names(filled) == {"coldhaven", "cold-haven"}
    told = replace(filled.options, internal_domains=("frost.example",))
    again = Library(filled.home, told)
    assert names(again) == {"coldhaven", "cold-haven", "frost"}
    again.close()
