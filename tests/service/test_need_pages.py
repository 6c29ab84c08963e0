from __future__ import annotations

from datetime import date

from ingest.library import Library
from service.need_pages import need_pages, reason
from service.scope import resolve
from service.shapes import Filters, NeedPage, Theme
from tests.service.coded import theme

AS_OF = date(2026, 6, 3)
ALARM = [("FC-1", 1), ("FC-1", 3), ("FC-1", 6), ("FC-2", 1), ("FC-2", 3)]


def page_of(library: Library) -> tuple[Theme, NeedPage]:
    with library.read() as connection:
        scope = resolve(connection, Filters())
        alarm = theme(connection, scope, "An alarm names its freezer", ALARM)
        (page,) = need_pages(connection, [alarm], scope, AS_OF)
    return alarm, page


def test_a_page_tells_cost_workaround_wish_and_trouble_in_their_words(filled: Library) -> None:
    _, page = page_of(filled)
    assert any("sixty hours a month" in s.text for s in page.cost)
    assert any(
        "by hand with a clipboard" in s.quotes[0].text for s in (*page.workaround, *page.cost)
    )
    assert [s.quotes[0].utterance for s in page.asked_for] == [6]
    assert "says which freezer" in page.asked_for[0].text
    assert page.behind
    told = [s for part in (page.cost, page.workaround, page.asked_for, page.behind) for s in part]
    assert {q.role for s in told for q in s.quotes} == {"customer"}
    texts = [s.text for s in told]
    assert len(texts) == len(set(texts))


def test_quotes_are_of_different_accounts_and_renewals_within_180_days(filled: Library) -> None:
    _, page = page_of(filled)
    assert {q.account_id for q in page.quotes} == {"FRZ-1", "FRZ-2"}
    assert len(page.quotes) == 2
    # 1 December is 181 days off.
    assert page.renewals == ("FRZ-2",)


def test_counter_evidence_is_counted_over_calls_also_when_there_is_none(filled: Library) -> None:
    _, page = page_of(filled)
    assert (page.counter, page.calls_n) == ((), 4)


def test_confidence_is_given_with_its_reason(filled: Library) -> None:
    alarm, page = page_of(filled)
    assert page.reason == reason(alarm)
    assert page.reason.startswith("2 accounts in 2 segments; its place hangs on one")


def test_without_a_need_there_is_no_page(filled: Library) -> None:
    with filled.read() as connection:
        scope = resolve(connection, Filters())
        assert list(need_pages(connection, [], scope, AS_OF)) == []
