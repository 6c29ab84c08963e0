from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.quotes import QuoteRefused, Spoken, cut, statement
from tests.conftest import ROOT


def utterance(text: str, account: str | None = "A1") -> Spoken:
    return Spoken("C1", 3, text, "Ana", "customer", 0.1, account, 1.0, 2.0)


@given(text=st.text(min_size=1), first=st.integers(-3, 30), end=st.integers(-3, 30))
def test_a_quote_is_a_slice_to_the_letter_or_nothing(text: str, first: int, end: int) -> None:
    try:
        quote = cut(utterance(text), first, end)
    except QuoteRefused:
        assert first < 0 or end > len(text) or first >= end or not text[first:end].strip()
    else:
        assert quote.text == text[first:end]
        assert quote.text in text
        assert (quote.call_id, quote.utterance, quote.role) == ("C1", 3, "customer")


def test_nothing_else_in_the_project_builds_a_quote() -> None:
    """The gate is the only place that constructs one: read the source and see."""
    builders = []
    for folder in ("prompts", "ingest", "service", "eval"):
        for path in (ROOT / folder).rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            if any(isinstance(n, ast.Call) and _named(n.func, "Quote") for n in nodes):
                builders.append(path.relative_to(ROOT))
    assert builders == [Path("service/quotes.py")]


def _named(function: ast.expr, name: str) -> bool:
    # Both Quote(…) and Quote.model_construct(…), Quote.model_validate(…).
    if isinstance(function, ast.Attribute):
        return _named(function.value, name)
    return isinstance(function, ast.Name) and function.id == name


def test_a_statement_counts_each_account_once() -> None:
    one, two = cut(utterance("a b c")), cut(utterance("d e f"))
    other = cut(utterance("g h i", account="A2"))
    nobody = cut(utterance("j k l", account=None))
    made = statement("text", [one, two, other, nobody], {"A1": 10.0, "A2": None})
    assert (made.accounts, made.accounts_n, made.arr_usd) == (("A1", "A2"), 2, 10.0)


def test_a_statement_without_a_quote_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 1 item"):
        statement("text", [], {})
