"""One account: its own words only, counted by code; what is not known is said."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.corrections import SpeakerFix, correct
from ingest.errors import NotFound
from ingest.library import Library
from ingest.models import Account
from ingest.store import get_call, list_utterances, put_accounts
from ingest.tables import evidence
from service import codebook
from service.account_page import AccountPage, account_page
from service.account_rows import account_rows
from service.codebook import NewCode
from service.erase import erase
from service.shapes import Quote

TODAY = date(2026, 6, 10)
PINECREST = "FRZ-2"


def quotes(page: AccountPage) -> list[Quote]:
    risks = [s for one in (page.at_risk, page.health_check) if one for s in one.statements]
    return [
        *(q for theme in page.themes for q in theme.quotes),
        *page.also,
        *(q for point in page.timeline for q in point.quotes),
        *(q for one in risks for q in one.quotes),
    ]


def test_all_words_are_the_accounts_own_and_to_the_letter(filled: Library) -> None:
    alarms = NewCode(
        label="False alarms", kind="pain", definition="the alarm does not say which freezer"
    )
    code = codebook.add(filled, alarms)
    voiced = account_page(filled, PINECREST, TODAY).themes
    assert [(t.id, t.status, t.rank) for t in voiced] == [(code.id, "confirmed", 1)]
    for account_id in ("FRZ-1", PINECREST, "FRZ-3", "FRZ-4"):
        found = quotes(account_page(filled, account_id, TODAY))
        assert found
        for one in found:
            assert (one.account_id, one.role) == (account_id, "customer")
            with filled.read() as connection:
                (said,) = (
                    u for u in list_utterances(connection, one.call_id) if u.i == one.utterance
                )
            assert one.text in said.text


def test_the_timeline_counts_what_the_ledger_holds(filled: Library) -> None:
    page = account_page(filled, PINECREST, TODAY)
    e = evidence.c
    counted = (
        sa.select(e.kind, sa.func.count())
        .where(e.call_id == "FC-2", e.role == "customer", e.hand == "first", e.missed.is_(False))
        .group_by(e.kind)
    )
    with filled.read() as connection:
        there = {row.kind: row[1] for row in connection.execute(counted)}
    assert there
    assert {point.kind: point.n for point in page.timeline} == there
    assert {(p.call_id, p.date) for p in page.timeline} == {("FC-2", date(2026, 5, 12))}
    assert page.calls[0].evidence_n == sum(there.values())


def test_who_threatens_to_leave_is_at_risk(filled: Library) -> None:
    page = account_page(filled, PINECREST, TODAY)
    assert page.at_risk is not None
    assert page.at_risk.threat
    assert account_page(filled, "FRZ-3", TODAY).at_risk is None


def test_an_account_of_which_nobody_was_heard(filled: Library) -> None:
    page = account_page(filled, "FRZ-5", TODAY)
    assert (page.heard, page.calls, page.people, page.timeline) == (False, (), (), ())
    assert page.missing == ("No call with them is here yet.", "They renew in 154 days.")


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2026, 9, 14), "They renew tomorrow."),
        (date(2026, 9, 16), "Their renewal date has passed; the accounts file may be old."),
        (date(2026, 9, 16), "They were last heard 127 days ago."),
        (TODAY, "Only one person of theirs has been heard."),
    ],
)
def test_what_is_missing_or_old_is_said(filled: Library, today: date, says: str) -> None:
    assert says in account_page(filled, PINECREST, today).missing


def test_whoever_turns_out_to_be_our_own_is_heard_no_longer(filled: Library) -> None:
    with filled.read() as connection:
        (greta,) = (s for s in get_call(connection, "FC-2").speakers if s.role == "customer")
    correct(
        filled,
        "FC-2",
        speakers={greta.label: SpeakerFix(name=None, role="internal")},
        utterances={},
    )
    page = account_page(filled, PINECREST, TODAY)
    assert (page.heard, page.timeline, quotes(page)) == (False, (), [])
    assert (
        "None of their own people speaks in the calls that are here; check who is who."
        in page.missing
    )


def test_an_erased_call_leaves_nothing_on_the_page(filled: Library) -> None:
    before = account_page(filled, PINECREST, TODAY)
    erase(filled, "FC-2")
    after = account_page(filled, PINECREST, TODAY)
    assert quotes(before)
    assert (quotes(after), after.calls, after.people) == ([], (), ())


def test_people_are_told_apart_by_name_whatever_the_call(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET account_id = 'FRZ-1' WHERE call_id = 'FC-2'"))
    page = account_page(filled, "FRZ-1", TODAY)
    customers = {p.name: p.calls for p in page.people if p.role == "customer"}
    assert customers == {"Noor Haddad": ("FC-1",), "Greta Lind": ("FC-2",)}
    (ida,) = (p for p in page.people if p.role == "internal")
    assert (ida.name, ida.calls) == ("Ida Kern", ("FC-1", "FC-2"))
    assert page.people[-1] is ida, "customers come first"


def test_the_list_of_accounts_says_who_was_heard_and_ranks(filled: Library) -> None:
    with filled.change() as connection:
        put_accounts(connection, [Account(account_id="FRZ-9", name="No revenue")])
        rows = {row.account_id: row for row in account_rows(connection)}
    assert [row.rank for row in rows.values()] == [1, 2, 3, 4, 5, None]
    assert (rows["FRZ-1"].calls_n, rows["FRZ-1"].last_heard) == (1, date(2026, 5, 5))
    assert (rows["FRZ-5"].heard, rows["FRZ-5"].calls_n, rows["FRZ-5"].top) == (False, 0, True)
    assert rows["FRZ-9"].top is False
    with filled.read() as connection:
        assert account_rows(connection)[-1].account_id == "FRZ-9"


def test_an_unknown_account(filled: Library) -> None:
    with pytest.raises(NotFound, match="no account 'NOBODY'"):
        account_page(filled, "NOBODY", TODAY)
