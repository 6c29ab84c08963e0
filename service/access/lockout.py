"""Guessing passwords: how often one may be wrong, without a way to lock others out.

Failures count for the browser where it has signed in before ("device cookies", see
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies), else for the
address. So nothing that strangers do keeps such a browser out. A name that many fail at is not
closed to strangers either: each network then has a few tries. With passwords that take 10^8 guesses
(see ``passwords``) that is little.

Kept in memory, for one server. Names and addresses are made up by attackers: what is kept of them
has one length, and beyond a number of them the one that failed longest ago is forgotten. At 150 ms
for each password, made-up names take longer to push all out than failures count. (The library
``limits`` forgets none before its time, and looks through all of them every 10 ms.)
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``amount`` failures ``within_s``, for what ``counts`` says."""

    counts: str
    amount: int
    within_s: float


DEVICE = Rule("name and known browser", 10, 15 * _MINUTE)
ADDRESS = Rule("address", 100, _HOUR)
NAME_AT_ADDRESS = Rule("name and address", 10, 15 * _MINUTE)
NAME = Rule("name, by strangers", 100, _HOUR)  # from here on the next holds as well
NAME_IN_NETWORK = Rule("name and network", 3, _HOUR)


@dataclass(frozen=True, slots=True)
class Attempt:
    """``name`` is folded; ``device`` is that of a browser known to have signed in with it."""

    name: str
    address: str
    device: str | None = None


class Lockout:
    """The failures of late. ``now`` is in seconds and never earlier than before."""

    def __init__(self, most: int = 100_000) -> None:
        """``most``: names, addresses and the like that are kept at once."""
        self._failures: OrderedDict[bytes, list[float]] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def enter(self, attempt: Attempt, now: float) -> float:
        """Seconds to wait before it may be tried. 0: it may, and counts as failed at once, so that
        many at the same time are no way around; ``take_back`` or ``succeeded`` ends that.
        """
        with self._lock:
            wait = max(self._wait(rule, key, now) for rule, key in self._holding(attempt, now))
            if wait <= 0:
                for rule, key in _counted(attempt):
                    self._add(rule, key, now)
            return wait

    def take_back(self, attempt: Attempt, now: float) -> None:
        """What was entered at ``now`` was not tried."""
        with self._lock:
            for _rule, key in _counted(attempt):
                self._remove(key, now)

    def succeeded(self, attempt: Attempt, now: float) -> None:
        """What was entered at ``now`` was right: what this person mistyped before is forgotten.

        Not what counts against the address or the name: somebody else may be guessing.
        """
        self.take_back(attempt, now)
        with self._lock:
            for rule, key in _counted(attempt):
                if rule in (DEVICE, NAME_AT_ADDRESS):
                    self._failures.pop(key, None)

    def _holding(self, attempt: Attempt, now: float) -> Iterator[tuple[Rule, bytes]]:
        """The rules that hold for it now."""
        counted = dict(_counted(attempt))
        beset = NAME in counted and self._wait(NAME, counted.pop(NAME), now) > 0
        for rule, key in counted.items():
            if rule is not NAME_IN_NETWORK or beset:
                yield rule, key

    def _wait(self, rule: Rule, key: bytes, now: float) -> float:
        times = self._failures.get(key, ())
        if len(times) < rule.amount:
            return 0.0
        return max(0.0, times[-rule.amount] + rule.within_s - now)

    def _add(self, rule: Rule, key: bytes, now: float) -> None:
        times = self._failures.setdefault(key, [])
        times.append(now)
        del times[: -rule.amount]
        self._failures.move_to_end(key)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)

    def _remove(self, key: bytes, now: float) -> None:
        times = self._failures.get(key, [])
        if now in times:
            times.remove(now)
        if not times:
            self._failures.pop(key, None)


def _counted(attempt: Attempt) -> list[tuple[Rule, bytes]]:
    """What a failure counts for."""
    if attempt.device is not None:
        return [(DEVICE, _key(DEVICE, attempt.name, attempt.device))]
    house, network = places(attempt.address)
    return [
        (ADDRESS, _key(ADDRESS, house)),
        (NAME_AT_ADDRESS, _key(NAME_AT_ADDRESS, attempt.name, house)),
        (NAME, _key(NAME, attempt.name)),
        (NAME_IN_NETWORK, _key(NAME_IN_NETWORK, attempt.name, network)),
    ]


def places(address: str) -> tuple[str, str]:
    """What one person has to themselves, and the network around it.

    Of IPv6 that is a /64 and a /48, of IPv4 an address and a /24.
    """
    try:
        at = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # a socket in a file
        return address, address
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped:
        at = at.ipv4_mapped
    house, network = (64, 48) if at.version == 6 else (32, 24)
    return _network(at, house), _network(at, network)


def _network(at: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((at, bits), strict=False))


def _key(rule: Rule, *parts: str) -> bytes:
    told = "\0".join((rule.counts, *parts))
    return hashlib.sha256(told.encode("utf-8", "replace")).digest()
