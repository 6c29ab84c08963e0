"""What was seen lately: to look at it again is no further line of the audit log.

A player that jumps, a page that is loaded anew, an assistant that asks again would else fill it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from ingest.audit_rows import Row
from ingest.library import Library
from service.access import audit
from service.access.audit import Entry

AGAIN_S = 600.0
_MOST = 10_000  # sights remembered


class Sights:
    """What was seen lately, by whom; safe to share between threads."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._lock = Lock()

    def note(self, library: Library, entry: Entry) -> Row | None:
        """Write down what somebody is about to do; ``None`` where it was seen just now.

        The pieces of an upload are one line, too. Raises ``Unavailable`` when it cannot be written:
        then it may not be done.
        """
        sight = _sight(entry)
        again = entry.action == "see" or (entry.action, entry.kind) == ("add", "upload")
        if again and not self._new(sight):
            return None
        try:
            return audit.write(library, entry)
        except BaseException:
            if again:
                self._forget(sight)
            raise

    def _new(self, sight: tuple[str, ...]) -> bool:
        """Whether this is worth a line, and remembers it then."""
        now = time.monotonic()
        with self._lock:
            last = self._seen.get(sight)
            if last is not None and now - last < AGAIN_S:
                return False
            self._seen[sight] = now
            self._seen.move_to_end(sight)
            if len(self._seen) > _MOST:
                self._seen.popitem(last=False)
        return True

    def _forget(self, sight: tuple[str, ...]) -> None:
        with self._lock:
            self._seen.pop(sight, None)


def _sight(entry: Entry) -> tuple[str, ...]:
    who = entry.person
    detail = str(dict(entry.detail))
    return (who.user_id or "", who.via, entry.kind, entry.subject, detail, entry.result)
