"""Calls without an account are offered one, by their customers' addresses; nothing sets it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest.facts import add_internal_domains
from ingest.library import Library
from ingest.tables import calls, speakers
from service.crm.applying import apply_crm
from service.crm.calls import call_matches
from service.crm.shapes import CallMatch, Choices
from tests.service.crm.conftest import NOW

CSV = b"Company,Website\nZephyr Mills,zephyr.example\nQuill,quill.example\n"


@pytest.fixture
def home(filled: Library) -> Library:
    """The filled home; its first call has no account and two customers with addresses."""
    apply_crm(filled, CSV, Choices(mapping_is_right=True), NOW)
    return filled


def matches(home: Library, *emails: str, role: str = "customer") -> list[CallMatch]:
    with home.change() as connection:
        first = connection.scalar(sa.select(sa.func.min(calls.c.call_id)))
        mine = calls.c.call_id == first
        connection.execute(calls.update().where(mine).values(account_id=None))
        connection.execute(speakers.delete().where(speakers.c.call_id == first))
        for n, email in enumerate(emails):
            connection.execute(
                speakers.insert().values(
                    call_id=first,
                    label=f"S{n}",
                    name=f"S{n}",
                    role=role,
                    basis="file",
                    doubt=0.0,
                    title=None,
                    email=email,
                    named_by_person=False,
                )
            )
        found = call_matches(connection)
        assert connection.scalar(sa.select(calls.c.account_id).where(mine)) is None
        return found


def test_one_account_is_offered_and_says_why(home: Library) -> None:
    (found,) = matches(home, "ana@mail.zephyr.example", "bo@gmail.com")
    assert (found.account_id, found.name) == ("zephyr-mills", "Zephyr Mills")
    assert found.why == "a customer in it writes from mail.zephyr.example"


@pytest.mark.parametrize(
    "emails",
    [
        ("ana@zephyr.example", "bo@quill.example"),
        ("ana@elsewhere.example",),
        ("ana@gmail.com",),
        (),
        ("no address",),
    ],
)
def test_none_where_several_or_no_accounts_are_there(home: Library, emails: tuple[str]) -> None:
    assert matches(home, *emails) == []


def test_our_own_people_say_nothing(home: Library) -> None:
    assert matches(home, "ana@zephyr.example", role="internal") == []
    with home.change() as connection:
        add_internal_domains(connection, ["zephyr.example"])
    assert matches(home, "ana@zephyr.example") == []


def test_other_calls_tell_where_an_accounts_people_write_from(home: Library) -> None:
    with home.change() as connection:
        ids = connection.scalars(sa.select(calls.c.call_id).order_by(calls.c.call_id)).all()
        theirs = connection.scalar(sa.select(calls.c.call_id).where(calls.c.account_id == "FRZ-1"))
        other = next(call_id for call_id in ids if call_id != theirs)
        connection.execute(calls.update().where(calls.c.call_id == other).values(account_id=None))
        for call_id, email in ((theirs, "di@marlowe.example"), (other, "ed@marlowe.example")):
            mine = (speakers.c.call_id == call_id, speakers.c.role == "customer")
            connection.execute(speakers.update().where(*mine).values(email=email))
        (found,) = call_matches(connection)
    assert (found.call_id, found.account_id) == (other, "FRZ-1")
