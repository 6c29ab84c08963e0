"""What the digest says, and how it looks: figures of the home, hostile names made harmless."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Account
from ingest.redaction import Redaction
from ingest.store import get_account, list_utterances, put_accounts, update_call
from service import codebook
from service.booking import book
from service.codebook import NewCode
from service.digest.letter import html, letter, text
from service.digest.sending import made
from service.digest.week import Digest, digest, masked
from service.home_settings import SettingsChange, change_settings
from service.settings import Settings
from tests.service.goals.made import IDA, load, met

NOW = dt.datetime(2026, 5, 18, 8, 0, tzinfo=dt.UTC)
WEEK = dt.date(2026, 5, 12)
PAGE = "https://firsthand.example.com"


@pytest.fixture
def home(filled: Library) -> Library:
    """Before the calls of 20 May and later: FC-2 is the call of the week."""
    with filled.change() as connection:
        for call_id in ("FC-3", "FC-4"):
            update_call(connection, call_id, date=dt.date(2026, 7, 1))
        update_call(connection, "FC-1", created_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
        update_call(connection, "FC-2", created_at=dt.datetime(2026, 5, 13, tzinfo=dt.UTC))
        update_call(connection, "FC-2", duration_s=2700.0)
    codebook.add(
        filled,
        NewCode(
            label="False alarms",
            definition="The alarm rings and does not say which freezer.",
            kind="pain",
        ),
    )
    return filled


def of(library: Library, **options: bool) -> Digest:
    return digest(library, NOW, WEEK, PAGE, **options)


def test_it_has_the_week_s_hours_the_silent_and_what_is_new(home: Library) -> None:
    load(home, met("20260513T0800", 30, "noor@marlowe.example"))
    book(home, "FRZ-5", dt.date(2026, 5, 20), NOW.date())
    found = of(home)
    (ida,) = found.hours.people
    assert (ida.person, ida.hours, ida.goal_met) == (IDA, 1.25, True)
    assert found.title == "Customer hours, week 20: 1 h 15 min, 1 large account not heard"
    assert (found.accounts_in_scope, found.accounts_heard) == (5, 4)
    assert [(one.name, one.booked) for one in found.silent] == [
        ("Sable Genomics", dt.date(2026, 5, 20))
    ]
    assert (found.calls_n, found.came_n) == (1, 1)
    (need,) = found.needs
    assert (need.label, need.gained, need.accounts_n, need.arr_usd) == (
        "False alarms",
        ("Pinecrest Clinics",),
        2,
        650_000.0,
    )
    assert need.quotes == ()


def test_words_are_in_it_only_when_asked_for_and_to_the_letter(home: Library) -> None:
    (need,) = of(home, with_words=True).needs
    with home.read() as connection:
        said = {u.i: u.text for u in list_utterances(connection, "FC-2")}
    assert need.quotes
    for quote in need.quotes:
        assert (quote.call_id, quote.account_id, quote.role) == ("FC-2", "FRZ-2", "customer")
        assert quote.text in said[quote.utterance]
    assert need.quotes[0].text in text(of(home, with_words=True))
    assert "which freezer, and my night staff" not in text(of(home)) + html(of(home))


def test_calls_without_consent_are_in_no_figure(home: Library) -> None:
    change_settings(home, SettingsChange(ask_consent=True))
    found = of(home, with_words=True)
    assert (found.calls_n, found.came_n, found.needs, found.accounts_heard) == (0, 0, (), 0)


def test_it_reads_well_as_text(home: Library) -> None:
    load(
        home,
        met("20260519T0800", 30, "noor@marlowe.example"),
        met("20260513T0800", 30, "noor@marlowe.example"),
    )
    told = text(of(home))
    assert told.splitlines()[:6] == [
        "Customer hours, week 20: 1 h 15 min, 1 large account not heard",
        "11 May 2026 to 17 May 2026",
        "",
        "HOURS WITH CUSTOMERS",
        "- Ida Kern: 1 h 15 min of 1 h, goal met (30 min by the calendar alone)",
        "",
    ]
    assert "NOT HEARD YET: 1 OF YOUR 5 LARGEST ACCOUNTS\n- Sable Genomics, $120,000\n" in told
    assert "1. Sable Genomics: no customer of theirs has been heard; $120,000" in told
    assert "1 call of this week; 1 came in.\n- False alarms (pain): now also Pinecrest" in told
    assert told.endswith(f"\n{PAGE}/\n")
    assert "\n\n\n" not in told


def test_an_empty_home_has_one_too(library: Library) -> None:
    found = of(library)
    assert "Nobody of yours was in a call" in text(found)
    assert "No accounts are loaded." in html(found)
    assert found.title == "Customer hours, week 20: 0 min"


def test_hostile_names_are_shown_and_not_obeyed(home: Library) -> None:
    name = "<img src=x onerror=alert(1)>\u202e Bcc: all@b.example {{ 7*7 }}"
    with home.change() as connection:
        account = get_account(connection, "FRZ-5")
        put_accounts(
            connection,
            [account.model_copy(update={"name": name}), Account(account_id="A", name="B")],
        )
    found = of(home)
    page = html(found)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    assert "\u202e" not in page + text(found)
    assert "49" not in page.split("{{ 7*7 }}")[0][-20:]
    mail = letter(
        found.model_copy(update={"title": "A\r\nBcc: all@b.example"}),
        "f@v.example",
        ("a@v.example",),
    )
    assert (mail["Subject"], mail["Bcc"]) == ("A Bcc: all@b.example", None)


def test_a_letter_is_both_and_the_same_week_has_the_same_id(home: Library) -> None:
    one, two = (letter(of(home), "f@vendor.example", ("a@v.example", "b@v.example")) for _ in "12")
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Message-ID"].endswith("@vendor.example>")
    assert [part.get_content_type() for part in one.iter_parts()] == ["text/plain", "text/html"]
    assert one["To"] == "a@v.example, b@v.example"
    other = letter(of(home), "f@vendor.example", ("a@v.example",))
    assert other["Message-ID"] != one["Message-ID"]
    assert one["Subject"].startswith("Customer hours, week ")
    elsewhere = letter(of(home), "f@vendor.example", ("a@v.example", "b@v.example"), "acme")
    assert elsewhere["Message-ID"] != one["Message-ID"]
    assert elsewhere["Subject"] == f"acme: {one['Subject']}"
    for wrong in ("a@v.example\nBcc: x@y.example", "a@v.example, b@v.example", "A <a@v.example>"):
        with pytest.raises(BadInput, match="no e-mail address"):
            letter(of(home), "f@vendor.example", (wrong,))


def test_private_details_are_masked_in_what_is_sent(home: Library) -> None:
    found = of(home, with_words=True)
    hidden = masked(found, Redaction(["Ida Kern", "Pinecrest Clinics"]))
    assert (hidden.hours.people[0].person, hidden.needs[0].gained) == ("••••••••", ("•" * 17,))
    assert hidden.url == PAGE
    change_settings(home, SettingsChange(mask_names=("Ida Kern",)))
    settings = Settings(home=home.home)
    assert "Ida" not in text(made(home, settings, NOW, WEEK))
    assert "Ida" in text(made(home, settings, NOW, WEEK, originals=True))
