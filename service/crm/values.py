"""Amounts and dates as people and programs write them, read by column.

"1.234" may be a thousand or one, "03/04/2026" April or March. What the other values of the column
do not settle is not guessed: a person says it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ingest.errors import BadInput
from ingest.transcripts.clean import clean_name
from ingest.transcripts.dates import parse_date

Decimal = Literal["point", "comma"]
DateOrder = Literal["dmy", "mdy"]

_CODES = frozenset(
    """AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES
    KRW MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD UYU VND
    ZAR""".split()
)
# A dollar sign alone is many countries' dollar.
_SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "CA$": "CAD", "A$": "AUD", "¥": "JPY", "₹": "INR"}
_DOLLAR = "$"
_NUMBER = re.compile(r"\d[\d.,'’ ]*")
_GROUPS = r"[ '’]"
_FORMATS: dict[Decimal, re.Pattern[str]] = {
    "point": re.compile(rf"(\d{{1,3}}(?:(?:,|{_GROUPS})\d{{3}})+|\d+)(?:\.(\d+))?"),
    "comma": re.compile(rf"(\d{{1,3}}(?:(?:\.|{_GROUPS})\d{{3}})+|\d+)(?:,(\d+))?"),
}
_ORDER = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)(.*)", re.DOTALL)
_MOST = 1e12


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a column is written: all that its values can only be read as, and one that can be read
    in two ways.
    """

    seen: frozenset[str]
    unclear: str | None

    def settled(self, chosen: str | None, remembered: str | None, plain: str) -> str | None:
        """The way to read the column; ``None`` where a person has to say.

        What was said before holds unless the values speak against it; ``plain`` where nothing in
        the column could be misread.
        """
        if chosen is not None:
            return chosen
        if remembered is not None and self.seen <= {remembered}:
            return remembered
        if len(self.seen) == 1:
            return next(iter(self.seen))
        return plain if not self.seen and self.unclear is None else None


def decimals(texts: Iterable[str]) -> Evidence:
    """Which sign stands before cents in these amounts."""
    seen: set[str] = set()
    unclear: str | None = None
    for text in texts:
        found = _NUMBER.search(_spaced(text))
        if found is None:
            continue
        told = _decimal_of(found.group().rstrip(" .,"))
        if told == "unclear":
            unclear = unclear or text
        elif told is not None:
            seen.add(told)
    return Evidence(frozenset(seen), unclear)


def _decimal_of(number: str) -> str | None:
    points, commas = number.count("."), number.count(",")
    if not points and not commas:
        return None
    if points and commas:
        return "point" if number.rfind(".") > number.rfind(",") else "comma"
    sign, other = ("point", "comma") if points else ("comma", "point")
    if points + commas > 1:
        return other  # it parts thousands
    before, _, after = number.replace(",", ".").partition(".")
    if len(after) != 3 or len(before) > 3 or before.startswith("0") or not before.isdecimal():
        return sign
    return "unclear"


def parse_amount(text: str, decimal: Decimal) -> tuple[float, str | None]:
    """The amount and its currency, where the text names one. Raises ``BadInput``."""
    spaced = _spaced(text)
    found = _NUMBER.search(spaced)
    number = found.group().strip() if found else ""
    read = _FORMATS[decimal].fullmatch(number)
    around = spaced.replace(number, " ", 1).split() if number else []
    currency = None
    for word in around:
        if word == _DOLLAR:
            continue
        told = _SIGNS.get(word.upper()) or (word.upper() if word.upper() in _CODES else None)
        if told is None or currency is not None:
            read = None
            break
        currency = told
    if read is None:
        raise BadInput(f"{clean_name(text[:40])!r} is no amount")
    amount = float(re.sub(r"\D", "", read[1]) + "." + (read[2] or "0"))
    if not math.isfinite(amount) or amount > _MOST:
        raise BadInput(f"{clean_name(text[:20])}… is more than any account pays")
    return amount, currency


def currency_of(text: str) -> str | None:
    """The currency that a cell or the name of a column speaks of."""
    for sign, code in _SIGNS.items():
        if sign in text:
            return code
    return next((word for word in re.findall(r"[A-Z]{3}", text.upper()) if word in _CODES), None)


def named_currency(header: str) -> str | None:
    """As in ``ARR (EUR)``: a word of its own in capitals, or a sign."""
    words = [word for word in re.findall(r"\b[A-Z]{3}\b", header) if word in _CODES]
    return words[0] if words else next((c for s, c in _SIGNS.items() if s in header), None)


def date_orders(texts: Iterable[str]) -> Evidence:
    """Whether the day or the month stands first in these dates."""
    seen: set[str] = set()
    unclear: str | None = None
    for text in texts:
        found = _ORDER.fullmatch(text)
        if found is None or found[1] == found[2]:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            seen.add("dmy")
        elif second > 12 >= first:
            seen.add("mdy")
        else:
            unclear = unclear or text
    return Evidence(frozenset(seen), unclear)


def parse_day(text: str, order: DateOrder) -> dt.date:
    """Raises ``BadInput``."""
    found = _ORDER.fullmatch(text)
    if found is None:
        return parse_date(text)
    day, month = (found[1], found[2]) if order == "dmy" else (found[2], found[1])
    try:
        return parse_date(f"{found[3]}-{month}-{day}{found[4]}")
    except BadInput as problem:
        raise BadInput(f"there is no such day as {clean_name(text[:40])!r}") from problem


def is_amount(text: str) -> bool:
    """Whether it can be read as an amount in any way."""
    for decimal in _FORMATS:
        try:
            parse_amount(text, decimal)
        except BadInput:
            continue
        return True
    return False


def is_day(text: str) -> bool:
    """Whether it can be read as a date in any way."""
    for order in ("dmy", "mdy"):
        try:
            parse_day(text, order)
        except BadInput:
            continue
        return True
    return False


def _spaced(text: str) -> str:
    """With plain spaces, and signs of currencies apart from the number."""
    plain = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
    return re.sub(r"(US\$|CA\$|A\$|[$€£¥₹])", r" \1 ", plain, flags=re.IGNORECASE).strip()
