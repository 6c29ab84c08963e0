from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from ingest.accounts import read_accounts
from ingest.errors import BadInput
from ingest.facts import put_start_date
from ingest.library import Library
from ingest.models import Account, Speaker, Transcript, Utterance
from ingest.store import insert_call, put_accounts, replace_words, update_call
from service.coverage import report
from service.shapes import CoverageReport, Filters, Gap
from tests.conftest import ROOT

START = date(2026, 5, 4)
TODAY = date(2026, 6, 3)
LARKSPUR = ROOT / "eval" / "corpora" / "larkspur"
TRUTH = json.loads((LARKSPUR / "memo_truth.json").read_text("utf-8"))["coverage"]


def change(library: Library, statement: str) -> None:
    with library.change() as connection:
        connection.execute(sa.text(statement))


def put(library: Library, told: Transcript) -> None:
    """A call with its words and roles as the file has them, without search or evidence."""
    assert told.call_id is not None
    with library.change() as connection:
        row: dict[str, object] = {
            "call_id": told.call_id,
            "title": told.title,
            "date": told.date,
            "account_id": told.account_id,
            "source": told.source,
            "state": "working",
            "media": told.call_id,
            "file_name": told.call_id,
            "media_type": "text/plain",
            "is_recording": False,
            "content_sha256": told.call_id,
            "duration_s": max((u.end_s for u in told.utterances if u.end_s), default=None),
            "warnings": [],
            "created_at": datetime(2026, 6, 5, tzinfo=UTC),
        }
        insert_call(connection, row)
        voices = [
            Speaker(label=p.name, name=p.name, role=p.role or "internal", basis="file")
            for p in told.participants
        ]
        replace_words(connection, told.call_id, voices, told.utterances)
        update_call(connection, told.call_id, state="ready")


def said(
    call_id: str, account: str | None, day: date | None, names: tuple[str, ...], minutes: float = 1
) -> Transcript:
    """A call in which each of the names speaks as a customer for so many minutes."""
    return Transcript.model_validate(
        {
            "call_id": call_id,
            "title": call_id,
            "date": day,
            "account_id": account,
            "source": "test",
            "participants": [{"name": name, "role": "customer"} for name in names],
            "utterances": [
                Utterance(
                    i=i, speaker=name, start_s=0.0, end_s=60.0 * minutes, text="It is slow."
                ).model_dump()
                for i, name in enumerate(names)
            ],
        }
    )


@pytest.fixture
def larkspur(library: Library) -> Library:
    """The accounts and the calls of the sample, as its authors wrote them down."""
    with library.change() as connection:
        put_accounts(connection, read_accounts(LARKSPUR / "accounts.csv"))
    for path in sorted((LARKSPUR / "calls").iterdir()):
        put(library, Transcript.model_validate_json(path.read_bytes()))
    return library


def shown(gaps: tuple[Gap, ...]) -> list[tuple[str | None, int, int, float, list[str]]]:
    return [
        (
            g.value,
            g.accounts_heard,
            g.accounts_in_scope,
            g.arr_in_scope_usd - g.arr_heard_usd,
            list(g.accounts_silent),
        )
        for g in gaps
    ]


# --- the board -----------------------------------------------------------------------------------


def test_the_board_says_who_was_heard_and_who_was_not(filled: Library) -> None:
    found = report(filled, Filters(), START, TODAY)
    assert found.day == 30
    assert [row.account_id for row in found.board] == ["FRZ-1", "FRZ-2", "FRZ-5", "FRZ-3", "FRZ-4"]
    assert [row.rank for row in found.board] == [1, 2, 3, 4, 5]
    assert (found.accounts_heard, found.accounts_in_scope) == (4, 5)
    assert found.accounts_silent == ("FRZ-5",)
    assert found.arr_heard_usd == 770_000
    assert [row.heard for row in found.board] == [True, True, False, True, True]
    assert [row.heard_by_day_14 for row in found.board] == [True, True, False, False, False]
    assert [row.heard_by_day_30 for row in found.board] == [True, True, False, True, True]
    silent = next(row for row in found.board if row.account_id == "FRZ-5")
    assert (silent.calls, silent.first_heard, silent.customer_minutes, silent.people) == (
        (),
        None,
        0.0,
        0,
    )
    assert found.notes == ()


def test_minutes_are_the_customers_own(filled: Library) -> None:
    with filled.read() as connection:
        seconds = connection.scalar(
            sa.text(
                "SELECT sum(end_s - start_s) FROM utterances "
                "WHERE call_id = 'FC-1' AND speaker = 'Noor Haddad'"
            )
        )
    row = report(filled, Filters(), None, TODAY).board[0]
    assert row.customer_minutes == pytest.approx(seconds / 60, abs=0.05)
    assert (row.estimated_minutes, row.people) == (0.0, 1)


def test_larkspur_by_day_14_and_by_day_30(larkspur: Library) -> None:
    found = report(larkspur, Filters(), START, TODAY)
    assert (found.accounts_heard, found.accounts_in_scope) == (
        TRUTH["top20_interviewed"],
        TRUTH["top20_total"],
    )
    early, late = found.milestones
    assert (early.day, early.date, early.reached) == (14, date(2026, 5, 18), True)
    assert (early.accounts_heard, early.arr_heard_usd) == (12, 3_027_300)
    assert early.accounts_silent == (
        *("ACC-1290", "ACC-1149", "ACC-1091", "ACC-1338"),
        *("ACC-1174", "ACC-1063", "ACC-1246", "ACC-1352"),
    )
    assert (late.day, late.date, late.reached) == (30, date(2026, 6, 3), True)
    assert (late.accounts_heard, late.arr_heard_usd) == (16, 3_320_100)
    silent = [(a["account_id"], a["arr_usd"]) for a in TRUTH["top20_not_interviewed"]]
    assert list(late.accounts_silent) == [account for account, _ in silent]
    assert late.arr_heard_usd == found.arr_in_scope_usd - sum(arr for _, arr in silent)


def test_larkspur_as_a_whole(larkspur: Library) -> None:
    found = report(larkspur, Filters(top=TRUTH["accounts_total"]), None, TODAY)
    assert (found.accounts_heard, found.accounts_in_scope, found.calls_read) == (
        TRUTH["accounts_interviewed"],
        TRUTH["accounts_total"],
        TRUTH["calls"],
    )
    assert (found.arr_in_scope_usd, found.arr_heard_usd) == (
        TRUTH["arr_total_usd"],
        TRUTH["arr_interviewed_usd"],
    )
    twice = {row.name for row in found.board if len(row.calls) == 2}
    assert twice == set(TRUTH["accounts_with_two_calls"])
    assert sum(row.people for row in found.board) == TRUTH["customer_people"]
    assert min(r.first_heard for r in found.board if r.first_heard) == date(2026, 5, 5)
    assert max(r.last_heard for r in found.board if r.last_heard) == date(2026, 5, 29)


def test_days_to_come_are_open(filled: Library) -> None:
    found = report(filled, Filters(), START, date(2026, 5, 13))
    assert [(m.reached, m.accounts_heard) for m in found.milestones] == [(False, 2), (False, 4)]
    # FC-3 and FC-4 are on file already, dated after this day 9.
    by_14 = {row.account_id: row.heard_by_day_14 for row in found.board}
    assert by_14 == {"FRZ-1": True, "FRZ-2": True, "FRZ-5": None, "FRZ-3": None, "FRZ-4": None}
    assert [(week.week, week.calls) for week in found.weeks] == [(1, 1), (2, 1)]
    assert found.notes == ("2 calls are dated after today, 2026-05-13: check the date.",)


def test_a_day_is_reached_when_it_comes(filled: Library) -> None:
    reached = [
        report(filled, Filters(), START, date(2026, 5, day)).milestones[0].reached
        for day in (17, 18)
    ]
    assert reached == [False, True]


def test_what_was_heard_before_the_start_counts_for_no_day(filled: Library) -> None:
    found = report(filled, Filters(), date(2026, 5, 10), TODAY)
    assert (found.accounts_heard, found.milestones[0].accounts_heard) == (4, 2)
    assert (found.board[0].heard, found.board[0].heard_by_day_14) == (True, False)
    assert found.calls_before_start == ("FC-1",)
    assert sum(week.calls for week in found.weeks) == 3
    assert found.notes[0].startswith("1 call lies before the start, 2026-05-10")


# --- the start -----------------------------------------------------------------------------------


def test_the_start_is_given_or_remembered_or_the_first_call(filled: Library) -> None:
    def start(given: date | None, **filters: object) -> tuple[object, ...]:
        found = report(filled, Filters.model_validate(filters), given, TODAY)
        return (found.start, found.start_from, found.day)

    assert start(None) == (date(2026, 5, 5), "first call", 29)
    # Filters do not move it.
    assert start(None, accounts=("FRZ-4",)) == (date(2026, 5, 5), "first call", 29)
    with filled.change() as connection:
        put_start_date(connection, date(2026, 5, 1))
    assert start(None) == (date(2026, 5, 1), "remembered", 33)
    assert start(START) == (START, "given", 30)


@pytest.mark.parametrize(
    ("start", "day", "calls", "note"),
    [
        (date(2026, 7, 1), -28, 0, "The start, 2026-07-01, is still to come"),
        (date(2026, 6, 3), 0, 0, "Every dated call lies before the start, 2026-06-03"),
    ],
)
def test_a_start_after_everything_says_so(
    filled: Library, start: date, day: int, calls: int, note: str
) -> None:
    found = report(filled, Filters(), start, TODAY)
    assert (found.day, sum(week.calls for week in found.weeks)) == (day, calls)
    assert [m.accounts_heard for m in found.milestones] == [0, 0]
    assert found.accounts_heard == 4
    assert len(found.notes) == 1
    assert found.notes[0].startswith(note)


@pytest.mark.parametrize("start", [date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31)])
def test_a_start_that_cannot_be_is_refused(filled: Library, start: date) -> None:
    with pytest.raises(BadInput, match="not between 1970 and 2100"):
        report(filled, Filters(), start, TODAY)
    with filled.change() as connection:
        put_start_date(connection, start)
    with pytest.raises(BadInput, match=r"\(remembered\) is not between 1970 and 2100"):
        report(filled, Filters(), None, TODAY)


# --- hours ---------------------------------------------------------------------------------------


def test_larkspur_hours_a_week(larkspur: Library) -> None:
    found = report(larkspur, Filters(), START, TODAY, 0.5)
    weeks = [
        (w.week, w.first, w.calls, round(w.customer_hours, 2), w.goal_met) for w in found.weeks
    ]
    assert weeks == [
        (1, date(2026, 5, 4), 6, 0.50, False),  # 0.499
        (2, date(2026, 5, 11), 7, 0.52, True),
        (3, date(2026, 5, 18), 7, 0.44, False),
        (4, date(2026, 5, 25), 4, 0.26, False),
        (5, date(2026, 6, 1), 0, 0.0, None),  # runs until the 7th
    ]
    for week in found.weeks[:4]:
        assert week.call_hours is not None
        assert week.customer_hours < week.call_hours
    assert {week.estimated_hours for week in found.weeks} == {0.0}
    # The board is the Top 20; the hours are everybody's.
    assert (found.calls_read, sum(week.calls for week in found.weeks)) == (18, 24)


def test_more_than_the_goal_is_meant(library: Library) -> None:
    with library.change() as connection:
        put_accounts(connection, [Account(account_id="A", name="A", arr_usd=1.0)])
    put(library, said("C1", "A", date(2026, 5, 4), ("Ana", "Ben"), minutes=30))
    put(library, said("C2", "A", date(2026, 5, 10), ("Ana",), minutes=0.6))
    put(library, said("C3", "A", date(2026, 5, 11), ("Ana",), minutes=60))
    found = report(library, Filters(), START, TODAY)
    assert found.goal_hours == 1.0
    assert [(w.calls, w.customer_hours, w.goal_met) for w in found.weeks[:3]] == [
        (2, 1.01, True),  # the seventh day is still week 1
        (1, 1.0, False),
        (0, 0.0, False),
    ]


def test_a_week_runs_to_the_end_of_its_seventh_day(filled: Library) -> None:
    met = [
        report(filled, Filters(), START, date(2026, 5, day)).weeks[0].goal_met for day in (10, 11)
    ]
    assert met == [None, False]


def test_without_times_the_words_are_counted_and_kept_apart(filled: Library) -> None:
    before = report(filled, Filters(), START, TODAY)
    change(filled, "UPDATE utterances SET start_s = NULL, end_s = NULL WHERE call_id = 'FC-2'")
    change(filled, "UPDATE calls SET duration_s = NULL WHERE call_id = 'FC-2'")
    after = report(filled, Filters(), START, TODAY)
    week = after.weeks[1]
    # In the small corpus a word takes 0.4 s, which is 150 a minute.
    assert week.estimated_hours == pytest.approx(before.weeks[1].customer_hours, abs=0.0002)
    assert (week.customer_hours, week.call_hours, week.calls_without_length) == (0.0, None, 1)
    assert (after.board[1].customer_minutes, after.board[1].estimated_minutes) == (
        0.0,
        before.board[1].customer_minutes,
    )
    assert after.calls_without_times == ("FC-2",)
    assert "1 call has no times" in after.notes[0]
    lower = week.estimated_hours / 2
    assert report(filled, Filters(), START, TODAY, lower).weeks[1].goal_met is True


def test_a_call_without_date_is_heard_but_on_no_day(filled: Library) -> None:
    change(filled, "UPDATE calls SET date = NULL WHERE call_id = 'FC-1'")
    found = report(filled, Filters(), START, TODAY)
    first = found.board[0]
    assert (first.heard, first.heard_by_day_14, first.heard_by_day_30) == (True, None, None)
    assert (first.first_heard, first.calls) == (None, ("FC-1",))
    assert "FRZ-1" in found.milestones[1].accounts_silent
    assert (found.calls_without_date, sum(w.calls for w in found.weeks)) == (("FC-1",), 3)
    assert found.notes[0].startswith("1 call has no date")


def test_without_any_date_nothing_is_counted_in_days(filled: Library) -> None:
    change(filled, "UPDATE calls SET date = NULL")
    found = report(filled, Filters(), None, TODAY)
    assert (found.start, found.start_from, found.day) == (None, None, None)
    assert (found.milestones, found.weeks, found.accounts_heard) == ((), (), 4)
    assert found.notes[-1] == "Without a date or --start there are no days or weeks to count."


def test_weeks_outside_the_dates_asked_about_are_left_out(filled: Library) -> None:
    asked = Filters(since=date(2026, 5, 12), until=date(2026, 5, 20))
    found = report(filled, asked, START, TODAY)
    assert [(week.week, week.calls) for week in found.weeks] == [(2, 1), (3, 1)]
    assert found.accounts_silent == ("FRZ-1", "FRZ-5", "FRZ-4")
    assert found.notes[0].startswith("Only calls in the dates of the filters count")


@pytest.mark.parametrize("goal", [0.0, -1.0, float("nan"), float("inf"), 169.0])
def test_a_goal_that_cannot_be_is_refused(filled: Library, goal: float) -> None:
    with pytest.raises(BadInput, match=r"The goal .* is no number of hours a week"):
        report(filled, Filters(), START, TODAY, goal)


# --- gaps ----------------------------------------------------------------------------------------


def test_larkspur_gaps_have_the_most_revenue_not_heard_first(larkspur: Library) -> None:
    gaps = report(larkspur, Filters(), START, TODAY).gaps
    assert shown(gaps.tier) == [
        ("enterprise", 5, 6, 438_000, ["ACC-1290"]),
        ("mid", 8, 10, 332_200, ["ACC-1149", "ACC-1338"]),
        ("smb", 3, 4, 48_000, ["ACC-1063"]),
    ]
    assert shown(gaps.segment)[:4] == [
        ("Medical Equipment", 1, 2, 438_000, ["ACC-1290"]),
        ("Telecom", 0, 1, 214_200, ["ACC-1149"]),
        ("Home & Trade Services", 3, 5, 166_000, ["ACC-1338", "ACC-1063"]),
        ("Doors & Docks", 1, 1, 0, []),
    ]
    assert [(g.value, g.accounts_silent == ()) for g in gaps.region] == [
        ("North America", False),
        ("ANZ", True),
        ("EMEA", True),
        ("UK & Ireland", True),
    ]


@pytest.mark.parametrize("filters", [Filters(), Filters(top=7), Filters(region="EMEA")])
def test_every_gap_sums_to_the_board(larkspur: Library, filters: Filters) -> None:
    found = report(larkspur, filters, START, TODAY)
    for gaps in (found.gaps.tier, found.gaps.segment, found.gaps.region):
        assert sum(g.accounts_in_scope for g in gaps) == found.accounts_in_scope
        assert sum(g.accounts_heard for g in gaps) == found.accounts_heard
        assert sum(g.arr_in_scope_usd for g in gaps) == found.arr_in_scope_usd
        assert sum(g.arr_heard_usd for g in gaps) == found.arr_heard_usd
        assert {a for g in gaps for a in g.accounts_silent} == set(found.accounts_silent)


def test_a_value_spelled_twice_is_one_and_none_is_its_own(library: Library) -> None:
    accounts = [
        Account(account_id="A", name="A", arr_usd=3.0, tier="SMB"),
        Account(account_id="B", name="B", arr_usd=2.0, tier="smb"),
        Account(account_id="C", name="C", arr_usd=1.0),
    ]
    with library.change() as connection:
        put_accounts(connection, accounts)
    tier = report(library, Filters(), None, TODAY).gaps.tier
    assert shown(tier) == [("SMB", 0, 2, 5.0, ["A", "B"]), (None, 0, 1, 1.0, ["C"])]


# --- whom to call --------------------------------------------------------------------------------


def order(found: CoverageReport) -> list[str]:
    return [call.account_id for call in found.next_calls]


def test_next_calls_say_why_and_the_pressing_come_first(filled: Library) -> None:
    change(filled, "UPDATE calls SET account_id = NULL")
    found = report(filled, Filters(), None, TODAY)
    assert found.calls_without_account == ("FC-1", "FC-2", "FC-3", "FC-4")
    # FRZ-4 is red and renews soon, though the smallest; FRZ-2 renews soon and is yellow.
    assert order(found) == ["FRZ-4", "FRZ-2", "FRZ-5", "FRZ-1", "FRZ-3"]
    assert found.next_calls[0].why == (
        "no customer of theirs has been heard; $30,000 a year, number 5 of 5 by ARR; "
        "renews 2026-08-01, in 59 days; health red"
    )


def test_larkspur_next_calls(larkspur: Library) -> None:
    found = report(larkspur, Filters(), START, TODAY)
    first = [call for call in found.next_calls if not call.second_voice]
    # Red and renewing this month; yellow and alone in its segment; then the most revenue.
    assert [c.account_id for c in first] == ["ACC-1338", "ACC-1149", "ACC-1290", "ACC-1063"]
    assert first[0].why.endswith("renews 2026-06-30, in 27 days; health red")
    assert first[1].why == (
        "no customer of theirs has been heard; $214,200 a year, number 8 of 20 by ARR; "
        "renews 2026-09-12, in 101 days; health yellow; "
        "nobody in scope of segment Telecom has been heard"
    )
    assert "in 180 days" in first[2].why
    second = found.next_calls[len(first) :]
    assert {call.second_voice for call in second} == {True}
    assert [call.account_id for call in second][:3] == ["ACC-1091", "ACC-1307", "ACC-1034"]
    assert second[0].why.startswith("only one person of theirs has been heard; $139,800 a year")
    # Two people of theirs were heard.
    assert not {"ACC-1321", "ACC-1263"} & set(order(found))
    assert len(found.next_calls) == 10


def test_an_unnamed_voice_is_somebody_else_in_every_call(library: Library) -> None:
    accounts = [
        Account(account_id=a, name=a, arr_usd=1.0, renewal_date=date(2026, 7, 1)) for a in "AB"
    ]
    with library.change() as connection:
        put_accounts(connection, accounts)
    for n, (account, name) in enumerate(
        [("A", "Speaker 1"), ("A", "Speaker 1"), ("B", "Ana Diaz"), ("B", "ana diaz")]
    ):
        put(library, said(f"C{n}", account, START, (name,)))
    found = report(library, Filters(), START, TODAY)
    assert [row.people for row in found.board] == [2, 1]
    assert order(found) == ["B"]


def test_a_renewal_that_has_passed_is_said_and_does_not_press(filled: Library) -> None:
    change(filled, "UPDATE accounts SET renewal_date = '2026-06-02' WHERE account_id = 'FRZ-5'")
    (call,) = [c for c in report(filled, Filters(), None, TODAY).next_calls if not c.second_voice]
    assert "its renewal date 2026-06-02 has passed" in call.why
    assert "renews" not in call.why


def test_unhappy_accounts_are_named_from_all_sizes(larkspur: Library) -> None:
    def unhappy(**filters: object) -> list[tuple[str, bool]]:
        found = report(larkspur, Filters.model_validate(filters), START, TODAY)
        return [(a.account_id, a.on_board) for a in found.unhappy_silent]

    assert unhappy() == [("ACC-1338", True), ("ACC-1149", True)]
    assert unhappy(top=10) == [("ACC-1338", False), ("ACC-1149", True)]
    assert unhappy(segment="Telecom") == [("ACC-1149", True)]
    change(larkspur, "UPDATE accounts SET health = ' At Risk ' WHERE account_id = 'ACC-1160'")
    assert unhappy() == [("ACC-1338", True), ("ACC-1160", False), ("ACC-1149", True)]


def test_a_call_in_which_only_we_spoke_is_no_hearing(filled: Library) -> None:
    change(filled, "UPDATE speakers SET role = 'internal' WHERE call_id = 'FC-4'")
    found = report(filled, Filters(), START, TODAY)
    assert [a.account_id for a in found.unhappy_silent] == ["FRZ-4"]
    assert order(found)[0] == "FRZ-4"
    assert sum(week.calls for week in found.weeks) == 3


# --- filters, and homes with little in them ------------------------------------------------------


def test_top_n_and_filters_narrow_the_board(filled: Library) -> None:
    assert len(report(filled, Filters(top=2), None, TODAY).board) == 2
    found = report(filled, Filters(segment="Health"), None, TODAY)
    assert len(found.board) == 2
    assert sum(week.calls for week in found.weeks) == 2
    with pytest.raises(BadInput):
        report(filled, Filters(segment="Nope"), None, TODAY)


def test_an_empty_home_is_covered_by_nobody(library: Library) -> None:
    found = report(library, Filters(), None, TODAY)
    assert (found.board, found.next_calls, found.accounts_in_scope) == ((), (), 0)
    assert (found.weeks, found.milestones, found.gaps.tier) == ((), (), ())
    assert found.notes[0].startswith("There are no accounts")
    assert found.notes[1].startswith("No call here has a customer speaking")


def test_accounts_without_calls_are_all_silent(library: Library) -> None:
    with library.change() as connection:
        put_accounts(connection, read_accounts(LARKSPUR / "accounts.csv"))
    found = report(library, Filters(), START, TODAY)
    assert (found.accounts_heard, len(found.accounts_silent), found.arr_heard_usd) == (0, 20, 0)
    assert [m.accounts_heard for m in found.milestones] == [0, 0]
    assert [w.goal_met for w in found.weeks] == [False, False, False, False, None]
    # Where nobody was heard, no segment is more of a gap than another.
    assert not [c for c in found.next_calls if "nobody in scope" in c.why]


def test_an_account_without_arr_is_named_and_not_ranked(filled: Library) -> None:
    change(filled, "UPDATE accounts SET arr_usd = NULL WHERE account_id = 'FRZ-2'")
    found = report(filled, Filters(), START, TODAY)
    assert "FRZ-2" not in [row.account_id for row in found.board]
    assert found.notes[0].startswith("Without an ARR, and so on no Top N: Pinecrest Clinics.")


def test_without_any_arr_everybody_is_on_the_board(filled: Library) -> None:
    change(filled, "UPDATE accounts SET arr_usd = NULL, health = 'red'")
    found = report(filled, Filters(), START, TODAY)
    assert (len(found.board), found.arr_in_scope_usd) == (5, 0.0)
    assert found.notes[0].startswith("No account has an ARR")
    assert found.next_calls[0].why == (
        "no customer of theirs has been heard; renews 2026-11-11, in 161 days; health red; "
        "nobody in scope of region APAC has been heard"
    )


def test_a_warning_light_comes_before_a_gap_and_a_gap_before_revenue(library: Library) -> None:
    accounts = [
        Account(account_id="HEARD", name="Heard", arr_usd=9.0, segment="Energy", region="EMEA"),
        Account(account_id="LARGE", name="Large", arr_usd=8.0, segment="energy", region="EMEA"),
        Account(account_id="GAP", name="Gap", arr_usd=2.0, segment="Health", region="APAC"),
        Account(account_id="AMBER", name="Amber", arr_usd=1.0, segment="Energy", health="Amber"),
    ]
    with library.change() as connection:
        put_accounts(connection, accounts)
    put(library, said("C1", "HEARD", START, ("Ana",)))
    found = report(library, Filters(), START, TODAY)
    # One voice of a content account that renews later is enough for now.
    assert order(found) == ["AMBER", "GAP", "LARGE"]
    assert found.next_calls[1].why.endswith(
        "nobody in scope of segment Health or region APAC has been heard"
    )


def test_accounts_alike_are_called_in_the_order_of_their_ids(library: Library) -> None:
    with library.change() as connection:
        put_accounts(connection, [Account(account_id=a, name="Same", arr_usd=5.0) for a in "CAB"])
    assert order(report(library, Filters(), START, TODAY)) == ["A", "B", "C"]
