"""One pass over the words of a text, from left to right, for the numbers in it."""

from __future__ import annotations

from dataclasses import dataclass

from service.number_words import (
    ADVERBS,
    CLOCK,
    DOUBTFUL_MONTHS,
    MONEY,
    MONTHS,
    NO_NOUN,
    ONES,
    ORDINALS,
    PAIRED,
    PARTS,
    PERIODS,
    SCALES,
    SPELT,
    SUFFIXES,
    TENS,
    TIMES,
    TOKEN,
    UNITS,
    VAGUE,
    WEEKDAYS,
)


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


class Reader:
    """One pass over the tokens of a text. ``at`` is the token that is looked at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [m.span() for m in TOKEN.finditer(text)]
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
        if word in WEEKDAYS or single in WEEKDAYS:
            self.at += 1
            n = float(WEEKDAYS.get(word) or WEEKDAYS[single])
            self._add(n, n, "weekday", start=start)
            return True
        if word in MONTHS and (word not in DOUBTFUL_MONTHS or self._month(start)):
            if len(word) == 3 and word != "may" and not raw[0].isupper():
                return False
            self.at += 1
            n = float(MONTHS[word])
            self._add(n, n, "month name", start=start)
            return True
        digit = self._tok(start + 1)
        if word == "q" and self._tight(start + 1) and digit in ("1", "2", "3", "4"):
            self.at += 2
            self._add(float(digit), float(digit), "quarter", start=start)
            return True
        nth = ORDINALS.get(word) or {"last": 4, "final": 4}.get(word, 0)
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
        if near[1].isdigit() or near[0].isdigit() or near[0] in ORDINALS or near[0] in SPELT:
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
        if unit in ("", "$", "£", "€", "¥") and joint in PAIRED and self._joins(start, joint):
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
        if counted in MONEY and not unit and (cents := self._cents()):
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
        if word in MONEY and self._tok(start + 1)[:1].isdigit():
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
            if behind in SUFFIXES or (behind == "m" and money) or (behind == "b" and money):
                value *= SUFFIXES.get(behind) or {"m": 10**6, "b": 10**9}[behind]
                self.at += 1
            elif behind == ":" and self._tight(self.at + 1) and self._tok(self.at + 1).isdigit():
                minutes = float(self._tok(self.at + 1))
                self.at += 2
                return (value if not minutes else value + minutes / 100), "", True
        while (scale := SCALES.get(self._tok(self.at))) and self._tok(self.at) != "dozen":
            value *= scale
            self.at += 1
        return self._and_a_half(value), "", True

    def _spelt(self) -> tuple[float, str, bool] | None:
        """A number in words. Not sure is a lone "one" and what may be an order of words."""
        start, word = self.at, self._tok(self.at)
        if word in ("half", "quarter", "quarters", "third", "thirds"):
            return self._fraction()
        if word in ORDINALS:
            self.at += 1
            return float(ORDINALS[word]), "ordinal", word not in ("first", "second")
        if word == "couple" or (word in ("a", "an") and self._tok(start + 1) == "couple"):
            self.at += 1 if word == "couple" else 2
            if self._tok(self.at) == "of":
                self.at += 1
            return 2.0, "", False
        if word in ("a", "an") and self._tok(start + 1) in SCALES:
            self.at += 1
            word = self._tok(self.at)
        if word not in SPELT:
            return None
        total = current = 0.0
        last: int = 10**12  # the magnitude that the next word has to stay below
        ordinal = False
        while True:
            word = self._tok(self.at)
            if word in ONES and last > 9 and (ONES[word] < 10 or last > 99):
                current += ONES[word]
                last = 1
            elif word in TENS and last > 99:
                current += TENS[word]
                last = 10
            elif word in ORDINALS and last > 9 and self.at > start and last != 10**12:
                current += ORDINALS[word]
                ordinal = True
                self.at += 1
                break
            elif word in ("hundred", "dozen"):
                current = (current or 1.0) * SCALES[word]
                last = 100
            elif word in SCALES:
                total += (current or 1.0) * SCALES[word]
                current, last = 0.0, 1_000
            elif self._binds(word, last):
                pass
            elif word == "point" and self._tok(self.at + 1) in ONES:
                total += current + ONES[self._tok(self.at + 1)] / 10
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
        of_them = lone and self._tok(self.at) == "in" and self._tok(self.at + 1) in SPELT
        if parts := self._parts(value):
            return parts
        return self._and_a_half(value), "", not lone or of_them

    def _binds(self, word: str, last: int) -> bool:
        """Whether a hyphen or an "and" stands between two parts of one number."""
        behind = self._tok(self.at + 1)
        if word == "-":
            return last == 10 and (behind in ONES or behind in ORDINALS)
        return word == "and" and last in (100, 1_000) and behind in SPELT

    def _two_digits(self) -> float:
        """The second half of a year as it is spoken, "twenty twenty-six"."""
        at = self.at
        tens = TENS.get(self._tok(at), 0)
        teens = ONES.get(self._tok(at), 0)
        if tens and self._tok(at + 1) == "-" and 0 < ONES.get(self._tok(at + 2), 0) < 10:
            self.at += 3
            return float(tens + ONES[self._tok(at + 2)])
        if tens or teens >= 10:
            self.at += 1
            return float(tens or teens)
        return 0.0

    def _cents(self) -> float:
        at = self.at
        behind = self._tok(at + 1)
        if self._tok(at) in TENS and behind != "-" and UNITS.get(behind, "") not in MONEY:
            self.at += 1
            return float(TENS[self._tok(at)])
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
                return 0.5 * SCALES[self.low[self.at - 1]], "", True
            unit = UNITS.get(self._tok(self.at), "")
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
        parts = PARTS.get(self._tok(at))
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
            if unit in MONEY and UNITS.get(self._tok(at)) == unit:
                self.at += 1
            return unit, ""
        if self._tok(at) in CLOCK:
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
            if self._tok(n - 1) == "-" and word in ADVERBS:
                self.at = n + 1
                return ADVERBS[word], ""
            if noun.endswith("s") and not noun.endswith("ss"):
                break
            if word in UNITS and self._compound(n):
                break
            if word in UNITS or word in ("per", "second"):
                if word == "per":
                    if self._tok(n + 1) != "cent":
                        break
                    word, n = "percent", n + 1
                self.at = n + 1
                return ("second" if word == "second" else UNITS[word]), ""
            if not word.isalpha() and "'" not in word:
                break
            if word in NO_NOUN or word in SPELT:
                if noun or word not in ("more", "other", "the", "those", "these", "them"):
                    break
                continue
            noun = noun or word
        return "", noun

    def _compound(self, n: int) -> bool:
        """Whether a unit is but the first part of another word, as in "month-end"."""
        behind = self._tok(n + 2)
        return (
            self._tok(n + 1) == "-"
            and self._tight(n + 1)
            and self._tight(n + 2)
            and behind.isalpha()
            and behind not in ("long", "old", "a", "per")
        )

    def _word(self) -> bool:
        """Words that are numbers by themselves."""
        start, word = self.at, self._tok(self.at)
        before = self._tok(start - 1)
        if word in TIMES:
            self.at += 1
            self._add(TIMES[word], TIMES[word], "times", start=start)
        elif word == "once" and self._tok(start + 1) in ("a", "an", "per", "every", "each"):
            self.at += 1
            self._add(1.0, 1.0, "times", start=start)
        elif word in VAGUE:
            self.at += 1
            low, high = VAGUE[word]
            self._add(float(low), float(high), "vague", start=start)
        elif word in ("fortnight", "fortnights", "fortnightly"):
            self.at += 1
            self._add(2.0, 2.0, "week", start=start)
        elif before in ("a", "an", "per", "one", "each", "every") and UNITS.get(word) in PERIODS:
            # "It takes an hour": one of them; in a sentence it asks for nothing by itself.
            self.at += 1
            more = [self._tok(self.at + n) for n in range(3)] == ["and", "a", "half"]
            value = 1.5 if more else 1.0
            self.at += 3 if more else 0
            self._scaled(value, value, UNITS[word], "", start - 1, loose=not more)
        else:
            return False
        return True


def _plain(word: str) -> str:
    lowered = word.lower().replace("’", "'")
    return lowered.partition("'")[0] if lowered != "o'clock" else lowered
