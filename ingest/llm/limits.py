"""The provider's limits per minute, kept by waiting: requests and tokens, of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable

_MINUTE_S = 60.0
# A bucket holds ten seconds' worth: after a pause a minute may see a sixth more than the limit, and
# not twice the limit, as it would with a bucket for a whole minute.
_HELD_S = 10.0


class Bucket:
    """A token bucket that may go into debt: who comes later waits until it is paid.

    ``per_minute`` may be ``None`` for no limit. ``clock`` and ``sleep`` count in seconds.
    """

    def __init__(
        self,
        per_minute: int | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._rate = per_minute / _MINUTE_S if per_minute else None
        self._clock, self._sleep = clock, sleep
        self._holds = max(1.0, self._rate * _HELD_S) if self._rate else 0.0
        self._level = self._holds
        self._at = clock()
        self._lock = threading.Lock()

    def take(self, amount: int) -> None:
        """Wait until ``amount`` may pass; in the order of the calls."""
        if self._rate is None:
            return
        with self._lock:
            self._fill(self._rate)
            self._level -= amount
            wait_s = -self._level / self._rate
        if wait_s > 0:
            self._sleep(wait_s)

    def correct(self, amount: int) -> None:
        """Take ``amount`` more without waiting, or give back what is negative."""
        if self._rate is None:
            return
        with self._lock:
            self._fill(self._rate)
            self._level = min(self._holds, self._level - amount)

    def _fill(self, rate: float) -> None:
        now = self._clock()
        self._level = min(self._holds, self._level + (now - self._at) * rate)
        self._at = now
