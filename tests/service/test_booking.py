from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from ingest.tables import bookings
from service.booking import Booking, book, booked
from service.coverage import report
from service.shapes import BoardRow, CoverageReport, Filters

TODAY = date(2026, 6, 3)
SOON = date(2026, 6, 10)


def board(library: Library, today: date = TODAY) -> tuple[CoverageReport, dict[str, BoardRow]]:
    found = report(library, Filters(), date(2026, 5, 4), today)
    return found, {row.account_id: row for row in found.board}


def test_a_booked_account_is_no_longer_one_to_call(filled: Library) -> None:
    before, _ = board(filled)
    assert "FRZ-5" in {call.account_id for call in before.next_calls}
    assert book(filled, "FRZ-5", SOON, TODAY) == Booking(account_id="FRZ-5", date=SOON)
    after, rows = board(filled)
    assert (rows["FRZ-5"].heard, rows["FRZ-5"].booked, rows["FRZ-5"].overdue) == (False, SOON, None)
    assert (after.accounts_booked, after.arr_booked_usd) == (("FRZ-5",), 120_000)
    assert "FRZ-5" not in {call.account_id for call in after.next_calls}
    assert after.accounts_silent == before.accounts_silent, "a promise is no call"


def test_a_second_voice_that_is_booked_is_no_longer_proposed(filled: Library) -> None:
    before, _ = board(filled)
    (second, *_) = [call.account_id for call in before.next_calls if call.second_voice]
    book(filled, second, SOON, TODAY)
    after, rows = board(filled)
    assert second not in {call.account_id for call in after.next_calls}
    assert (rows[second].heard, rows[second].booked) == (True, SOON)
    assert after.accounts_booked == (), "it was heard already"


def test_a_later_booking_takes_the_place_and_none_takes_it_back(filled: Library) -> None:
    book(filled, "FRZ-5", SOON, TODAY)
    book(filled, "FRZ-5", SOON + timedelta(days=1), TODAY)
    with filled.read() as connection:
        assert booked(connection) == {"FRZ-5": SOON + timedelta(days=1)}
    assert book(filled, "FRZ-5", None, TODAY).date is None
    with filled.read() as connection:
        assert booked(connection) == {}


def test_a_booking_is_over_with_a_call_of_that_day_or_later(filled: Library) -> None:
    day = date(2026, 6, 2)  # FC-4 is a call of that day
    book(filled, "FRZ-4", day, day)
    _, rows = board(filled)
    assert (rows["FRZ-4"].booked, rows["FRZ-4"].overdue) == (None, None)
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET date = '2026-06-01' WHERE call_id = 'FC-4'"))
    _, rows = board(filled, day)
    assert rows["FRZ-4"].booked == day, "the day itself is not over"
    _, rows = board(filled)
    assert (rows["FRZ-4"].booked, rows["FRZ-4"].overdue) == (None, day)


def test_a_day_that_passed_without_a_call_is_to_be_called_again(filled: Library) -> None:
    book(filled, "FRZ-5", SOON, TODAY)
    found, rows = board(filled, SOON + timedelta(days=1))
    assert rows["FRZ-5"].overdue == SOON
    assert found.accounts_booked == ()
    assert "FRZ-5" in {call.account_id for call in found.next_calls}


def test_loading_the_accounts_anew_keeps_bookings_and_no_account_no_booking(
    filled: Library,
) -> None:
    book(filled, "FRZ-5", SOON, TODAY)
    with filled.change() as connection:
        put_accounts(connection, [Account(account_id="FRZ-5", name="Sable Genomics Ltd")])
        assert booked(connection) == {"FRZ-5": SOON}
        connection.execute(sa.text("DELETE FROM accounts WHERE account_id = 'FRZ-5'"))
        assert connection.scalar(sa.select(sa.func.count()).select_from(bookings)) == 0


@pytest.mark.parametrize(
    ("day", "says"), [(date(2026, 6, 2), "2026-06-02 has passed"), (date(2062, 6, 2), "5 years")]
)
def test_days_that_cannot_be_meant_are_refused(filled: Library, day: date, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        book(filled, "FRZ-5", day, TODAY)


def test_only_an_account_can_be_booked(filled: Library) -> None:
    with pytest.raises(NotFound, match="There is no account 'nobody'"):
        book(filled, "nobody", SOON, TODAY)
