"""What people set for a home: the start of the 30 days, the goal, the board, their own domains,
what is masked, how long calls are kept and whether consent is asked for.

Kept as facts of the home, so that it moves with it: all but when the digest is sent, else a copy
of a home would send it as well. What the environment sets is no part of it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from pydantic import Field

from ingest import consent
from ingest.errors import BadInput
from ingest.facts import (
    fact,
    internal_domains,
    put_fact,
    put_internal_domains,
    set_start_date,
    start_date,
)
from ingest.library import Library
from ingest.models import Frozen
from service.digest import slot
from service.scope import TOP

GOAL_HOURS = 1.0  # a week is to have more than this
_HOURS_OF_A_WEEK = 168
MASK_NAMES = "mask_names"  # the fact that holds them
DIGEST_TO = "digest_to"  # likewise
_TOP_MOST = 500
_YEARS = (1970, 2100)  # else day 30 or the weeks overflow
_DOMAINS_MOST = 100
_NAMES_MOST = 500
_NAME_LENGTH = (2, 100)
_DAYS_MOST = 36_500
# Letters of any script: domains are written as people read them.
_DOMAIN = re.compile(r"(?=.{3,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*")


class HomeSettings(Frozen):
    """``start`` is ``None`` until somebody sets it; ``start_remembered`` is what a memo was told,
    and counts until then. ``keep_days`` is ``None`` while calls are kept for ever; with
    ``ask_consent`` only calls with consent given count.
    """

    start: dt.date | None = None
    start_remembered: dt.date | None = None
    goal_hours: float = GOAL_HOURS
    top: int = TOP
    internal_domains: tuple[str, ...] = ()
    mask: bool = Field(default=True, description="private details are masked where text is shown")
    mask_names: tuple[str, ...] = Field(default=(), description="names that are masked as well")
    keep_days: int | None = None
    ask_consent: bool = False
    not_customers: tuple[str, ...] = Field(
        default=(), description="e-mail domains of firms that are none, as suppliers"
    )
    digest: str | None = Field(default=None, description="when `serve` sends it, as in mon 08:00")
    digest_to: tuple[str, ...] = Field(default=(), description="addresses it is sent to")


class SettingsChange(Frozen):
    """What is to be set; what is not given stays, ``None`` goes back to the default."""

    start: dt.date | None = None
    goal_hours: float | None = Field(default=None, description="customers' hours a week")
    top: int | None = Field(default=None, description="accounts on the board")
    internal_domains: tuple[str, ...] | None = None
    mask: bool | None = Field(default=None, description="mask private details where text is shown")
    mask_names: tuple[str, ...] | None = Field(default=None, description="names to mask as well")
    keep_days: int | None = Field(default=None, description="then calls are erased; null: never")
    ask_consent: bool | None = Field(default=None, description="only calls with consent count")
    not_customers: tuple[str, ...] | None = Field(
        default=None, description="e-mail domains of firms that are none, as suppliers"
    )
    digest: str | None = Field(
        default=None, max_length=40, description="when `serve` sends it, as in mon 08:00"
    )
    digest_to: tuple[str, ...] | None = Field(default=None, description="addresses it is sent to")


def home_settings(connection: sa.Connection) -> HomeSettings:
    """As they are now."""
    start = set_start_date(connection)
    goal, top = fact(connection, "goal_hours"), fact(connection, "board_top")
    return HomeSettings(
        start=start,
        start_remembered=None if start else start_date(connection),
        goal_hours=float(goal) if isinstance(goal, int | float) else GOAL_HOURS,
        top=top if isinstance(top, int) else TOP,
        internal_domains=tuple(sorted(internal_domains(connection))),
        mask=masks(connection),
        mask_names=masked_names(connection),
        keep_days=days if isinstance(days := fact(connection, "keep_days"), int) else None,
        ask_consent=consent.is_asked(connection),
        not_customers=tuple(sorted(not_customers(connection))),
        digest=when if isinstance(when := fact(connection, "digest"), str) else None,
        digest_to=digest_to(connection),
    )


def masks(connection: sa.Connection) -> bool:
    """Whether private details are masked where text is shown."""
    return fact(connection, "mask") is not False


def masked_names(connection: sa.Connection) -> tuple[str, ...]:
    """Names that are masked where text is shown."""
    found = fact(connection, MASK_NAMES)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def not_customers(connection: sa.Connection) -> frozenset[str]:
    """Domains whose people are no customers, though they are not ours either."""
    found = fact(connection, "not_customers")
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def digest_to(connection: sa.Connection) -> tuple[str, ...]:
    """Whom ``serve`` sends the digest."""
    found = fact(connection, DIGEST_TO)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def put_digest_to(connection: sa.Connection, addresses: Iterable[str]) -> None:
    """It goes to these from now on; who is taken out does not get what was put off either."""
    put_fact(connection, DIGEST_TO, list(dict.fromkeys(addresses)))
    put_put_off(connection, put_off(connection))


def put_off(connection: sa.Connection) -> tuple[str, ...]:
    """Those of ``digest_to`` who do not have the last digest: the mail server said "later"."""
    found = fact(connection, slot.PUT_OFF)
    later = found if isinstance(found, list) else []
    return tuple(one for one in digest_to(connection) if one in later)


def put_put_off(connection: sa.Connection, addresses: Collection[str]) -> None:
    """Only those of ``digest_to``: what was erased from there is not to come back here."""
    put_fact(connection, slot.PUT_OFF, [a for a in digest_to(connection) if a in addresses])


def change_settings(library: Library, change: SettingsChange) -> HomeSettings:
    """Set what ``change`` gives, all of it or nothing. Raises ``BadInput``, naming the setting.

    Internal domains hold for calls that come in from then on.
    """
    given = change.model_fields_set
    if change.start is not None:
        check_start(change.start)
    if change.goal_hours is not None:
        check_goal(change.goal_hours)
    if change.top is not None and not 1 <= change.top <= _TOP_MOST:
        raise BadInput(f"The board takes 1 to {_TOP_MOST} accounts, not {change.top}.")
    if change.keep_days is not None and not 1 <= change.keep_days <= _DAYS_MOST:
        raise BadInput(f"Calls are kept for 1 to {_DAYS_MOST:,} days, not {change.keep_days}.")
    domains = _domains(change.internal_domains or ())
    names = _names(change.mask_names or ())
    others = _domains(change.not_customers or ())
    when = slot.told(change.digest) if change.digest is not None else None
    addresses = [slot.address(one) for one in change.digest_to or ()]
    start = None if change.start is None else change.start.isoformat()
    with library.change() as connection:
        if "start" in given:
            put_fact(connection, "start_set", start)
        if "goal_hours" in given:
            put_fact(connection, "goal_hours", change.goal_hours)
        if "top" in given:
            put_fact(connection, "board_top", change.top)
        if "internal_domains" in given:
            put_internal_domains(connection, domains)
        if "mask" in given:
            put_fact(connection, "mask", change.mask)
        if "mask_names" in given:
            put_fact(connection, MASK_NAMES, names)
        if "keep_days" in given:
            put_fact(connection, "keep_days", change.keep_days)
        if "ask_consent" in given:
            consent.ask(connection, bool(change.ask_consent))
        if "not_customers" in given:
            put_fact(connection, "not_customers", sorted(others))
        begins = addresses and not digest_to(connection)
        if begins or ("digest" in given and when != fact(connection, "digest")):
            # What was due before is not sent afterwards.
            put_fact(connection, slot.SINCE, dt.datetime.now(dt.UTC).isoformat())
        if "digest" in given:
            put_fact(connection, "digest", when)
        if "digest_to" in given:
            put_digest_to(connection, addresses)
        return home_settings(connection)


def check_start(day: dt.date, known_from: str = "") -> None:
    """Raises ``BadInput`` for a year as nobody means it."""
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        told = f" ({known_from})" if known_from else ""
        raise BadInput(
            f"The year of the start {day}{told} is not between {_YEARS[0]} and {_YEARS[1]}; "
            "give another."
        )


def check_goal(hours: float) -> None:
    """Raises ``BadInput`` for a goal that no week can have."""
    if not (math.isfinite(hours) and 0 < hours <= _HOURS_OF_A_WEEK):
        raise BadInput(
            f"The goal {hours:g} is no number of hours a week; "
            f"give one above 0 and up to {_HOURS_OF_A_WEEK}."
        )


def _domains(given: Iterable[str]) -> set[str]:
    found = {one.strip().lower().lstrip("@") for one in given} - {""}
    for one in sorted(found):
        if not _DOMAIN.fullmatch(one):
            raise BadInput(f"{one[:80]!r} is no e-mail domain; write it as in vendor.example.")
    if len(found) > _DOMAINS_MOST:
        raise BadInput(f"These are over {_DOMAINS_MOST} domains; give the vendor's own only.")
    return found


def _names(given: Iterable[str]) -> list[str]:
    shortest, longest = _NAME_LENGTH
    found = sorted({" ".join(one.split()) for one in given} - {""})
    for one in found:
        if not shortest <= len(one) <= longest or not any(map(str.isalpha, one)):
            raise BadInput(
                f"{one[:80]!r} cannot be masked as a name: it needs letters, and "
                f"{shortest} to {longest} characters."
            )
    if len(found) > _NAMES_MOST:
        raise BadInput(f"These are over {_NAMES_MOST} names; give those that matter.")
    return found
