from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadInput
from service.crm.names import domain_of, domains_in, id_key, name_key
from service.crm.values import (
    DateOrder,
    Decimal,
    date_orders,
    decimals,
    named_currency,
    parse_amount,
    parse_day,
)


@pytest.mark.parametrize(
    ("text", "decimal", "amount", "currency"),
    [
        ("$1,234.50", "point", 1234.5, None),
        ("1.234,50 €", "comma", 1234.5, "EUR"),
        ("€ 1.234.567", "comma", 1234567.0, "EUR"),
        ("1 234,50", "comma", 1234.5, None),
        ("1\u00a0234\u202f567", "point", 1234567.0, None),
        ("1'234.50 CHF", "point", 1234.5, "CHF"),
        ("US$ 90000", "point", 90000.0, "USD"),
        ("USD 1,200", "point", 1200.0, "USD"),
        ("gbp 12.5", "point", 12.5, "GBP"),
        ("1.234", "point", 1.234, None),
        ("1.234", "comma", 1234.0, None),
        ("0", "point", 0.0, None),
    ],
)
def test_amounts(text: str, decimal: Decimal, amount: float, currency: str | None) -> None:
    assert parse_amount(text, decimal) == (amount, currency)


@pytest.mark.parametrize(
    "text",
    ["-500", "(500)", "12k", "1,2,3", "1,23.4", "lots", "", "5 EUR USD", "=1+1", "1e9", "9" * 20],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(BadInput):
        parse_amount(text, "point")


@pytest.mark.parametrize(
    ("texts", "settled"),
    [
        (["1234", "99"], "point"),
        (["1,234.50"], "point"),
        (["1.234,50"], "comma"),
        (["1.234", "99,5"], "comma"),
        (["1.234", "1.234.567"], "comma"),
        (["1.234"], None),
        (["1,234"], None),
        (["1,234", "12.25"], "point"),
        (["1.5", "1,5"], None),
        (["0.125"], "point"),
    ],
)
def test_what_stands_before_cents_is_told_by_the_column_or_not(
    texts: list[str], settled: str | None
) -> None:
    assert decimals(texts).settled(None, None, "point") == settled
    assert decimals(texts).settled("comma", None, "point") == "comma"


def test_what_was_said_before_holds_unless_the_values_speak_against_it() -> None:
    assert decimals(["1.234"]).settled(None, "comma", "point") == "comma"
    assert decimals(["1,234.50"]).settled(None, "comma", "point") == "point"
    assert decimals(["1,234.50", "1.234,50"]).settled(None, "comma", "point") is None


@given(st.floats(0, 1e9).map(lambda x: round(x, 2)))
def test_an_amount_is_the_same_in_both_ways_of_writing(amount: float) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse_amount(english, "point")[0] == amount
    assert parse_amount(german, "comma")[0] == amount
    assert decimals([english, german]).settled(None, None, "point") is None


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2027-01-31", "dmy", date(2027, 1, 31)),
        ("2027-01-31 14:30", "mdy", date(2027, 1, 31)),
        ("2027-01-31T10:00:00.000Z", "mdy", date(2027, 1, 31)),
        ("31.12.2026", "dmy", date(2026, 12, 31)),
        ("3/4/2027", "mdy", date(2027, 3, 4)),
        ("3/4/2027", "dmy", date(2027, 4, 3)),
        ("12/15/2026, 9:14 AM", "mdy", date(2026, 12, 15)),
        ("15 Dec 2026", "dmy", date(2026, 12, 15)),
    ],
)
def test_days(text: str, order: DateOrder, day: date) -> None:
    assert parse_day(text, order) == day


@pytest.mark.parametrize("text", ["31/12/2026", "12/15/26", "46000", "soon", "00/01/2027"])
def test_what_is_no_day_with_the_month_first(text: str) -> None:
    with pytest.raises(BadInput):
        parse_day(text, "mdy")


def test_whether_the_day_stands_first_is_told_by_the_column_or_not() -> None:
    assert date_orders(["03/04/2027", "31/01/2027"]).settled(None, None, "dmy") == "dmy"
    assert date_orders(["03/04/2027", "01/31/2027"]).settled(None, None, "dmy") == "mdy"
    assert date_orders(["2027-04-03", "05/05/2027"]).settled(None, None, "dmy") == "dmy"
    unclear = date_orders(["2027-04-03", "03/04/2027"])
    assert unclear.settled(None, None, "dmy") is None
    assert unclear.unclear == "03/04/2027"
    assert date_orders(["31/01/2027", "01/31/2027"]).settled(None, None, "dmy") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "ACME, Inc."),
        ("Müller & Söhne GmbH & Co. KG", "muller und sohne"),
        ("The Larkfield Company", "Larkfield"),
        ("L'Atelier S.A.", "LAtelier SA"),
        ("Straße AG", "Strasse"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme Holdings", "Acme"), ("Acme Group", "Acme"), ("Acme 2", "Acme"), ("SE", "SA")],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.lists(st.sampled_from("the Acme & Co. KG Inc. S.A. and Söhne GmbH".split()), min_size=1))
def test_the_same_name_written_plainly_stays_the_same(words: list[str]) -> None:
    key = name_key(" ".join(words))
    assert key
    assert name_key(key) == key


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Acme.example/about?x=1", "acme.example"),
        ("acme.example", "acme.example"),
        ("ana@eu.acme.example", "eu.acme.example"),
        ("http://user:secret@acme.example:8080", "acme.example"),
        ("www2.acme.co.example.", "acme.co.example"),
        ("münchen.example", "münchen.example"),
        ("acme", None),
        ("127.0.0.1", None),
        ("not a site", None),
        ("=HYPERLINK(1)", None),
        ("www." * 5000, None),
    ],
)
def test_domains(text: str, domain: str | None) -> None:
    assert domain_of(text) == domain


def test_a_cell_with_several_domains_and_one_of_everybody() -> None:
    assert domains_in("acme.example; acme.io, gmail.com acme.io") == ("acme.example", "acme.io")


def test_salesforce_writes_an_id_in_two_ways() -> None:
    assert id_key("001Hs00003AbCdEIAV") == id_key("001Hs00003AbCdE")
    assert id_key("001Hs00003AbCdE") != id_key("001Hs00003AbCde")
    assert id_key("204188331010000") == "204188331010000"


def test_a_column_can_name_its_currency() -> None:
    assert named_currency("ARR (EUR)") == "EUR"
    assert named_currency("ARR in €") == "EUR"
    assert named_currency("ARR") is None
