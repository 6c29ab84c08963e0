from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Account, Role, Speaker, Utterance
from ingest.store import insert_call, put_accounts, replace_words, update_call
from service.scope import Scope, measure, resolve
from service.shapes import Filters

ACCOUNTS = [
    Account(account_id="BIG", name="Big", arr_usd=300.0, tier="enterprise", region="EMEA"),
    Account(account_id="MID", name="Mid", arr_usd=200.0, tier="mid", region="EMEA"),
    Account(account_id="SML", name="Small", arr_usd=100.0, tier="smb", region="APAC"),
    Account(account_id="NIL", name="No revenue known", tier="smb"),
]


@pytest.fixture
def peopled(library: Library) -> Library:
    """BIG speaks in May, SML's call has only internal speech, one call has no account or date."""
    with library.change() as connection:
        put_accounts(connection, ACCOUNTS)
    add_call(library, "C1", "BIG", date(2026, 5, 4), "customer")
    add_call(library, "C2", "SML", date(2026, 6, 4), "internal")
    add_call(library, "C3", None, None, "customer")
    return library


def add_call(
    library: Library, call_id: str, account: str | None, day: date | None, role: Role
) -> None:
    with library.change() as connection:
        insert_call(
            connection,
            {
                "call_id": call_id,
                "title": call_id,
                "date": day,
                "account_id": account,
                "source": "test",
                "state": "working",
                "media": call_id,
                "file_name": call_id,
                "media_type": "text/plain",
                "is_recording": False,
                "content_sha256": call_id,
                "warnings": [],
                "created_at": datetime(2026, 6, 5, tzinfo=UTC),
            },
        )
        voice = Speaker(label="S1", name="Ana", role=role, basis="file")
        words = Utterance(i=0, speaker="S1", start_s=0.0, end_s=60.0, text="We need help.")
        replace_words(connection, call_id, [voice], [words])
        update_call(connection, call_id, state="ready")


def scope(library: Library, **filters: object) -> Scope:
    with library.read() as connection:
        return resolve(connection, Filters.model_validate(filters))


def test_everything_is_in_scope_without_filters(peopled: Library) -> None:
    all_of_it = scope(peopled)
    assert [a.account_id for a in all_of_it.accounts] == ["BIG", "MID", "SML", "NIL"]
    assert all_of_it.call_ids == {"C1", "C2", "C3"}
    measured = measure(all_of_it)
    # Only a customer's own voice counts as heard.
    assert measured.accounts_silent == ("MID", "SML", "NIL")
    assert (measured.accounts_heard, measured.calls_read) == (1, 3)
    assert (measured.arr_in_scope_usd, measured.arr_heard_usd) == (600.0, 300.0)


@pytest.mark.parametrize(
    ("filters", "accounts", "calls"),
    [
        ({"top": 2}, ["BIG", "MID"], {"C1"}),
        ({"top": 50}, ["BIG", "MID", "SML"], {"C1", "C2"}),
        ({"tier": "SMB"}, ["SML", "NIL"], {"C2"}),
        ({"region": "emea", "top": 1}, ["BIG"], {"C1"}),
        ({"accounts": ["SML", "BIG"]}, ["BIG", "SML"], {"C1", "C2"}),
        ({"since": "2026-06-01"}, ["BIG", "MID", "SML", "NIL"], {"C2"}),
        ({"until": "2026-05-04"}, ["BIG", "MID", "SML", "NIL"], {"C1"}),
        ({"tier": "mid", "top": 1}, [], set()),
    ],
)
def test_filters(
    peopled: Library, filters: dict[str, object], accounts: list[str], calls: set[str]
) -> None:
    left = scope(peopled, **filters)
    assert [a.account_id for a in left.accounts] == accounts
    assert left.call_ids == calls


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"tier": "gold"}, r"No account has the tier 'gold'; there are: enterprise, mid, smb\."),
        ({"accounts": ["XXX"]}, "There is no account 'XXX'"),
        ({"since": "2026-06-02", "until": "2026-06-01"}, "ends .* before it starts"),
    ],
)
def test_a_filter_that_names_nothing_says_what_there_is(
    peopled: Library, filters: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        scope(peopled, **filters)


def test_a_call_at_work_is_invisible(peopled: Library) -> None:
    with peopled.change() as connection:
        update_call(connection, "C1", state="working")
    assert "C1" not in scope(peopled).call_ids
