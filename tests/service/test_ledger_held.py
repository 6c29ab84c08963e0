"""Whatever changes what is kept in memory is seen by the next question: told by a fresh library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa

from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.library import Library
from ingest.models import Account
from ingest.pipeline import About, process, receive
from ingest.store import put_accounts
from ingest.tables import calls, evidence, found_themes, placements
from service import editing, ledger
from service.codebook import (
    Revision,
    add,
    dismiss,
    judge,
    list_codes,
    merge,
    pin,
    put_codes,
    rename,
    revise,
    undo,
)
from service.coding import code_ledger
from service.erase import erase
from service.ledger import Evidence
from service.ledger_held import held, items
from service.scope import resolve
from service.shapes import Filters
from service.themes import named_themes
from tests.service.test_themes import ALARMS, EXPORT

PLAIN = (
    "# Sable Genomics\n\nIda Kern: And the ice?\n\nLin Mori: We chip ice by hand, it is awful.\n"
)


def told(library: Library) -> tuple[object, ...]:
    """What questions see of ledger, codes and themes, as values."""

    def plain(found: Sequence[Evidence]) -> list[object]:
        # The repr of a vector would be shortened; its bytes are not.
        fields = [f.name for f in dataclasses.fields(Evidence) if f.name != "vector"]
        return [(*(getattr(e, f) for f in fields), e.vector.tobytes()) for e in found]

    with library.read() as connection:
        scope = resolve(connection, Filters())
        coding = code_ledger(library, connection)
        return (
            plain(items(library, connection, scope)),
            [(one.code, plain(one.members), plain(one.counter)) for one in coding.named],
            plain(coding.left),
            named_themes(library, connection, scope),
        )


def afresh(library: Library) -> tuple[object, ...]:
    """The same, by a library that remembers nothing."""
    other = Library(library.home, library.options)
    try:
        return told(other)
    finally:
        other.close()


def code(library: Library, n: int = 0) -> str:
    with library.read() as connection:
        return list_codes(connection)[n].id


def item(library: Library) -> str:
    with library.read() as connection:
        return held(library, connection).items[0].evidence_id


def write(library: Library, change: sa.Executable) -> None:
    with library.change() as connection:
        connection.execute(change)


def add_call(library: Library) -> None:
    path = library.home / "sable.md"
    path.write_text(PLAIN, "utf-8")
    process(library, receive(library, path, About(account_id="FRZ-5")).call_id)


def place(library: Library) -> None:
    """As a model would sort a matter under a theme that it named."""
    write(
        library,
        found_themes.insert().values(
            theme_id="found-1",
            label="Ice",
            statement="Ice",
            kind="pain",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
    )
    write(library, evidence.update().where(evidence.c.call_id == "FC-1").values(matter=0))
    write(
        library,
        placements.insert().values(call_id="FC-1", matter=0, theme_id="found-1", against=False),
    )


CHANGES: dict[str, Callable[[Library], object]] = {
    "a new call": add_call,
    "an erased call": lambda it: erase(it, "FC-2"),
    "a corrected utterance": lambda it: correct(
        it, "FC-1", utterances={1: UtteranceFix("The door alarm is awful and we hate it.")}
    ),
    "a corrected name": lambda it: correct(it, "FC-1", speakers={"Noor Haddad": SpeakerFix("No")}),
    "a corrected role": lambda it: correct(
        it, "FC-1", speakers={"Noor Haddad": SpeakerFix(role="internal")}
    ),
    "another account": lambda it: write(
        it, calls.update().where(calls.c.call_id == "FC-1").values(account_id="FRZ-5")
    ),
    "another date": lambda it: write(
        it, calls.update().where(calls.c.call_id == "FC-1").values(date=None)
    ),
    "an account's revenue": lambda it: _revenue(it),
    "evidence taken out": lambda it: editing.reject(it, item(it)),
    "evidence put in": lambda it: editing.add(it, "FC-1", 5, "praise"),
    "evidence of another kind": lambda it: editing.rekind(it, item(it), "praise", 3),
    "an edit taken back": lambda it: _edited_and_back(it),
    "a new code": lambda it: add(it, EXPORT.model_copy(update={"label": "Signed exports"})),
    "a code renamed": lambda it: rename(it, code(it), "Alarms"),
    "a code described": lambda it: revise(it, code(it), Revision(definition="Ice to be chipped.")),
    "a code pinned": lambda it: pin(it, code(it)),
    "a code dismissed": lambda it: dismiss(it, code(it)),
    "codes merged": lambda it: merge(it, [code(it, 1)], into=code(it)),
    "a judgement for it": lambda it: judge(it, code(it), "FC-1", 8, "confirm"),
    "a judgement against it": lambda it: judge(it, code(it), "FC-1", 1, "reject"),
    "an undone change": lambda it: undo(it),
    "a placement": place,
}


def _revenue(library: Library) -> None:
    with library.change() as connection:
        put_accounts(connection, [Account(account_id="FRZ-1", name="Marlowe", arr_usd=1.0)])


def _edited_and_back(library: Library) -> None:
    editing.restore(library, "FC-1:5:0-4")


@pytest.fixture
def coded(filled: Library) -> Library:
    put_codes(filled, [ALARMS, EXPORT])
    editing.add(filled, "FC-1", 5, "request", words="Sure")
    return filled


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_is_seen_at_once(coded: Library, what: str) -> None:
    before = told(coded)
    assert before == told(coded)
    CHANGES[what](coded)
    after = told(coded)
    assert after == afresh(coded)
    assert after != before


def test_another_process_changes_it_too(coded: Library) -> None:
    before = told(coded)
    other = Library(coded.home, coded.options)
    erase(other, "FC-1")
    other.close()
    assert told(coded) == afresh(coded) != before


def test_while_nothing_changes_nothing_is_read_again(coded: Library) -> None:
    told(coded)
    with coded.read() as connection:
        kept = held(coded, connection), code_ledger(coded, connection)
    with coded.change() as connection:
        connection.execute(sa.text("UPDATE jobs SET fraction = 0.5"))
    with coded.read() as connection:
        assert (held(coded, connection), code_ledger(coded, connection)) == kept


def test_judging_leaves_the_ledger_in_memory(coded: Library) -> None:
    with coded.read() as connection:
        kept = held(coded, connection)
    judge(coded, code(coded), "FC-1", 8, "confirm")
    with coded.read() as connection:
        assert held(coded, connection) is kept


def test_what_is_held_is_what_is_stored(filled: Library) -> None:
    with filled.read() as connection:
        for filters in (Filters(), Filters(accounts=("FRZ-1",)), Filters(top=2)):
            scope = resolve(connection, filters)
            for kinds in (None, ("pain", "praise")):
                stored = ledger.items(connection, scope, kinds=kinds)
                found = held(filled, connection).within(scope, kinds)
                assert [e.evidence_id for e in found] == [e.evidence_id for e in stored]
                assert [e.quote() for e in found] == [e.quote() for e in stored]
                assert np.array_equal([e.vector for e in found], [e.vector for e in stored])


def test_nearness_is_the_cosine_to_the_nearest(filled: Library) -> None:
    with filled.read() as connection:
        found = held(filled, connection)
    wanted = filled.embedder.embed(["The alarm at night", "Records for auditors"])
    near = found.nearness(wanted)
    assert near == {
        e.evidence_id: pytest.approx(float((wanted @ e.vector).max()), abs=1e-6)
        for e in found.items
    }


def test_an_erased_call_leaves_nothing_in_memory(filled: Library) -> None:
    with filled.read() as connection:
        before = held(filled, connection)
        texts = {e.spoken.text for e in before.items if e.spoken.call_id == "FC-2"}
        assert texts
        assert not any(before.to_machine(e) for e in before.items)
    erase(filled, "FC-2")
    with filled.read() as connection:
        after = held(filled, connection)
    assert not texts & {e.spoken.text for e in after.items}
    assert not texts & after.told_apart.keys()
    assert after.told_apart
