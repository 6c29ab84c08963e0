"""General questions, over the small corpus of tests/corpus.py."""

from __future__ import annotations

import pytest

from ingest.library import Library
from ingest.models import Account
from ingest.store import list_accounts, put_accounts
from service.ask import ask
from service.codebook import NewCode, judge, put_codes
from service.general import THEMES, against, one_each, themed
from service.scope import resolve
from service.shapes import EvidenceKind, Filters
from tests.service.made import theme
from tests.service.spoken import confirmed, hold, places

ALARMS = NewCode(
    label="Alarms that do not say which freezer",
    definition="A false alarm wakes people at night and does not tell which freezer it is.",
)
EXPORT = NewCode(
    label="Signed temperature records for auditors",
    definition="Temperature data must reach the auditor signed, without retyping.",
    kind="request",
)


def set_health(library: Library, **health: str | None) -> None:
    with library.change() as connection:
        by_id = {a.account_id: a for a in list_accounts(connection)}
        put_accounts(
            connection,
            [
                by_id[key.replace("_", "-")].model_copy(update={"health": value})
                for key, value in health.items()
            ],
        )


@pytest.mark.parametrize(
    ("name", "account_id", "health", "verdict"),
    [
        # Pinecrest speaks of leaving; Quay, Osprey and Marlowe do not.
        ("Pinecrest", "FRZ-2", "green", "the calls do not bear it out: they speak of leaving"),
        ("Pinecrest", "FRZ-2", "red", "the calls agree: they speak of leaving"),
        ("Quay", "FRZ-4", "green", "the calls agree: no threat was voiced"),
        ("Quay", "FRZ-4", "red", "the calls do not bear it out: no threat was voiced"),
        ("Osprey", "FRZ-3", "at risk", "the calls do not bear it out: no threat was voiced"),
        ("Marlowe", "FRZ-1", "Green", "the calls agree: no threat was voiced"),
    ],
)
def test_crm_health_is_held_against_the_calls(
    filled: Library, name: str, account_id: str, health: str, verdict: str
) -> None:
    set_health(filled, **{account_id.replace("-", "_"): health})
    answer = ask(filled, f"Do the calls bear out the CRM health of {name}?")
    assert not answer.abstained
    (told,) = answer.statements
    assert told.accounts == (account_id,)
    assert f": CRM health {health}; {verdict}" in told.text
    assert told.quotes
    # The next answer knows of a change.
    set_health(filled, **{account_id.replace("-", "_"): "purple"})
    again = ask(filled, f"Do the calls bear out the CRM health of {name}?").statements[0]
    assert "CRM health purple" in again.text


def test_health_of_whom_nobody_heard_is_not_judged(filled: Library) -> None:
    hold(filled, "N-1", "FRZ-5", [("v", "How are you?"), ("c", "It is the ninth of June today.")])
    answer = ask(filled, "Do the calls bear out the CRM health of Sable Genomics?")
    assert answer.abstained
    assert answer.reason == "Nothing these customers said bears on their health."


@pytest.mark.parametrize(
    ("question", "accounts", "at"),
    [
        ("What do our customers need?", ["FRZ-1", "FRZ-2", "FRZ-3"], None),
        ("What do customers like?", ["FRZ-4"], {("FC-4", 1)}),
        ("Which customers are at risk?", ["FRZ-2"], {("FC-2", 5)}),
        ("Who might we lose?", ["FRZ-2"], {("FC-2", 5)}),
        ("What do our smb customers like?", ["FRZ-4"], {("FC-4", 1)}),
    ],
)
def test_without_codes_every_account_speaks_in_order_of_revenue(
    filled: Library, question: str, accounts: list[str], at: set[tuple[str, int]] | None
) -> None:
    answer = ask(filled, question)
    assert not answer.abstained
    assert [a for s in answer.statements for a in s.accounts] == accounts
    assert at is None or places(answer) == at
    assert answer.counter == ()


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What do our mid customers like?", "No customer in scope voiced a praise"),
        ("What do our smb customers need?", "No customer in scope voiced a pain or request"),
        ("Which smb customers are at risk?", "No customer in scope spoke of leaving"),
    ],
)
def test_what_nobody_voiced_gets_a_no(filled: Library, question: str, reason: str) -> None:
    answer = ask(filled, question)
    assert answer.abstained
    assert (answer.reason or "").startswith(reason)


@pytest.mark.parametrize(
    ("question", "kind", "leads"),
    [
        ("What do our customers need?", "pain", True),
        ("What do our customers need?", "request", True),
        ("What do our customers need?", "risk", True),
        ("What do our customers need?", "praise", False),
        ("What do customers like?", "praise", True),
        ("What do customers like?", "pain", False),
        ("What do customers want?", "request", True),
    ],
)
def test_themes_of_the_kind_asked_for_come_first(
    filled: Library, question: str, kind: EvidenceKind, leads: bool
) -> None:
    code = put_codes(filled, [NewCode(label="Handles on lids", kind=kind)])[0]
    judge(filled, code.id, "FC-4", 1, "confirm")
    judge(filled, code.id, "FC-1", 1, "confirm")
    answer = ask(filled, question)
    assert answer.statements[0].text.startswith("Handles on lids: ") is leads
    assert any("Handles on lids" in s.text for s in answer.statements) is leads


def test_a_theme_is_told_with_its_numbers_and_a_quote_of_each(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    with filled.read() as connection:
        scope = resolve(connection, Filters())
    alarms = confirmed(filled)[ALARMS.label]
    told = themed(alarms, scope)
    assert told.text.startswith(
        "Alarms that do not say which freezer: 2 accounts worth $650,000 a year, 2 of the Top 20."
    )
    assert (told.accounts, told.accounts_n, told.arr_usd) == (("FRZ-1", "FRZ-2"), 2, 650_000)
    assert sorted(q.account_id or "" for q in told.quotes) == ["FRZ-1", "FRZ-2"]
    export = themed(confirmed(filled)[EXPORT.label], scope)
    assert "1 account worth $90,000 a year" in export.text
    assert "Only one account spoke of it." in export.text
    answer = ask(filled, "What do our customers need?")
    assert [s.text for s in answer.statements[:2]] == [told.text, export.text]


def test_a_theme_counts_also_those_whose_quotes_did_not_fit_in(filled: Library) -> None:
    with filled.read() as connection:
        scope = resolve(connection, Filters())
    many = {f"A{n}": 10.0 for n in range(30)}
    told = themed(theme("many", many), scope)
    assert (told.accounts_n, told.arr_usd) == (30, 300)
    assert told.text.startswith("many: 30 accounts worth $300 a year, 30 of the Top 20")
    assert len(told.quotes) == 1
    assert "of the Top 20" not in themed(theme("few", {"A": 1.0}, top=0), scope).text


def test_no_more_than_a_few_themes_lead(filled: Library) -> None:
    codes = put_codes(filled, [NewCode(label=f"Matter number {n}") for n in range(THEMES + 2)])
    for code in codes:
        judge(filled, code.id, "FC-1", 1, "confirm")
    answer = ask(filled, "What do our customers need?")
    assert sum(s.text.startswith("Matter number") for s in answer.statements) == THEMES


def test_what_speaks_against_a_theme_is_told_account_by_account(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    words = "No, the alarm is not a problem. Our alarm always says which freezer it is."
    hold(filled, "N-1", "FRZ-5", [("v", "Are false alarms hard on you?"), ("c", words)])
    with filled.read() as connection:
        scope = resolve(connection, Filters())
    told = [s for s in against(confirmed(filled)[ALARMS.label], scope) if s.accounts == ("FRZ-5",)]
    assert len(told) == 1
    start = f"Against “{ALARMS.label}”: Ada Moss (Sable Genomics): “No, the alarm is not"
    assert told[0].text.startswith(start)
    answer = ask(filled, "What do our customers need?")
    assert told[0] in answer.counter
    assert "FRZ-5" not in answer.statements[0].accounts


def test_the_first_quote_of_each_voice(filled: Library) -> None:
    hold(filled, "N-1", None, [("v", "And ice?"), ("c", "We chip the ice off, it is a pain.")])
    hold(filled, "N-2", None, [("v", "So, ice?"), ("c", "We chip the ice off, it is a pain.")])
    answer = ask(filled, "What do our customers need?")
    quotes = tuple(q for s in answer.statements for q in s.quotes)
    assert [q.call_id for q in one_each((*quotes, *quotes))] == [
        "FC-1",
        "FC-2",
        "FC-3",
        "N-1",
        "N-2",
    ]
    assert one_each(()) == []


def test_accounts_without_revenue_come_last_and_calls_without_account_after(
    filled: Library,
) -> None:
    with filled.change() as connection:
        put_accounts(connection, [Account(account_id="FRZ-1", name="Marlowe Biobank")])
    hold(filled, "N-1", None, [("v", "And ice?"), ("c", "We chip the ice off, it is a pain.")])
    answer = ask(filled, "What do our customers need?")
    assert [s.accounts for s in answer.statements] == [("FRZ-2",), ("FRZ-3",), ("FRZ-1",), ()]
    assert [s.arr_usd for s in answer.statements] == [250_000, 90_000, 0, 0]


def test_what_only_we_said_is_apart_and_never_more_than_a_few(filled: Library) -> None:
    ours = "The hologram display for the lid is our idea, the hologram will be grand. Number {}."
    hold(filled, "N-1", "FRZ-5", [("v", ours.format(n)) for n in range(6)] + [("c", "I see.")])
    answer = ask(filled, "Which customers want the Hologram display for the lid?")
    assert answer.abstained
    assert 1 <= len(answer.internal) <= 3
    for statement in answer.internal:
        assert statement.text.startswith("Said by your own people, not by customers: “")
        assert (statement.accounts, statement.accounts_n, statement.arr_usd) == ((), 0, 0)
        assert {q.role for q in statement.quotes} == {"internal"}
    said = ask(filled, "Which customers walk the rooms by hand with a clipboard?")
    assert said.internal == ()
