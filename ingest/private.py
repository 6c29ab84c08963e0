"""Finds private details in what people say: e-mail addresses, telephone, card and bank numbers.

Written or said in words. Every search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from stdnum import iban

from ingest.bank_accounts import bank_accounts
from ingest.numbers import DATE, spoken_numbers, written_numbers
from ingest.spoken import spelled_banks, spoken_addresses

Sort = Literal["email", "phone", "card", "bank"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)


# Seven digits that stand together; accounts, policies and the like are nobody's business either.
_LONG: Final = re.compile(r"(?:[0-9][ .()-]{0,2}){7}")


_AT: Final = re.compile(r"@|\bat\b", re.I)
_TWO_FIGURES: Final = re.compile(r"[0-9][^0-9]*[0-9]")
_FIGURE: Final = re.compile(r"[0-9]")
# What the number words of ``ingest.spoken`` have in them.
_NUMBER_WORDS: Final = (
    *("zero", "oh", "nought", "naught", "one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "elev", "twel", "thirt", "fift", "twent", "forty"),
)


@dataclass(frozen=True, slots=True)
class Private:
    """``text[first:end]`` is private."""

    first: int
    end: int
    sort: Sort


def private_details(text: str) -> list[Private]:
    """In the order they stand, none overlapping."""
    found: list[Private] = []
    searches: list[Callable[[str], Iterator[Private]]] = []
    if _AT.search(text):
        searches += (_addresses, _said_addresses)
    if _has_figures(text):
        searches += (_banks, _said_banks, _accounts, _numbers, _said_numbers)
    for search in searches:
        taken = sorted(found, key=lambda one: one.first)
        found += _apart(search(text), taken)
    return sorted(found, key=lambda one: one.first)


def may_be_private(text: str) -> bool:
    """False for most of what is said, and then there is nothing private in it. Quick."""
    return _AT.search(text) is not None or _has_figures(text)


def _has_figures(text: str) -> bool:
    """Whether numbers are worth looking for: most of what is said has none.

    Sound: every number has two figures or number words that are not "o".
    """
    if _TWO_FIGURES.search(text):
        return True
    low = text.lower()
    words = sum(map(low.count, _NUMBER_WORDS))
    return words > 1 or (words == 1 and _FIGURE.search(text) is not None)


def is_private(text: str) -> bool:
    """Whether a quote had better not carry ``text`` around: for any long number, when in doubt."""
    return _LONG.search(DATE.sub(" ", text)) is not None or bool(private_details(text))


def _accounts(text: str) -> Iterator[Private]:
    return (Private(first, end, "bank") for first, end in bank_accounts(text))


def _numbers(text: str) -> Iterator[Private]:
    return (Private(*number) for number in written_numbers(text))


def _said_numbers(text: str) -> Iterator[Private]:
    return (Private(*number) for number in spoken_numbers(text))


def _said_addresses(text: str) -> Iterator[Private]:
    return (Private(first, end, "email") for first, end in spoken_addresses(text))


def _said_banks(text: str) -> Iterator[Private]:
    done = 0
    for first, ends in spelled_banks(text):
        if first < done:
            continue
        done = ends[-1][0] if ends else done
        end = next((end for end, said in reversed(ends) if iban.is_valid(said)), None)
        if end is not None:
            yield Private(first, end, "bank")


def _apart(found: Iterator[Private], taken: Sequence[Private]) -> list[Private]:
    """``found`` without what overlaps ``taken``; both are in order."""
    free: list[Private] = []
    at = 0
    for one in found:
        while at < len(taken) and taken[at].end <= one.first:
            at += 1
        if at == len(taken) or one.end <= taken[at].first:
            free.append(one)
    return free


# --- E-mail addresses -------------------------------------------------------------------------
_LOCAL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]*\Z")
_DOMAIN: Final = re.compile(r"[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,24}(?!\w)")


def _addresses(text: str) -> Iterator[Private]:
    done = 0
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text[max(done, at - 64) : at])
        length = len(local.group().lstrip("./'")) if local else 0
        domain = _DOMAIN.match(text, at + 1) if length else None
        if domain:
            done = domain.end()
            yield Private(at - length, done, "email")
        at = text.find("@", at + 1)


# --- Bank account numbers (IBAN, ISO 13616) ---------------------------------------------------
_IBAN: Final = re.compile(
    r"(?<![^\W_])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![^\W_])", re.I
)


def _banks(text: str) -> Iterator[Private]:
    for found in _IBAN.finditer(text):
        end = _bank_end(found.group())
        if end is None and re.search(
            r"\biban\W+(?:\w+\W+){0,2}\Z", text[: found.start()][-24:], re.I
        ):
            end = len(found.group())
        if end is not None:
            yield Private(found.start(), found.start() + end, "bank")


def _bank_end(written: str) -> int | None:
    """Where the number that ``written`` begins with ends; words in capitals may follow it."""
    ends = [m.end() for m in re.finditer(r"[^ -]+", written)]
    return next((end for end in reversed(ends) if iban.is_valid(written[:end])), None)
