"""Themes by account, over time, one to read, several together: counted from the same evidence."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.tables import calls, evidence
from service import one_theme as reading
from service.codebook import NewCode, merge, put_codes
from service.erase import erase
from service.heatmap import heatmap
from service.one_theme import one_theme, together
from service.shapes import Filters, Theme
from service.themes import fewer, grouped, named, themes
from service.timeline import Span, timeline

CODES = (
    NewCode(
        label="Alarms that do not say which freezer",
        definition="A false alarm wakes people at night and does not tell which freezer it is.",
    ),
    NewCode(
        label="Signed temperature records for auditors",
        definition="Temperature data must reach the auditor signed, without retyping.",
        kind="request",
    ),
    NewCode(label="Parking for delivery vans", definition="No place at the loading bay."),
)


@pytest.fixture
def ids(filled: Library) -> list[str]:
    """Of two codes that were heard and one that was not."""
    return [code.id for code in put_codes(filled, CODES)]


def confirmed(library: Library, filters: Filters | None = None) -> dict[str, Theme]:
    found = themes(library, filters or Filters())
    return {t.id: t for t in found if t.status == "confirmed"}


def test_a_heatmap_has_the_figures_of_the_themes(filled: Library, ids: list[str]) -> None:
    found = heatmap(filled, Filters())
    listed = confirmed(filled)
    assert [row.theme_id for row in found.themes] == ids[:2]
    for row in found.themes:
        theme = listed[row.theme_id]
        assert {c.account_id: c.intensity for c in row.cells} == {
            a.account_id: a.intensity for a in theme.accounts
        }
        assert sum(c.mentions_n for c in row.cells) == row.mentions_n == theme.mentions_n
        assert (row.arr_usd, row.accounts_n) == (theme.arr_usd, theme.accounts_n)


def test_columns_are_by_revenue_and_the_silent_are_told_from_those_with_nothing_to_say(
    filled: Library, ids: list[str]
) -> None:
    found = heatmap(filled, Filters())
    heard = {account.account_id: account.heard for account in found.accounts}
    assert [*heard] == ["FRZ-1", "FRZ-2", "FRZ-5", "FRZ-3", "FRZ-4"]
    assert not heard["FRZ-5"]
    spoke = {cell.account_id for row in found.themes for cell in row.cells}
    assert "FRZ-5" not in spoke
    assert heard["FRZ-4"], "FRZ-4 was heard and is in no cell"
    assert "FRZ-4" not in spoke
    narrowed = heatmap(filled, Filters(accounts=("FRZ-1",)))
    assert [a.account_id for a in narrowed.accounts] == ["FRZ-1"]
    assert [row.theme_id for row in narrowed.themes] == ids[:1]


def test_more_accounts_than_can_be_read_are_left_out_and_counted(
    filled: Library, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.heatmap.COLUMNS", 1)
    found = heatmap(filled, Filters())
    assert [a.account_id for a in found.accounts] == ["FRZ-1"]
    assert found.accounts_left_out == 4
    (alarms,) = (row for row in found.themes if row.theme_id == ids[0])
    assert [c.account_id for c in alarms.cells] == ["FRZ-1"]
    assert alarms.accounts_n == 2, "the figures are of all"


def test_a_timeline_counts_each_day(filled: Library, ids: list[str]) -> None:
    found = timeline(filled, Filters())
    assert (found.first, found.step) == (date(2026, 5, 5), "day")
    assert sum(one.calls_n for one in found.calls) == 4
    alarms = found.themes[0]
    assert alarms.theme_id == ids[0]
    assert [one.date for one in alarms.heard] == [date(2026, 5, 5), date(2026, 5, 12)]
    assert (alarms.first_heard, alarms.last_heard) == (date(2026, 5, 5), date(2026, 5, 12))
    assert sum(one.mentions_n for one in alarms.heard) == alarms.mentions_n
    assert all(one.accounts_n == 1 for one in alarms.heard)


@pytest.mark.usefixtures("ids")
def test_words_of_a_call_without_a_date_are_counted_apart(filled: Library) -> None:
    before = timeline(filled, Filters()).themes[0]
    with filled.change() as connection:
        connection.execute(calls.update().where(calls.c.call_id == "FC-2").values(date=None))
    after = timeline(filled, Filters()).themes[0]
    assert after.mentions_n == before.mentions_n
    assert after.undated_n == before.heard[1].mentions_n > 0
    assert [one.date for one in after.heard] == [date(2026, 5, 5)]


@pytest.mark.parametrize(
    ("step", "start"),
    [("day", "2026-05-07"), ("week", "2026-05-04"), ("month", "2026-05-01")],
)
def test_steps_begin_on_their_first_day(step: str, start: str) -> None:
    span = Span(None, None, step)  # type: ignore[arg-type]  # of the three
    assert span.start(date(2026, 5, 7)) == date.fromisoformat(start)


@pytest.mark.usefixtures("ids")
def test_long_times_are_told_in_weeks_and_months(filled: Library) -> None:
    for day, step in ((date(2026, 1, 1), "week"), (date(2020, 1, 1), "month")):
        with filled.change() as connection:
            connection.execute(calls.update().where(calls.c.call_id == "FC-4").values(date=day))
        found = timeline(filled, Filters())
        assert (found.first, found.step) == (day, step)
        assert len(found.themes[0].heard) == (2 if step == "week" else 1)


def test_a_theme_to_read_has_every_account_and_all_its_words(
    filled: Library, ids: list[str]
) -> None:
    theme = confirmed(filled)[ids[0]]
    one = one_theme(filled, ids[0], Filters())
    assert [mine.account_id for mine in one.words] == ["FRZ-1", "FRZ-2"]
    assert sum(mine.mentions_n for mine in one.words) == theme.mentions_n
    for mine in one.words:
        assert len({(q.call_id, q.utterance) for q in mine.quotes}) == mine.mentions_n
        assert {q.account_id for q in mine.quotes} == {mine.account_id}
        assert {q.role for q in mine.quotes} == {"customer"}
    assert {c.call_id for c in one.calls} == {"FC-1", "FC-2"}
    assert {c.has_audio for c in one.calls} == {False}
    assert (one.theme.arr_usd, one.theme.rank) == (theme.arr_usd, theme.rank)
    alone = one_theme(filled, ids[0], Filters(accounts=("FRZ-2",)))
    assert [mine.account_id for mine in alone.words] == ["FRZ-2"]


def test_quotes_are_dealt_in_turn_where_there_are_too_many(
    filled: Library, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "QUOTES", 3)
    one = one_theme(filled, ids[0], Filters())
    assert [len(mine.quotes) for mine in one.words] == [2, 1]
    assert all(mine.mentions_n >= len(mine.quotes) for mine in one.words)


def test_a_group_by_likeness_can_be_read_too(filled: Library) -> None:
    with filled.change() as connection:  # only what was said in earnest is grouped
        connection.execute(sa.update(evidence).values(strength=2))
    groups = [t for t in themes(filled, Filters()) if t.by == "likeness"]
    assert groups == grouped(filled, Filters())
    assert [t for t in themes(filled, Filters()) if t.by != "likeness"] == named(filled, Filters())
    assert groups
    for group in groups:
        one = one_theme(filled, group.id, Filters())
        said = [quote for mine in one.words for quote in mine.quotes]
        assert sorted(said, key=str) == sorted(group.evidence, key=str)
        assert {q.call_id for q in said} == {c.call_id for c in one.calls}


def test_a_theme_that_nobody_spoke_of_is_not_found(filled: Library, ids: list[str]) -> None:
    for unheard, filters in (
        (ids[2], Filters()),
        ("code-none", Filters()),
        (ids[0], Filters(accounts=("FRZ-4",))),
    ):
        with pytest.raises(NotFound, match="Nobody in these accounts"):
            one_theme(filled, unheard, filters)


def test_together_counts_nobody_twice_and_changes_nothing(filled: Library, ids: list[str]) -> None:
    first, second = (confirmed(filled)[one] for one in ids[:2])
    sum_ = together(filled, ids[:2], Filters())
    accounts = {a.account_id: a.arr_usd for t in (first, second) for a in t.accounts}
    assert sum_.accounts_n == len(accounts)
    assert sum_.shared_n == first.accounts_n + second.accounts_n - len(accounts)
    assert sum_.arr_usd == sum(arr or 0 for arr in accounts.values())
    assert sum_.mentions_n <= first.mentions_n + second.mentions_n
    assert [*confirmed(filled)] == ids[:2]
    with pytest.raises(BadInput, match="at least two"):
        together(filled, [ids[0], ids[0]], Filters())
    with pytest.raises(NotFound):
        together(filled, [ids[0], ids[2]], Filters())


def test_what_was_merged_away_opens_as_what_it_went_into(filled: Library, ids: list[str]) -> None:
    merge(filled, [ids[1]], ids[0])
    assert one_theme(filled, ids[1], Filters()).theme.id == ids[0]


def test_nothing_of_an_erased_call_is_left_in_any_view(filled: Library, ids: list[str]) -> None:
    """They are kept nowhere; what they are counted from goes with the call."""
    assert one_theme(filled, ids[0], Filters(accounts=("FRZ-2",))).words
    erase(filled, "FC-2")
    assert {c.account_id for row in heatmap(filled, Filters()).themes for c in row.cells} == {
        "FRZ-1",
        "FRZ-3",
    }
    assert date(2026, 5, 12) not in {
        one.date for row in timeline(filled, Filters()).themes for one in row.heard
    }
    words = one_theme(filled, ids[0], Filters()).words
    assert {q.call_id for mine in words for q in mine.quotes} == {"FC-1"}


@pytest.mark.usefixtures("ids")
def test_fewer_quotes_change_no_figure(filled: Library) -> None:
    whole = themes(filled, Filters())
    for theme, less in zip(whole, fewer(whole, 1), strict=True):
        assert less.evidence == theme.evidence[:1]
        assert len(less.counter) <= 1
        left_out = {"evidence", "counter"}
        assert less.model_dump(exclude=left_out) == theme.model_dump(exclude=left_out)
