"""Bank accounts as people give them: account number with a sort code or a routing number.

An account number alone is a customer's number at some firm, which is nobody's secret: what makes it
a bank's is that a bank is spoken of beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.spoken import digit_runs

_BANK: Final = re.compile(
    r"\b(?:sort(?:ing)? code|routing|bank|iban|swift|bic|bacs|ach|aba|bsb|wire|direct debit|"
    r"checking|savings)\b",
    re.I,
)
_SAID: Final = (
    r"(?:[\s:#,.-]|\b(?:number|no|code|is|was|it['’]s|that['’]s|and|the|ending|in|called|for)\b)*"
)
_SORT: Final = re.compile(
    rf"\b(?:sort(?:ing)? code|bsb|routing(?: and transit)? (?:number|no|code)|aba)\b{_SAID}\Z", re.I
)
_ACCOUNT: Final = re.compile(rf"\b(?:accounts?|acct|a/c)\b{_SAID}\Z", re.I)
_FIGURES: Final = re.compile(r"(?<![\w$€£#.,/-])[0-9](?:[ -]?[0-9]){5,16}(?![\w%]|[.,/-][0-9])")
_BEFORE = 48  # characters in which a number is announced


def bank_accounts(text: str) -> Iterator[tuple[int, int]]:
    """In the order they stand."""
    if not _BANK.search(text):
        return
    found = [m.span() for m in _FIGURES.finditer(text)]
    found += [(run[0].first, run[-1].end) for run in digit_runs(text)]
    for first, end in sorted(found):
        before = text[max(0, first - _BEFORE) : first]
        if _SORT.search(before) or _ACCOUNT.search(before):
            yield first, end
