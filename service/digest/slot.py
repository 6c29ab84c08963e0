"""When the digest is due and whom it goes to: how people write that, and what it comes to.

Times are those of the clock where the server runs.
"""

from __future__ import annotations

import datetime as dt
import re

from ingest.errors import BadInput, shown

SINCE = "digest_since"  # the fact that says when it was set: what was due before is not sent
PUT_OFF = "digest_put_off"  # the fact that names who does not have the last one yet
WAYS = ("mail", "webhook")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHEN = re.compile(r"(?P<day>[a-z]{3})[a-z]*\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)", re.IGNORECASE)
# What every mail server takes; quoted and international parts are left out on purpose.
_ADDRESS = re.compile(
    r"(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}"
)


def told(text: str) -> str:
    """``Monday 8:00`` as ``mon 08:00``. Raises ``BadInput``."""
    found = _WHEN.fullmatch(text.strip())
    day = found["day"].lower() if found else ""
    if found is None or day not in _DAYS or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise BadInput(f"{shown(text)!r} is no time of a week; write it as in mon 08:00.")
    return f"{day} {int(found['hour']):02}:{found['minute']}"


def address(text: str) -> str:
    """An e-mail address. Raises ``BadInput``."""
    one = text.strip()
    if not _ADDRESS.fullmatch(one):
        raise BadInput(f"{shown(text)!r} is no e-mail address; write it as name@vendor.example.")
    return one


def sent(way: str) -> str:
    """The fact that says for which moment it was last sent, or is being sent."""
    return f"digest_sent_{way}"


def last_due(when: str, now: dt.datetime) -> dt.datetime:
    """The latest moment up to ``now`` at which it was due, on the clock of this machine."""
    day, _, time = when.partition(" ")
    here = now.astimezone()
    hour, minute = map(int, time.split(":"))
    at = here.date() - dt.timedelta(days=(here.weekday() - _DAYS.index(day)) % 7)
    due = dt.datetime.combine(at, dt.time(hour, minute)).astimezone()
    if due > now:
        due = dt.datetime.combine(at - dt.timedelta(days=7), dt.time(hour, minute)).astimezone()
    return due


def week_told(day: dt.date) -> dt.date:
    """A day of the week that a digest of this day is about: from Monday to Wednesday the last one,
    from Thursday on the one that runs.
    """
    return day - dt.timedelta(days=3)
