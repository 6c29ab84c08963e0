"""The numbers in a text by value: "twenty-two", "22", "$2 million", "ten percent", "half an hour".

Dates are numbers too: months, weekdays and quarters are values of their own. Each amount carries
what is counted, where that is said: a unit of a closed class (hours, percent, dollars) or the noun
that follows. What is written as "five or six" is a range and not its ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.number_reading import Amount as Amount
from service.number_reading import Reader
from service.number_words import (
    ADVERBS,
    ORDINALS,
    PERIOD_WORDS,
    PERIODS,
    SPELT,
    TOKEN,
    UNITS,
    WEEKDAYS,
)


def amounts(text: str) -> list[Amount]:
    """All numbers of a text, in order."""
    return Reader(text).read()


def is_number(word: str) -> bool:
    """Whether a lower-case word is a number by itself."""
    return word in SPELT or word in ORDINALS or word[:1].isdigit()


def unborne(sentence: str, texts: Sequence[str]) -> str | None:
    """The first number of ``sentence`` that none of ``texts`` has, as it is written there."""
    have = [amount for text in texts for amount in amounts(text)]
    words = {w.lower() for text in texts for w in TOKEN.findall(text)}
    for amount in amounts(sentence):
        written = sentence[amount.first : amount.end].strip()
        if amount.loose:
            # "A week", of which the quotes need not say how many.
            period = UNITS.get(written.split()[-1].lower(), "") if amount.unit else ""
            if period in PERIODS and not any(_of_period(w) == period for w in words):
                return written
        elif not _borne(amount, have, words, sentence):
            return written
    return None


def values(found: Iterable[Amount]) -> set[tuple[float, float, str]]:
    """What can be looked for in another text: value and calendar unit, whatever is counted."""
    return {(a.low, a.high, a.unit if a.unit in _CALENDAR else "") for a in found if not a.loose}


_CALENDAR = frozenset(("month name", "weekday", "quarter", "times"))
_UP_TO = re.compile(r"\b(?:up to|as many as|as much as|at most|at worst)\W+\w*\W*$", re.IGNORECASE)
_AT_LEAST = re.compile(r"\b(?:at least|no less than|minimum of)\W+\w*\W*$", re.IGNORECASE)


def _borne(one: Amount, have: Sequence[Amount], words: set[str], sentence: str) -> bool:
    if one.unit == "vague":
        return any(h.unit == "vague" and h.low == one.low for h in have) or any(
            one.low <= h.high <= one.high for h in have
        )
    before = sentence[max(0, one.first - 24) : one.first]
    for other in have:
        if other.unit == "vague":
            continue
        same = (one.low, one.high) == (other.low, other.high)
        if other.low != other.high and one.low == one.high:
            same = (one.high == other.high and _UP_TO.search(before) is not None) or (
                one.low == other.low and _AT_LEAST.search(before) is not None
            )
        if same and _counts_alike(one, other, words):
            return True
    if one.low != one.high:
        ends = [Amount(v, v, one.unit, one.noun, one.first, one.end) for v in (one.low, one.high)]
        return all(any(_same(e, h) and _counts_alike(e, h, words) for h in have) for e in ends)
    return False


def _of_period(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    if word.startswith("fortnight") or word in WEEKDAYS:
        return "week"
    return UNITS.get(word) or ADVERBS.get(word) or PERIOD_WORDS.get(word, "")


def _same(one: Amount, other: Amount) -> bool:
    return (one.low, one.high) == (other.low, other.high)


def _counts_alike(one: Amount, other: Amount, words: set[str]) -> bool:
    if one.unit in _CALENDAR or other.unit in _CALENDAR:
        return one.unit == other.unit
    if one.unit == other.unit:
        return True
    if "ordinal" in (one.unit, other.unit):
        # "the fifteenth" and "15" in a date are one; "sixth" and "six hours" are not.
        return {one.unit, other.unit} <= {"ordinal", ""}
    if one.unit and not other.unit:
        # "Thirty-one thousand. I know to the dollar."
        loose = one.unit == "people" or not other.noun
        return loose and (one.unit == "people" or any(UNITS.get(w) == one.unit for w in words))
    if other.unit and not one.unit:
        return not one.noun or other.unit == "people" or UNITS.get(one.noun) == other.unit
    return False
