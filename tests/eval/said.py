"""Answers and themes made by hand for the tests of the evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from eval.gold import Place
from service.shapes import (
    Answer,
    Coverage,
    EvidenceKind,
    Filters,
    Quote,
    Statement,
    Theme,
    ThemeAccount,
)

NOBODY = Coverage(
    accounts_in_scope=1,
    accounts_heard=1,
    accounts_silent=(),
    calls_read=1,
    arr_in_scope_usd=1,
    arr_heard_usd=1,
)


def quote(place: Place, account: str = "FRZ-1") -> Quote:
    return Quote(
        call_id=place[0],
        utterance=place[1],
        text="words",
        speaker="Noor Haddad",
        role="customer",
        account_id=account,
        start_s=None,
        end_s=None,
    )


def stated(*said: Place, account: str = "FRZ-1") -> Statement:
    return Statement(
        text="…",
        accounts=(account,),
        accounts_n=1,
        arr_usd=1.0,
        quotes=tuple(quote(place, account) for place in said),
    )


def answer(
    *statements: Statement,
    nearest: Sequence[Statement] = (),
    internal: Sequence[Statement] = (),
) -> Answer:
    return Answer(
        question="?",
        kind="lookup",
        filters=Filters(),
        coverage=NOBODY,
        abstained=not statements,
        reason=None,
        statements=statements,
        nearest=tuple(nearest),
        internal=tuple(internal),
    )


def theme(
    name: str,
    accounts: Sequence[str],
    *said: Place,
    kind: EvidenceKind = "pain",
    counter: Sequence[Place] = (),
) -> Theme:
    return Theme(
        id=name,
        label=name,
        statement=name,
        kind=kind,
        rank=1,
        accounts=tuple(ThemeAccount(account_id=a, arr_usd=1, intensity=1) for a in accounts),
        accounts_n=len(accounts),
        top_accounts_n=0,
        arr_usd=1,
        mentions_n=len(said),
        evidence=tuple(quote(place) for place in said),
        counter=tuple(quote(place) for place in counter),
        first_heard=None,
        last_heard=None,
    )
