"""Where hooks may be: which addresses are taken, and connections that go to no other.

An address is looked at again whenever it is connected to, and what was looked at is what is
connected to: a name that means another machine by then is no way into a private network.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore2

from ingest.errors import BadInput, FirsthandError

_LONGEST = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(FirsthandError):
    """The address is not one that may be sent to."""


def checked(url: str) -> str:
    """Raises ``BadInput``, a sentence, for what is no address of a hook."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadInput("That is no web address; write it as https://example.com/hook.") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or port == 0:
        raise BadInput("A hook's address begins with https:// (or http://) and has no spaces.")
    if "@" in parts.netloc:
        raise BadInput("Leave the name and password out of the address; what is sent is signed.")
    return url.partition("#")[0]


def shown(url: str) -> str:
    """The address as it may be shown: what stands behind the host lets anybody post there."""
    parts = urlsplit(url)
    rest = url.partition(parts.netloc)[2]
    return f"{parts.scheme}://{parts.netloc}" + (f"/…{rest[-4:]}" if len(rest) > 8 else rest)


def require_public(url: str) -> None:
    """Raises ``BadInput`` when the host is on this machine or in a private network, or none."""
    parts = urlsplit(url)
    try:
        resolved(parts.hostname or "", parts.port or 443, private=False)
    except NotAllowed as problem:
        raise BadInput(
            f"{problem} Add it at the command line (`firsthand hooks add`), or let "
            "FIRSTHAND_HOOKS_PRIVATE=true allow such addresses."
        ) from problem
    except OSError as problem:
        raise BadInput(f"There is no host {parts.hostname!r}.") from problem


def require_safe(url: str) -> None:
    """Raises ``BadInput`` for plain http to a host on the Internet, or to none: what is sent and
    the address itself could be read on the way.
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return
    try:
        found = resolved(parts.hostname or "", parts.port or 80, private=True)
    except OSError as problem:
        raise BadInput(f"There is no host {parts.hostname!r}.") from problem
    if any(is_public(ipaddress.ip_address(address)) for address in found):
        raise BadInput(
            "Write the address with https://: plain http can be read on the way, and is for this "
            "machine and private networks."
        )


def resolved(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses that ``host`` means now. Raises ``OSError`` when there are none, and, unless
    ``private``, ``NotAllowed`` when one of them is not for everybody.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:  # a label that is empty or too long
        raise OSError(f"{host} is no name of a host") from problem
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not private and not all(is_public(ipaddress.ip_address(a)) for a in addresses):
        raise NotAllowed(f"{host} is on this machine or in a private network.")
    return addresses


def is_public(address: _Address) -> bool:
    """Whether it is a machine on the Internet, also behind the forms that wrap another address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.scope_id is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Connecting(httpcore2.SyncBackend):
    """Connects to where it may and no longer than ``seconds`` in all."""

    def __init__(self, *, private: bool, seconds: float) -> None:
        self._private = private
        self._until = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        problem: Exception = OSError("no address")
        for address in resolved(host, port, private=self._private):
            try:
                left = _left(self._until, timeout)
                made = super().connect_tcp(address, port, left, local_address, socket_options)
                return _Timed(made, self._until)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                problem = failed
        raise problem


@dataclass(slots=True)
class _Timed(httpcore2.NetworkStream):
    """A connection that is over at a moment, however little comes however often."""

    stream: httpcore2.NetworkStream
    until: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.until, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(self.until, timeout)
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, left), self.until)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time is over")
    return left if timeout is None else min(left, timeout)
