from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.library import Library
from service import risks
from service.ledger import Evidence
from service.rivals import mentions
from service.scope import Scope, resolve
from service.shapes import EvidenceKind, Filters
from tests.service.test_ledger import item

AS_OF = date(2026, 6, 3)


def said(text: str, kind: EvidenceKind = "risk") -> Evidence:
    return item(text, kind=kind)


@pytest.mark.parametrize(
    ("text", "kind", "threat"),
    [
        ("If this goes on we will leave.", "risk", True),
        ("There is a shortlist of two, and the renewal is in August.", "risk", True),
        ("I am in procurement, as it happens.", "risk", False),
        ("They got the bid for the harbour.", "risk", False),
        ("Boreal showed us theirs.", "competitor", True),
        ("It breaks every week.", "pain", False),
    ],
)
def test_one_chance_word_accuses_nobody(text: str, kind: EvidenceKind, threat: bool) -> None:
    assert bool(risks.threats([said(text, kind)])) is threat


def scoped(library: Library, top: int | None = None) -> tuple[dict[str, list[Evidence]], Scope]:
    with library.read() as connection:
        everyone = resolve(connection, Filters())
        return risks.by_account(library, connection, everyone), (
            resolve(connection, Filters(top=top)) if top else everyone
        )


def test_who_is_outside_the_top_comes_last_and_is_marked(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE accounts SET arr_usd = 1 WHERE account_id = 'FRZ-2'"))
    mine, top = scoped(filled, top=2)
    with filled.read() as connection:
        everyone = resolve(connection, Filters())
    found = list(risks.at_risk(mine, everyone, top, [], AS_OF))
    assert [(a.account_id, a.in_scope) for a in found if a.threat] == [("FRZ-2", False)]


def test_a_green_light_beside_threats_is_told(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(
            sa.text("UPDATE accounts SET health = 'Green' WHERE account_id = 'FRZ-2'")
        )
        connection.execute(sa.text("UPDATE evidence SET strength = 2 WHERE kind = 'risk'"))
    mine, scope = scoped(filled)
    found = {check.account_id: check.reading for check in risks.health(mine, scope)}
    assert found == {"FRZ-2": "threatened", "FRZ-4": "content"}


def test_a_competitor_named_in_one_call_is_found_in_another(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(
            sa.text(
                "UPDATE utterances SET text = 'Borealis showed us their app. They were in.' "
                "WHERE call_id = 'FC-2' AND i = 5"
            )
        )
        connection.execute(
            sa.text(
                "UPDATE evidence SET kind = 'competitor', first_char = 0, end_char = 29 "
                "WHERE call_id = 'FC-2' AND utterance = 5"
            )
        )
        connection.execute(
            sa.text(
                "UPDATE utterances SET text = 'Fine. The bore alis people, twelve seats. Anyway.' "
                "WHERE call_id = 'FC-4' AND i = 1"
            )
        )
    with filled.read() as connection:
        everyone = resolve(connection, Filters())
        mine = risks.by_account(filled, connection, everyone)
    (found,) = [e for e in mine["FRZ-4"] if e.kind == "competitor"]
    assert "bore alis people" in found.quote().text


def test_without_a_competitor_nothing_is_looked_for(filled: Library) -> None:
    with filled.read() as connection:
        assert list(mentions(connection, resolve(connection, Filters()), [])) == []
