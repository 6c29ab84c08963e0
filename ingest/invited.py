"""Who is invited to an event of a calendar (iCalendar, RFC 5545), and who of them comes."""

from __future__ import annotations

import re
from collections.abc import Iterable

import icalendar

_THINGS = frozenset({"RESOURCE", "ROOM"})
# Rooms and calendars themselves are invited by such addresses.
_NOBODY = re.compile(r"(?:^|\.)calendar\.google\.com$")
_PERSON = icalendar.vCalAddress
ADDRESS = re.compile(
    r"[^@\s<>,;:\"]{1,64}@(?P<domain>[^@\s<>,;:\"/\\]{1,253}\.[^@\s<>,;:\"/\\]{1,63})"
)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def is_within(domain: str, domains: Iterable[str]) -> bool:
    """Whether the domain is one of these or lies under one."""
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def others_of(
    event: icalendar.Event, own: frozenset[str], addresses: frozenset[str]
) -> dict[str, bool]:
    """Addresses of people of other firms, and whether they come."""
    found: dict[str, bool] = {}
    for person in (*listed(event.get("ORGANIZER")), *listed(event.get("ATTENDEE"))):
        address = _address(person)
        if address is None or address in addresses:
            continue
        domain = domain_of(address)
        if is_within(domain, own) or _NOBODY.search(domain) or _says(person, "CUTYPE") in _THINGS:
            continue
        found[address] = _says(person, "PARTSTAT") != "DECLINED"
    return found


def declined(event: icalendar.Event, addresses: frozenset[str]) -> bool:
    return any(
        _address(person) in addresses and _says(person, "PARTSTAT") == "DECLINED"
        for person in listed(event.get("ATTENDEE"))
    )


def _address(person: object) -> str | None:
    told = re.sub(r"^mailto:", "", str(person).strip(), flags=re.IGNORECASE).lower()
    if not ADDRESS.fullmatch(told):  # Exchange and Apple put other things there
        told = _says(person, "EMAIL").strip().lower()
    return told if ADDRESS.fullmatch(told) else None


def _says(person: object, name: str) -> str:
    return str(person.params.get(name, "")).upper() if isinstance(person, _PERSON) else ""


def listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
