"""How often a person may ask for what is costly: so many times in any minute, and no more.

Kept in this process's memory, a moment for each time within the last minute. Whoever sits at the
machine itself is not limited: they would only be kept from their own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ingest.errors import TooOften
from service.access.lockout import places
from service.access.person import Person

Costly = Literal["ask", "memo", "reading", "upload", "export", "audio", "provider"]
# In a minute. Generous: what a person does by hand never comes near it. A player asks for a
# recording in many pieces, and a folder of files is sent one by one.
OFTEN: Mapping[Costly, int] = {
    "ask": 60,
    "memo": 20,
    "reading": 10,
    "upload": 600,
    "export": 60,
    "audio": 600,
    "provider": 30,  # an address, and not a person: nobody has signed in yet
}
_WHAT: Mapping[Costly, str] = {
    "ask": "questions",
    "memo": "drafts of memos",
    "reading": "readings by the language model",
    "upload": "uploads",
    "export": "files to take along",
    "audio": "pieces of recordings",
    "provider": "ways to the sign-in provider",
}


class Limits:
    """What people asked for lately."""

    def __init__(self, often: Mapping[Costly, int] = OFTEN) -> None:
        self._often = {kind: RateLimitItemPerMinute(n) for kind, n in often.items()}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, kind: Costly, person: Person) -> None:
        """Count it. Raises ``TooOften``; what was refused does not count."""
        if person.user_id is not None:
            self._count(kind, person.user_id, "person")

    def hit_from(self, kind: Costly, address: str) -> None:
        """The same for whoever asks from an address; of IPv6 all of a /64 are one."""
        self._count(kind, places(address)[0], "address")

    def _count(self, kind: Costly, whose: str, what: str) -> None:
        often = self._often[kind]
        if not self._limiter.hit(often, kind, whose):
            free_at = self._limiter.get_window_stats(often, kind, whose).reset_time
            wait_s = max(1.0, free_at - time.time())
            raise TooOften(
                f"{_WHAT[kind].capitalize()} are limited to {often.amount} a minute and {what}; "
                f"go on in {wait_s:.0f} s.",
                wait_s,
            )
