from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.models import Role
from ingest.tables import evidence, speakers
from service import ledger
from service.ledger import Evidence, shortened
from service.quotes import Spoken
from service.scope import resolve
from service.shapes import EvidenceKind, Filters, Hand


def item(
    text: str,
    *,
    i: int = 0,
    call: str = "C1",
    account: str | None = "A1",
    vector: Mapping[int, float] | None = None,
    strength: int = 1,
    kind: EvidenceKind = "pain",
    role: Role = "customer",
    hand: Hand = "first",
) -> Evidence:
    """Evidence that is the whole of an utterance; ``vector`` by coordinate."""
    coordinates = np.zeros(8, np.float32)
    for at, value in (vector or {i % 8: 1.0}).items():
        coordinates[at] = value
    spoken = Spoken(call, i, text, "Ana", role, 0.0, account, 1.0, 2.0)
    return Evidence(
        evidence_id=f"{call}:{i}",
        kind=kind,
        strength=strength,
        hand=hand,
        first_char=0,
        end_char=len(text),
        spoken=spoken,
        date=None,
        vector=coordinates / max(1e-9, float(np.linalg.norm(coordinates))),
    )


def test_only_customers_in_their_own_right_are_counted(filled: Library) -> None:
    with filled.read() as connection:
        scope = resolve(connection, Filters())
        counted = ledger.items(connection, scope)
        assert counted
        assert {(e.spoken.role, e.hand) for e in counted} == {("customer", "first")}
        hearsay = ledger.items(connection, scope, hand="third")
        assert "mobile app" in " ".join(e.quote().text for e in hearsay)
        ours = ledger.items(connection, scope, role="internal")
        assert "hologram" in " ".join(e.quote().text for e in ours)
        assert all(e.quote().text in e.spoken.text for e in (*counted, *hearsay, *ours))


def test_a_speaker_who_turns_out_to_be_ours_is_counted_no_more(filled: Library) -> None:
    with filled.change() as connection:
        scope = resolve(connection, Filters())
        mine = speakers.c.name == "Noor Haddad"
        connection.execute(speakers.update().where(mine).values(role="internal"))
        assert not [e for e in ledger.items(connection, scope) if e.spoken.call_id == "FC-1"]


def test_evidence_past_the_end_of_a_shortened_utterance_is_gone(filled: Library) -> None:
    with filled.change() as connection:
        before = ledger.items(connection, resolve(connection, Filters()))
        connection.execute(evidence.update().values(end_char=10_000))
        assert before
        assert ledger.items(connection, resolve(connection, Filters())) == []


def test_the_strongest_come_account_by_account_most_revenue_first(filled: Library) -> None:
    with filled.read() as connection:
        scope = resolve(connection, Filters())
        found = ledger.strongest(ledger.items(connection, scope), scope, per_account=2)
    assert [s.accounts for s in found] == [("FRZ-1",), ("FRZ-2",), ("FRZ-3",), ("FRZ-4",)]
    assert [s.arr_usd for s in found] == [400000, 250000, 90000, 30000]
    assert all(1 <= len(s.quotes) <= 2 for s in found)
    assert found[0].text.startswith("Marlowe Biobank: “")


def test_the_strongest_keep_to_the_scope_and_the_kinds(filled: Library) -> None:
    with filled.read() as connection:
        scope = resolve(connection, Filters(accounts=("FRZ-2",)))
        items = ledger.items(connection, scope, kinds=("risk", "competitor"))
        found = ledger.strongest(items, scope)
    assert [s.accounts for s in found] == [("FRZ-2",)]
    assert {q.utterance for q in found[0].quotes} == {5}


def test_a_call_without_account_speaks_for_itself(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET account_id = NULL WHERE call_id = 'FC-1'"))
        scope = resolve(connection, Filters())
        found = ledger.strongest(ledger.items(connection, scope), scope)
    assert found[-1].accounts == ()
    assert found[-1].arr_usd == 0
    assert {q.call_id for q in found[-1].quotes} == {"FC-1"}


def test_the_telling_items_speak_of_different_things() -> None:
    long = "word " * 40
    same = {0: 1.0}
    candidates = [
        item(long, i=0, vector=same),
        item(long, i=1, vector=same),
        item("word " * 30, i=60, vector={1: 1.0}),
        item(long, call="C2", i=0, vector=same),
    ]
    told = ledger.telling(candidates, 2)
    assert [e.evidence_id for e in told] == ["C1:0", "C1:60"]
    assert ledger.telling(candidates, 9)[0] is told[0]
    assert len(ledger.telling(candidates, 9)) == 4
    assert ledger.telling([], 3) == []


def test_one_utterance_gives_one_quote() -> None:
    twice = [item("word " * 9, i=3), item("word " * 9, i=3, kind="praise")]
    assert len(ledger.telling(twice, 3)) == 1


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("brief", "brief"),
        ("one two three four", "one two…"),
        ("one two, three four", "one two…"),
        ("onetwothreefour", "onetwothre…"),
        ("  a \n b  ", "a b"),
    ],
)
def test_shortened_ends_at_a_word(text: str, short: str) -> None:
    assert shortened(text, 10) == short
