"""Telephone and card numbers among the numbers that people give, in figures and in words.

Ordinary numbers are left alone, since they are what an answer is made of: sums, dates, times,
tickets, parts, versions. So a number has to *look* like one (its groups, its check digits) or be
announced as one ("my cell is"), and a number announced as something else ("ticket") is none.
Every search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Final, Literal

import phonenumbers
from stdnum import luhn

from ingest.spoken import Atom, digit_runs

Number = tuple[int, int, Literal["phone", "card"]]

# Where numbers without a country's prefix may be from: those that write them with a leading nought.
_WITH_NOUGHT = ("GB", "AU", "NZ", "IE", "FR", "DE", "NL", "BE", "CH", "IN", "ZA", "SE", "IT")
_MOST_GROUPS = 7  # "+33 1 23 45 67 89" has six
_BEFORE = 48  # characters in which a number is announced
_AFTER = 12  # characters in which a sum has its unit
_MOST_DIGITS = 19  # of a card, ISO/IEC 7812
# Groups of digits with what may stand between them. Neither a word, nor a sum, nor an address of
# another kind is attached to them.
_RUN: Final = re.compile(
    r"(?<![\w$€£#%@/\\])(?<![\w][.:,/=-])(?:\+ ?|\()?[0-9]+"
    r"(?:(?:[ .\u00a0–-]|, |\) ?|[ -]?\(|\)-|\. | - | ?/ ?)[0-9]+)*(?![^\W_]|[%°]|[:,/][0-9])"
)
_GROUP: Final = re.compile(r"\+ ?[0-9]+|[0-9]+")
DATE: Final = re.compile(
    r"(?<![0-9])(?<![0-9][./-])(?:(?:19|20)[0-9]{2}([./-])(?:1[0-2]|0?[1-9])\1[0-3]?[0-9]|"
    r"[0-3]?[0-9]([./-])[0-3]?[0-9]\2(?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9]|[./-][0-9])"
)
_REFERS: Final = re.compile(
    r"(?:\b(?:tickets?|orders?|invoices?|parts?|serials?|cases?|accounts?|sku|models?|versions?|builds?"
    r"|ref(?:erence)?|tracking|jobs?|units?|lots?|batch|contracts?|policy|claims?|ids?|items?|po|p\.o\."
    r"|sn|s/n|isbn|ean|upc|vin|meters?|assets?|tags?|barcodes?|routing|vat|tax|licen[cs]e|permit"
    r"|registration|customs?|docket|receipt|quote|purchase|firmware|revision|incident|request|rma)"
    r"|#)(?:[\s:#.,-]|\b(?:number|numbers|no|nos|num|id|code|is|was|it['’]s|that['’]s|order|called|of)\b)*\Z",
    re.I,
)
_CALLS: Final = re.compile(
    r"\b(?:call|ring|text|phone|dial|reach|fax|whatsapp|buzz|try|get|sms|message)\s+"
    r"(?:(?:me|us|him|her|them|you|back|up|direct|directly|straight|through|hold of|anytime|"
    r"instead|my|his|the|our|their|a|office|cell|mobile|desk|house|home|work|number|shop|yard)\s+)*"
    r"(?:on|at|:)?\W*\Z|"
    r"\b(?:cell|cell ?phone|mobile|phone|telephone|tel|landline|direct (?:line|dial)|direct|fax|"
    r"whatsapp|hotline|helpline|switchboard|extension|pager|handy|call back|callback|"
    r"(?:my|his|her|their|our|your|whose|phone|contact|best|new|old|house|office|work|home) "
    r"(?:\w+ )?(?:number|no\.?|line))"
    r"(?:\W|\b(?:number|no|is|s|it|its|was|will|be|here|one|at|on|that|best|the|line|still|now|"
    r"under|would|um|uh|so)\b)*\Z",
    re.I,
)
_CARDS: Final = re.compile(
    r"\b(?:cards?|visa|master ?card|amex|american express|debit|credit|discover)\b"
    r"[^.?!\n]{0,30}\Z",
    re.I,
)
_SUMS: Final = re.compile(
    r"\s*(?:dollars|bucks|euros?|pounds|percent|per cent|units|pieces|rows|users|k\b)", re.I
)


@dataclass(frozen=True, slots=True)
class _Number:
    """Groups of digits that stand together, and the text before and after them."""

    groups: tuple[str, ...]
    written: str
    before: str
    after: str

    @property
    def digits(self) -> str:
        return "".join(self.groups).lstrip("+ ")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(g.lstrip("+ ")) for g in self.groups)


def written_numbers(text: str) -> Iterator[Number]:
    dated = {at for date in DATE.finditer(text) for at in range(*date.span())}
    for run in _RUN.finditer(text):
        groups = [m.span() for m in _GROUP.finditer(text, run.start(), run.end())]
        for is_date, part in groupby(groups, key=lambda group: group[0] in dated):
            if not is_date:
                yield from _in_run(text, list(part))


def _in_run(text: str, groups: Sequence[tuple[int, int]]) -> Iterator[Number]:
    """The longest number from each place on, as several may be said one after the other.

    A number begins and ends at a blank or a bracket: "2-4111 1111" is not cut at its hyphen. Only
    the first can be announced; before the others stands a digit.
    """
    gaps = [text[a:b] for (_, a), (b, _) in pairwise(groups)]
    edges = [0, *(n + 1 for n, gap in enumerate(gaps) if re.search(r"[\s\u00a0()]", gap))]
    ends = [*edges[1:], len(groups)]
    digits = [0, *accumulate(sum(map(str.isdigit, text[a:b])) for a, b in groups)]
    done = 0
    for n, at in enumerate(edges):
        if at < done:
            continue
        for end in reversed(ends[n : n + _MOST_GROUPS]):
            if end - at > _MOST_GROUPS or not 7 <= digits[end] - digits[at] <= _MOST_DIGITS:
                continue
            first, last = groups[at][0], groups[end - 1][1]
            number = _Number(
                tuple(text[a:b] for a, b in groups[at:end]),
                text[first:last],
                "" if at else text[max(0, first - _BEFORE) : first],
                text[last : last + _AFTER],
            )
            sort = _sort(number)
            if sort:
                yield first - (text[first - 1 : first] == "("), last, sort
                done = end
                break


def _sort(number: _Number) -> Literal["phone", "card"] | None:
    if _REFERS.search(number.before) or _SUMS.match(number.after):
        return None
    if _is_card(number):
        return "card"
    return "phone" if _is_phone(number) else None


def _is_card(number: _Number) -> bool:
    digits = number.digits
    if not 13 <= len(digits) <= _MOST_DIGITS or number.written.startswith("+"):
        return False
    if _CARDS.search(number.before):
        return True
    if all("1900" <= g <= "2099" for g in number.groups):
        return False  # years
    if number.shape in ((4, 4, 4, 4), (4, 6, 5)):
        return digits[0] in "3456"  # misheard ones do not check
    return _known_card(digits)


def _known_card(digits: str) -> bool:
    """Whether an issuer's prefix and the check digit (ISO/IEC 7812) are right."""
    return re.match(r"4|5[0-8]|2[2-7]|3[0-689]|6", digits) is not None and luhn.is_valid(digits)


def _is_phone(number: _Number) -> bool:
    digits, shape = number.digits, number.shape
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3:
        return False
    if number.written.startswith("+"):
        return _possible("+" + digits, None)
    if digits.startswith("00") and len(digits) > 9:
        return _possible("+" + digits[2:], None)
    if _CALLS.search(number.before) and not _thousands(number):
        return len(digits) > 7 or len(shape) > 1 or digits[0] in "23456789"
    if re.fullmatch(r"1?[2-9][0-9]{2}[2-9][0-9]{6}", digits):
        if shape[-3:] == (3, 3, 4) and shape[:-3] in ((), (1,)):
            return ", " not in number.written or number.groups[-1][0] == "0"
        return len(shape) < 3 and ", " not in number.written and _valid(digits, ("US",))
    if digits[0] == "0" and 9 <= len(digits) <= 11 and (shape[0] > 1 or len(shape) == 1):
        return _with_nought(number)
    if shape == (5, 5):
        return digits[0] in "6789" and "." not in number.written and _valid(digits, ("IN",))
    return shape == (3, 4) and digits.startswith("555") and "," not in number.written


def _with_nought(number: _Number) -> bool:
    if ", " in number.written or (len(number.shape) == 2 and "." in number.written):
        return False
    if len(number.shape) == 1:
        return _valid(number.digits, _WITH_NOUGHT)
    steps = {int(b) - int(a) for a, b in pairwise(number.groups)}
    return steps != {1} and any(_possible(number.digits, region) for region in _WITH_NOUGHT)


def _thousands(number: _Number) -> bool:
    """ "1 250 000": a sum in groups of three."""
    return len(number.shape) > 1 and number.shape[0] <= 3 and set(number.shape[1:]) == {3}


def _possible(digits: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _valid(digits: str, regions: Sequence[str]) -> bool:
    for region in regions:
        try:
            if phonenumbers.is_valid_number_for_region(phonenumbers.parse(digits, region), region):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def spoken_numbers(text: str) -> Iterator[Number]:
    """Numbers said in words, or one figure after the other."""
    for run in digit_runs(text):
        at = 0
        while at < len(run):
            size, sort = _said(text, run, at)
            if sort:
                yield run[at].first, run[at + size - 1].end, sort
            at += size


def _said(text: str, run: Sequence[Atom], at: int) -> tuple[int, Literal["phone", "card"] | None]:
    """How many atoms from ``at`` on are one number, and of which sort; one atom of none."""
    before = "" if at else text[max(0, run[0].first - _BEFORE) : run[0].first]
    if _REFERS.search(before):
        return len(run), None
    totals = list(accumulate(len(atom.digits) for atom in run[at : at + _MOST_DIGITS]))
    digits = "".join(atom.digits for atom in run[at : at + _MOST_DIGITS])
    for size, total in enumerate(totals, 1):
        if total in (15, 16) and _known_card(digits[:total]):
            return size, "card"
    whole = at + len(totals) == len(run) and totals[-1] <= _MOST_DIGITS
    sizes = [len(totals)] if whole else []
    sizes += [size for size, total in enumerate(totals, 1) if total == _usual(digits)]
    if whole and totals[-1] == _usual(digits) + 1:
        sizes.reverse()  # "…, two weeks"
    for size in sizes:
        atoms = run[at : at + size]
        if _is_said_card(atoms, before):
            return size, "card"
        if _is_said_phone(atoms, before, text[atoms[-1].end :][:_AFTER]):
            return size, "phone"
    return 1, None


def _usual(digits: str) -> int:
    """How long a telephone number that begins so usually is: America's, or one with a prefix."""
    return 11 if digits[0] in "01" else 10


def _is_said_card(atoms: Sequence[Atom], before: str) -> bool:
    digits = "".join(atom.digits for atom in atoms)
    if not 13 <= len(digits) <= _MOST_DIGITS:
        return False
    return _CARDS.search(before) is not None or (
        len(digits) == 16 and digits[0] in "3456" and _one_by_one(atoms) >= 0.7
    )


def _is_said_phone(atoms: Sequence[Atom], before: str, after: str) -> bool:
    digits = "".join(atom.digits for atom in atoms)
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3:
        return False
    if _CALLS.search(before):
        return True
    if _counts(digits) or _SUMS.match(after):
        return False
    if len(digits) < 10:
        return _one_by_one(atoms) == 1 and "0" in digits
    return _one_by_one(atoms) >= 0.4


def _one_by_one(atoms: Sequence[Atom]) -> float:
    """The share of the digits that are said one by one, as nobody says a quantity."""
    return sum(len(a.digits) for a in atoms if a.plain) / sum(len(a.digits) for a in atoms)


def _counts(digits: str) -> bool:
    """Whether they go "one, two, three, four, three, four": mostly steps of one, up or down."""
    steps = [abs(int(b) - int(a)) for a, b in pairwise(digits)]
    return steps.count(1) >= 0.6 * len(steps)
