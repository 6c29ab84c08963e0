"""Dates in a question: which span of days its words mean.

"between 18 and 22 May", "from 20 to 24 April", "in May 2026", "since 5 May", "before June". A day
or month without a year is the latest such one that is not after the last call.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    name.lower(): n
    for names in (calendar.month_name, calendar.month_abbr)
    for n, name in enumerate(names)
    if name
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?:the )?\d{1,2}(?:st|nd|rd|th)?\b"
_YEAR = r"(?:,? (?:19|20)\d\d)?"
_ISO = r"\d{4}-\d{2}-\d{2}"
# A day, a month, or both, in either order.
_POINT = rf"(?:{_ISO}|{_DAY}(?: of)? {_MONTH}{_YEAR}|{_MONTH} {_DAY}{_YEAR}|{_MONTH}{_YEAR}|{_DAY})"
_SPAN = re.compile(
    rf"\b(?:between|from) ({_POINT}) (?:and|to|until|till|through|-|–) ({_POINT})", re.I
)
_SINCE = re.compile(rf"\b(?:since|after|from) ({_POINT})(?: on(?:wards)?)?", re.I)
_UNTIL = re.compile(rf"\b(?:until|till|before|by|up to) ({_POINT})", re.I)
_IN = re.compile(rf"\b(?:in|during|on) ({_POINT})", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """Both days inclusive; ``said`` are the words that meant it."""

    since: date | None
    until: date | None
    said: str


def span(text: str, latest: date) -> Span | None:
    """The span of days that ``text`` names, or ``None``. ``latest`` is the day of the last call."""
    if found := _SPAN.search(text):
        end = _point(found[2], latest, None)
        start = _point(found[1], latest, end)
        if start and end and start[0] <= end[1]:
            return Span(start[0], end[1], found[0])
        return None
    for pattern, sides in ((_SINCE, "since"), (_UNTIL, "until"), (_IN, "in")):
        if (found := pattern.search(text)) and (point := _point(found[1], latest, None)):
            before = found[0].lower().startswith("before")
            return Span(
                None if sides == "until" else point[0],
                None if sides == "since" else (_day_before(point[0]) if before else point[1]),
                found[0],
            )
    return None


def _point(text: str, latest: date, like: tuple[date, date] | None) -> tuple[date, date] | None:
    """First and last day meant; a bare day is of the month of ``like``."""
    if re.fullmatch(_ISO, text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return day, day
    month = next((_MONTHS[w] for w in re.findall(r"[a-z]+", text.lower()) if w in _MONTHS), None)
    number = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", text)
    said_year = re.search(r"\b(?:19|20)\d\d\b", text)
    if month is None:
        # "May" alone could be the verb; a bare number is a day only beside another day.
        if like is None or number is None:
            return None
        month, year = like[0].month, like[0].year
    else:
        year = int(said_year[0]) if said_year else latest.year - (month > latest.month)
    if number is None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    try:
        day = date(year, month, int(number[1]))
    except ValueError:
        return None
    return day, day


def _day_before(day: date) -> date:
    return date.fromordinal(max(1, day.toordinal() - 1))
