"""The numbers in a text by value: "twenty-two", "22", "$2 million", "ten percent", "half an hour".

Dates are numbers too: months, weekdays and quarters are values of their own. Each amount carries
what is counted, where that is said: a unit of a closed class (hours, percent, dollars) or the noun
that follows. What is written as "five or six" is a range and not its ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"[$€£¥%]|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\s\w]"
)
_ONES = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "dozen": 12}
_SUFFIXES = {"k": 1_000, "mm": 10**6, "mn": 10**6, "bn": 10**9}
_ORDINALS = {
    word: n
    for n, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=3,
    )
} | {"first": 1, "second": 2, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "hundredth": 100}
_MONTHS = {
    name[:size]: n
    for n, name in enumerate(
        "january february march april may june july august september october november "
        "december".split(),
        start=1,
    )
    for size in {3, len(name)}
} | {"sept": 9}
_DOUBTFUL_MONTHS = frozenset("may march mar dec jan jun".split())  # in lower case other words
_WEEKDAYS = {
    name: n
    for n, name in enumerate(
        "monday tuesday wednesday thursday friday saturday sunday".split(), start=1
    )
}
_TIMES = {"twice": 2.0, "thrice": 3.0} | {
    form: n
    for n, forms in {
        2.0: "double doubled doubles doubling twofold",
        3.0: "triple tripled triples tripling threefold",
        4.0: "quadruple quadrupled fourfold",
        0.5: "halve halved halves halving",
    }.items()
    for form in forms.split()
}
_VAGUE = {
    "tens": (10, 99),
    "dozens": (24, 99),
    "hundreds": (100, 999),
    "thousands": (1_000, 999_999),
    "millions": (10**6, 10**9),
    "billions": (10**9, 10**12),
}
_UNITS = {
    form: unit
    for unit, forms in {
        "second": "seconds secs sec",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "night": "night nights",
        "morning": "morning mornings",
        "week": "week weeks wk wks",
        "month": "month months",
        "year": "year years yr yrs",
        "percent": "% percent percentage pct",
        "point": "points",
        "$": "$ dollar dollars buck bucks usd",
        "£": "£ pound pounds quid gbp",
        "€": "€ euro euros eur",
        "¥": "¥ yen",
        "cent": "cent cents pence",
        "times": "times x",
        "mile": "mile miles",
        "kilometre": "km kilometre kilometres kilometer kilometers",
        "metre": "metre metres meter meters",
        "kilo": "kilo kilos kg kilogram kilograms",
        "degree": "° degree degrees",
        "people": "people persons person folks",
    }.items()
    for form in forms.split()
}
_ADVERBS = {
    "hourly": "hour",
    "daily": "day",
    "nightly": "night",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
}
_MONEY = frozenset("$£€¥")
_NO_NOUN = frozenset(
    """a an the and or but nor so of in on at to for from with by as than then that this these those
    it its they them we us i you he she him her his my our your their is are was were be been has
    have had do does did will would can could should may might must not no when while if because
    who which what where how all each every per into onto over under about after before since until
    till out up down off more less other others already just only even now again ago later earlier
    still there here s t last next past""".split()
)
_PAIRED = frozenset(("to", "or", "-", "–", ",", "and"))


@dataclass(frozen=True, slots=True)
class Amount:
    """A value (or a range of values) and what it counts.

    ``unit`` is one of the closed class, or a calendar's ("a month's name", "weekday", "quarter",
    "ordinal"); ``noun`` is the word behind a number that has no such unit. ``loose`` ones need not
    be numbers at all ("one", "first"): they can bear others and ask for nothing.
    """

    low: float
    high: float
    unit: str
    noun: str
    first: int
    end: int
    loose: bool = False


def amounts(text: str) -> list[Amount]:
    """All numbers of a text, in order."""
    return _Reader(text).read()


def is_number(word: str) -> bool:
    """Whether a lower-case word is a number by itself."""
    return word in _SPELT or word in _ORDINALS or word[:1].isdigit()


def unborne(sentence: str, texts: Sequence[str]) -> str | None:
    """The first number of ``sentence`` that none of ``texts`` has, as it is written there."""
    have = [amount for text in texts for amount in amounts(text)]
    words = {w.lower() for text in texts for w in _TOKEN.findall(text)}
    for amount in amounts(sentence):
        written = sentence[amount.first : amount.end].strip()
        if amount.loose:
            # "A week", of which the quotes need not say how many.
            period = _UNITS.get(written.split()[-1].lower(), "") if amount.unit else ""
            if period in _PERIODS and not any(_of_period(w) == period for w in words):
                return written
        elif not _borne(amount, have, words, sentence):
            return written
    return None


def values(found: Iterable[Amount]) -> set[tuple[float, float, str]]:
    """What can be looked for in another text: value and calendar unit, whatever is counted."""
    return {(a.low, a.high, a.unit if a.unit in _CALENDAR else "") for a in found if not a.loose}


_PARTS = {
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "tenths": 10,
}
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
    if word.startswith("fortnight") or word in _WEEKDAYS:
        return "week"
    return _UNITS.get(word) or _ADVERBS.get(word) or _PERIOD_WORDS.get(word, "")


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
        return loose and (one.unit == "people" or any(_UNITS.get(w) == one.unit for w in words))
    if other.unit and not one.unit:
        return not one.noun or other.unit == "people" or _UNITS.get(one.noun) == other.unit
    return False


class _Reader:
    """One pass over the tokens of a text. ``at`` is the token that is looked at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [m.span() for m in _TOKEN.finditer(text)]
        self.raw = [text[a:b] for a, b in self.spans]
        self.low = [_plain(w) for w in self.raw]
        self.at = 0
        self.found: list[Amount] = []

    def read(self) -> list[Amount]:
        while self.at < len(self.low):
            start = self.at
            if not (self._calendar() or self._number() or self._word()):
                self.at = start + 1
        return self.found

    def _tok(self, n: int) -> str:
        return self.low[n] if 0 <= n < len(self.low) else ""

    def _tight(self, n: int) -> bool:
        """Whether token ``n`` follows the one before it without a blank."""
        return 0 < n < len(self.spans) and self.spans[n - 1][1] == self.spans[n][0]

    def _add(self, low: float, high: float, unit: str, **more: object) -> None:
        start = more.get("start", self.at)
        assert isinstance(start, int)
        end = self.spans[max(start, self.at - 1)][1]
        self.found.append(
            Amount(low, high, unit, str(more.get("noun", "")), self.spans[start][0], end,
                   bool(more.get("loose", False)))
        )  # fmt: skip

    def _calendar(self) -> bool:
        start, word, raw = self.at, self._tok(self.at), self.raw[self.at]
        single = word.removesuffix("s")
        if word in _WEEKDAYS or single in _WEEKDAYS:
            self.at += 1
            n = float(_WEEKDAYS.get(word) or _WEEKDAYS[single])
            self._add(n, n, "weekday", start=start)
            return True
        if word in _MONTHS and (word not in _DOUBTFUL_MONTHS or self._month(start)):
            if len(word) == 3 and word != "may" and not raw[0].isupper():
                return False
            self.at += 1
            n = float(_MONTHS[word])
            self._add(n, n, "month name", start=start)
            return True
        digit = self._tok(start + 1)
        if word == "q" and self._tight(start + 1) and digit in ("1", "2", "3", "4"):
            self.at += 2
            self._add(float(digit), float(digit), "quarter", start=start)
            return True
        nth = _ORDINALS.get(word) or {"last": 4, "final": 4}.get(word, 0)
        if 0 < nth < 5 and digit == "quarter" and word not in ("last", "final"):
            self.at += 2
            self._add(float(nth), float(nth), "quarter", start=start)
            return True
        return False

    def _month(self, n: int) -> bool:
        """Whether a word that may be another one is a month here."""
        raw = self.raw[n]
        if not raw[0].isupper():
            return False
        near = (self._tok(n - 1), self._tok(n + 1))
        if near[1].isdigit() or near[0].isdigit() or near[0] in _ORDINALS or near[0] in _SPELT:
            return True
        opens = n == 0 or self._tok(n - 1) in (".", "!", "?", ":", "“", '"')
        return not opens or (raw.lower() not in ("may",) and near[1] in ("was", "is", "and", "to"))

    def _number(self) -> bool:
        """A number and, where another follows it as in "five or six hours", the range."""
        start = self.at
        value = self._value()
        if value is None:
            return False
        number, unit, sure = value
        end, joint = self.at, self._tok(self.at)
        if unit in ("", "$", "£", "€", "¥") and joint in _PAIRED and self._joins(start, joint):
            self.at += 1
            second = self._value()
            if second is not None and second[0] > number and self._ranges(joint, number, second[0]):
                counted, noun = self._unit(second[1] or unit)
                self._scaled(number, second[0], counted, noun, start)
                if joint == ",":
                    self._scaled(number, number, counted, noun, start)
                    self._scaled(second[0], second[0], counted, noun, start)
                return True
            self.at = end
        counted, noun = self._unit(unit)
        if counted in _MONEY and not unit and (cents := self._cents()):
            number += cents / 100  # "one euro fifty"
        if counted == "ordinal" and self._tok(self.at) == "quarter":
            counted = "quarter"
        lone = not sure and counted in ("", "people")
        self._scaled(number, number, counted, noun, start, loose=lone)
        return True

    def _joins(self, start: int, joint: str) -> bool:
        return joint != "and" or "between" in self.low[max(0, start - 2) : start]

    def _ranges(self, joint: str, low: float, high: float) -> bool:
        return joint != "," or (high - low <= max(2.0, low / 2) and high < 1_000)

    def _scaled(
        self, low: float, high: float, unit: str, noun: str, start: int, *, loose: bool = False
    ) -> None:
        """Minutes, hours and seconds by one measure, so that "ninety minutes" is 1.5 hours."""
        factor = {"second": 1 / 60, "hour": 60.0}.get(unit, 1.0)
        kept = "minute" if unit in ("second", "hour") else unit
        self._add(
            round(low * factor, 6), round(high * factor, 6), kept, noun=noun, start=start,
            loose=loose,
        )  # fmt: skip

    def _value(self) -> tuple[float, str, bool] | None:
        """A value, the unit written before it or in it, and whether it is surely a number."""
        start, word = self.at, self._tok(self.at)
        if word in _MONEY and self._tok(start + 1)[:1].isdigit():
            self.at += 1
            digits = self._digits(money=True)
            return None if digits is None else (digits[0], word, True)
        if word[:1].isdigit():
            return self._digits(money=False)
        return self._spelt()

    def _digits(self, *, money: bool) -> tuple[float, str, bool] | None:
        at = self.at
        if self._tight(at) and self.raw[at - 1][-1:].isalpha():
            return None  # part of a name ("v2")
        try:
            value = float(self.low[at].replace(",", ""))
        except ValueError:
            return None
        self.at += 1
        behind = self._tok(self.at)
        if self._tight(self.at):
            if behind in ("st", "nd", "rd", "th"):
                self.at += 1
                return value, "ordinal", True
            if behind in _SUFFIXES or (behind == "m" and money) or (behind == "b" and money):
                value *= _SUFFIXES.get(behind) or {"m": 10**6, "b": 10**9}[behind]
                self.at += 1
            elif behind == ":" and self._tight(self.at + 1) and self._tok(self.at + 1).isdigit():
                minutes = float(self._tok(self.at + 1))
                self.at += 2
                return (value if not minutes else value + minutes / 100), "", True
        while (scale := _SCALES.get(self._tok(self.at))) and self._tok(self.at) != "dozen":
            value *= scale
            self.at += 1
        return self._and_a_half(value), "", True

    def _spelt(self) -> tuple[float, str, bool] | None:
        """A number in words. Not sure is a lone "one" and what may be an order of words."""
        start, word = self.at, self._tok(self.at)
        if word in ("half", "quarter", "quarters", "third", "thirds"):
            return self._fraction()
        if word in _ORDINALS:
            self.at += 1
            return float(_ORDINALS[word]), "ordinal", word not in ("first", "second")
        if word == "couple" or (word in ("a", "an") and self._tok(start + 1) == "couple"):
            self.at += 1 if word == "couple" else 2
            if self._tok(self.at) == "of":
                self.at += 1
            return 2.0, "", False
        if word in ("a", "an") and self._tok(start + 1) in _SCALES:
            self.at += 1
            word = self._tok(self.at)
        if word not in _SPELT:
            return None
        total = current = 0.0
        last: int = 10**12  # the magnitude that the next word has to stay below
        ordinal = False
        while True:
            word = self._tok(self.at)
            if word in _ONES and last > 9 and (_ONES[word] < 10 or last > 99):
                current += _ONES[word]
                last = 1
            elif word in _TENS and last > 99:
                current += _TENS[word]
                last = 10
            elif word in _ORDINALS and last > 9 and self.at > start and last != 10**12:
                current += _ORDINALS[word]
                ordinal = True
                self.at += 1
                break
            elif word in ("hundred", "dozen"):
                current = (current or 1.0) * _SCALES[word]
                last = 100
            elif word in _SCALES:
                total += (current or 1.0) * _SCALES[word]
                current, last = 0.0, 1_000
            elif self._binds(word, last):
                pass
            elif word == "point" and self._tok(self.at + 1) in _ONES:
                total += current + _ONES[self._tok(self.at + 1)] / 10
                current, last = 0.0, 0
                self.at += 1
            else:
                break
            self.at += 1
        value = total + current
        if value in (19.0, 20.0) and (rest := self._two_digits()):
            value = 100 * value + rest
        if ordinal:
            return value, "ordinal", True
        lone = self.at == start + 1 and self._tok(start) == "one"
        of_them = lone and self._tok(self.at) == "in" and self._tok(self.at + 1) in _SPELT
        if parts := self._parts(value):
            return parts
        return self._and_a_half(value), "", not lone or of_them

    def _binds(self, word: str, last: int) -> bool:
        """Whether a hyphen or an "and" stands between two parts of one number."""
        behind = self._tok(self.at + 1)
        if word == "-":
            return last == 10 and (behind in _ONES or behind in _ORDINALS)
        return word == "and" and last in (100, 1_000) and behind in _SPELT

    def _two_digits(self) -> float:
        """The second half of a year as it is spoken, "twenty twenty-six"."""
        at = self.at
        tens = _TENS.get(self._tok(at), 0)
        teens = _ONES.get(self._tok(at), 0)
        if tens and self._tok(at + 1) == "-" and 0 < _ONES.get(self._tok(at + 2), 0) < 10:
            self.at += 3
            return float(tens + _ONES[self._tok(at + 2)])
        if tens or teens >= 10:
            self.at += 1
            return float(tens or teens)
        return 0.0

    def _cents(self) -> float:
        at = self.at
        behind = self._tok(at + 1)
        if self._tok(at) in _TENS and behind != "-" and _UNITS.get(behind, "") not in _MONEY:
            self.at += 1
            return float(_TENS[self._tok(at)])
        return 0.0

    def _fraction(self) -> tuple[float, str, bool] | None:
        start, word = self.at, self._tok(self.at)
        before, behind = self._tok(start - 1), self._tok(start + 1)
        if word == "half":
            self.at += 1
            if behind in ("a", "an", "of", "the"):
                self.at += 1
            if self._tok(self.at) in ("million", "billion", "dozen"):
                self.at += 1
                return 0.5 * _SCALES[self.low[self.at - 1]], "", True
            unit = _UNITS.get(self._tok(self.at), "")
            return (0.5, "", True) if unit else (50.0, "percent", True)
        parts = 4 if word.startswith("quarter") else 3
        if behind == "of" and before in ("a", "one", "the", "nearly", "about", "almost", "over"):
            self.at += 1
            return round(100 / parts, 3), "percent", True
        if word == "third":
            self.at += 1
            return 3.0, "ordinal", True
        return None

    def _parts(self, value: float) -> tuple[float, str, bool] | None:
        """ "Two thirds", "one-third", "three quarters" as percent."""
        at = self.at + (self._tok(self.at) == "-")
        parts = _PARTS.get(self._tok(at))
        if parts is None or not 0 < value < parts or (parts == 4 and value == 1):
            return None
        self.at = at + 1
        return round(100 * value / parts, 3), "percent", True

    def _and_a_half(self, value: float) -> float:
        if [self._tok(self.at + n) for n in range(3)] == ["and", "a", "half"]:
            self.at += 3
            return value + 0.5
        return value

    def _unit(self, unit: str) -> tuple[str, str]:
        """What is counted: a unit of the closed class within three words, else the next noun."""
        at = self.at
        if unit and unit != "":
            if unit in _MONEY and _UNITS.get(self._tok(at)) == unit:
                self.at += 1
            return unit, ""
        if self._tok(at) in _CLOCK:
            self.at += 1
            return "", ""
        noun = ""
        for n in range(at, at + 4):
            word = self._tok(n)
            if word == "-" or (word == "of" and n == at):
                continue
            if word == "grand":
                self.at = n + 1
                return "grand", ""
            if self._tok(n - 1) == "-" and word in _ADVERBS:
                self.at = n + 1
                return _ADVERBS[word], ""
            if noun.endswith("s") and not noun.endswith("ss"):
                break
            if word in _UNITS or word in ("per", "second"):
                if word == "per":
                    if self._tok(n + 1) != "cent":
                        break
                    word, n = "percent", n + 1
                self.at = n + 1
                return ("second" if word == "second" else _UNITS[word]), ""
            if not word.isalpha() and "'" not in word:
                break
            if word in _NO_NOUN or word in _SPELT:
                if noun or word not in ("more", "other", "the", "those", "these", "them"):
                    break
                continue
            noun = noun or word
        return "", noun

    def _word(self) -> bool:
        """Words that are numbers by themselves."""
        start, word = self.at, self._tok(self.at)
        before = self._tok(start - 1)
        if word in _TIMES:
            self.at += 1
            self._add(_TIMES[word], _TIMES[word], "times", start=start)
        elif word == "once" and self._tok(start + 1) in ("a", "an", "per", "every", "each"):
            self.at += 1
            self._add(1.0, 1.0, "times", start=start)
        elif word in _VAGUE:
            self.at += 1
            low, high = _VAGUE[word]
            self._add(float(low), float(high), "vague", start=start)
        elif word in ("fortnight", "fortnights", "fortnightly"):
            self.at += 1
            self._add(2.0, 2.0, "week", start=start)
        elif before in ("a", "an", "per", "one", "each", "every") and _UNITS.get(word) in _PERIODS:
            # "It takes an hour": one of them; in a sentence it asks for nothing by itself.
            self.at += 1
            more = [self._tok(self.at + n) for n in range(3)] == ["and", "a", "half"]
            value = 1.5 if more else 1.0
            self.at += 3 if more else 0
            self._scaled(value, value, _UNITS[word], "", start - 1, loose=not more)
        else:
            return False
        return True


_PERIOD_WORDS = {
    "annual": "year",
    "annually": "year",
    "overnight": "night",
    "tonight": "night",
    "today": "day",
    "everyday": "day",
    "weekend": "week",
    "weekends": "week",
}
_PERIODS = frozenset(("minute", "hour", "day", "week", "month", "year", "night", "morning"))
_CLOCK = frozenset(("o'clock", "am", "pm"))
_SPELT = frozenset((*_ONES, *_TENS, *_SCALES))


def _plain(word: str) -> str:
    lowered = word.lower().replace("’", "'")
    return lowered.partition("'")[0] if lowered != "o'clock" else lowered
