"""Loading a person's calendar: what is new in it since the last time, then what is kept of it.

What comes takes the place of what was there. The file is read in a process of its own, like all
that strangers have a hand in: whoever invites somebody writes into that person's calendar.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import Field, ValidationError

from ingest.calendars import LIMIT_BYTES, Agenda, Asked, Meeting
from ingest.errors import BadInput, TooLarge, shown
from ingest.invited import domain_of, is_within
from ingest.library import Library
from ingest.listen import NOBODY
from ingest.media.port import clear
from ingest.models import Frozen
from ingest.roles import is_free_mail
from ingest.tables import meetings
from service.goals.firms import accounts_by_address, accounts_by_domain, own_domains
from service.goals.people import Ours, named, our_people, put_listener
from service.hands import Failed, HandDied, Hands, tidy
from service.handwork import Unfolding
from service.home_settings import not_customers

BACK = dt.timedelta(days=400)  # from the day it is loaded: more weeks than are shown
AHEAD = dt.timedelta(days=120)
_LONGEST_S = 60.0  # for a calendar; a full one of ten years takes 5 to 10
_MEMORY = 2 << 30
_FOUND_MOST = 50_000_000  # bytes of what is found
_ROWS = ("sequence", "day", "starts", "ends", "domains", "account_id")
_hands = Hands(2)


class CalendarFile(Frozen):
    """A calendar as it came; ``name`` is what the file is called."""

    name: str
    data: bytes = Field(repr=False)


class CalendarChange(Frozen):
    """What loading a calendar changes. ``meetings`` with customers are then there; ``left_out``
    counts by reason what looked like one. ``unplaced`` are domains of firms that are no account.
    """

    person: str
    meetings: int
    added: int
    changed: int
    removed: int
    same: int
    older: int = Field(description="of which a later version is here already, and stays")
    left_out: dict[str, int]
    unplaced: dict[str, int] = Field(description="meetings by domain")
    since: dt.date
    until: dt.date
    heard: bool = Field(description="whether a call names the person")


def load_calendar(
    library: Library,
    files: Sequence[CalendarFile],
    person: str | None,
    now: dt.datetime,
    *,
    zone: str | None = None,
    dry_run: bool = False,
) -> CalendarChange:
    """Load one person's calendar, in one file or several; ``dry_run`` only tells what would change.

    Without ``person`` it is the one by whose address the calendar is named. Raises ``BadInput``.
    """
    with library.read() as connection:
        who = named(connection, person) if person is not None else None
        own = own_domains(library, connection) | {
            d for a in (who.addresses if who else ()) if not is_free_mail(d := domain_of(a))
        }
        customers = accounts_by_address(connection)
        others = not_customers(connection)
    if not own:
        raise BadInput(
            "Nobody said which e-mail domains are yours, so that all who are invited would be "
            "customers: `firsthand settings internal_domains=vendor.example`."
        )
    asked = Asked(
        own=own,
        addresses=who.addresses if who else frozenset(),
        since=now.date() - BACK,
        until=now.date() + AHEAD,
        zone=_zone(zone),
    )
    read = [_read(library, file, asked) for file in files]
    left_out = sum((Counter(agenda.left_out) for agenda in read), Counter[str]())
    found: dict[str, dict[str, object]] = {}
    for met in sorted((m for agenda in read for m in agenda.meetings), key=lambda m: m.sequence):
        row = _row(met, customers, others)
        if row is None:
            left_out["with nobody known to be a customer"] += 1
        else:
            found[met.meeting_id] = row
    with library.change() as connection:
        who = who or named(connection, _owner(read))
        change = _difference(connection, who, found, dict(left_out), asked)
        if dry_run:
            return change
        put_listener(connection, who, loaded_at=now)
        connection.execute(meetings.delete().where(meetings.c.key == who.key))
        rows = [{"key": who.key, "meeting_id": i, **row} for i, row in found.items()]
        if rows:
            connection.execute(meetings.insert(), rows)
    return change


def _owner(read: Sequence[Agenda]) -> str:
    owners = {agenda.owner for agenda in read if agenda.owner is not None}
    if len(owners) != 1:
        raise BadInput("Whose calendar is it? Say it as calls name the person: --person NAME.")
    return owners.pop()


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadInput(f"{shown(name)!r} names no time zone; write it as Europe/Berlin.") from None
    return name


def _read(library: Library, file: CalendarFile, asked: Asked) -> Agenda:
    if len(file.data) > LIMIT_BYTES:
        raise TooLarge(f"{shown(file.name)}: the calendar has over {LIMIT_BYTES:,} bytes.")
    tidy()
    clear(library.home, ".calendar-*")
    with tempfile.TemporaryDirectory(dir=library.home, prefix=".calendar-") as folder:
        came, out = Path(folder) / "came.ics", Path(folder) / "found.json"
        came.write_bytes(file.data)
        try:
            _hands.do(Unfolding(came, out, asked, _MEMORY), NOBODY, _LONGEST_S)
            with out.open("rb") as told:
                return Agenda.model_validate_json(told.read(_FOUND_MOST))
        except (HandDied, Failed, ValidationError, OSError) as problem:
            raise BadInput(
                f"{shown(file.name)}: the calendar cannot be unfolded in time; export a part of it."
            ) from problem
        except BadInput as problem:
            raise type(problem)(f"{shown(file.name)}: {problem}.") from problem


def _row(
    met: Meeting, customers: Mapping[str, str], others: frozenset[str]
) -> dict[str, object] | None:
    """What is kept of a meeting; ``None`` where nobody in it is known to be a customer.

    Whoever writes from a free mail address may be a friend: only customers of calls count.
    """
    known = {customers[address] for address in met.others if address in customers}
    domains = sorted({d for a in met.others if not is_free_mail(d := domain_of(a))})
    domains = [d for d in domains if not is_within(d, others)]
    if not domains and not known:
        return None
    return {
        "sequence": met.sequence,
        "day": met.day,
        "starts": met.starts,
        "ends": met.ends,
        "domains": domains,
        "account_id": known.pop() if len(known) == 1 else None,
    }


def _difference(
    connection: sa.Connection,
    who: Ours,
    found: dict[str, dict[str, object]],
    left_out: dict[str, int],
    asked: Asked,
) -> CalendarChange:
    """Also puts what is here in a later version back into ``found``."""
    here = {
        row.meeting_id: _plain(row._asdict())
        for row in connection.execute(sa.select(meetings).where(meetings.c.key == who.key))
    }
    counts: Counter[str] = Counter()
    for meeting_id, row in list(found.items()):
        before = here.get(meeting_id)
        if before is None:
            counts["added"] += 1
        elif int(str(before["sequence"])) > int(str(row["sequence"])):
            found[meeting_id] = before
            counts["older"] += 1
        else:
            counts["same" if before == row else "changed"] += 1
    domains = Counter(d for row in found.values() for d in _texts(row["domains"]))
    placed = accounts_by_domain(connection, domains)
    return CalendarChange(
        person=who.name,
        meetings=len(found),
        **{name: counts[name] for name in ("added", "changed", "same", "older")},
        removed=len(here.keys() - found.keys()),
        left_out=left_out,
        unplaced={d: n for d, n in domains.most_common() if d not in placed},
        since=asked.since,
        until=asked.until,
        heard=who.key in our_people(connection),
    )


def _plain(row: dict[str, object]) -> dict[str, object]:
    """As ``_row`` makes it: SQLite keeps no time zone."""
    for name in ("starts", "ends"):
        time = row[name]
        assert isinstance(time, dt.datetime)
        row[name] = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    return {name: row[name] for name in _ROWS}


def _texts(value: object) -> list[str]:
    return list(map(str, value)) if isinstance(value, list) else []
