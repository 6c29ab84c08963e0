"""Works off the outbox: one message at a time to each hook, to all hooks at once."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import NotFound
from ingest.library import Library
from ingest.tables import hooks
from service.hooks import deliveries
from service.hooks.formats import body
from service.hooks.sending import PATIENCE_S, Answer, To, send
from service.hooks.telling import TEST, of_a_test, tell
from service.settings import MAIN

log = logging.getLogger(__name__)

_AT_ONCE = 8
_FAILED = "Something failed here before it was sent or noted; the worker's log says what."


class Postman:
    """Sends what is due. Of a worker; ``lease_s`` is how long it may take over one message."""

    def __init__(
        self,
        library: Library,
        *,
        lease_s: float = deliveries.LEASE_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._library, self._lease_s, self._patience_s = library, lease_s, patience_s
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="hook")
        self._busy: dict[str, Future[None]] = {}  # by hook

    def round(self) -> int:
        """Begin to send what is due; how many that were."""
        self._busy = {hook: one for hook, one in self._busy.items() if not one.done()}
        free = _AT_ONCE - len(self._busy)
        if free <= 0:
            return 0
        with self._library.read() as connection:
            wanted = deliveries.due(connection, frozenset(self._busy))[:free]
        begun = 0
        for delivery_id in wanted:
            claimed = deliveries.claim(self._library, delivery_id, self._lease_s)
            if claimed is not None:
                begun += 1
                self._busy[claimed.hook_id] = self._pool.submit(self._see_to, claimed)
        return begun

    def finish(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Send what is due now, for at most so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (stop and stop.is_set()):
            # Whoever was busy when it was looked what is due may have more, also if they end now.
            if not self.round() and not self._busy:
                return
            time.sleep(0.05)

    def end(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _see_to(self, claimed: deliveries.Claimed) -> None:
        try:
            deliver(self._library, claimed, self._patience_s)
        except sa.exc.SQLAlchemyError as problem:
            if (why := passing(problem)) is None:
                log.exception("telling the hook %s failed", claimed.hook_id)
                self._failed(claimed)
            else:
                log.warning("a hook was not told, or it was not noted: %s", why)
        except Exception:  # the thread's edge: it is tried again, and others are told meanwhile
            log.exception("telling the hook %s failed", claimed.hook_id)
            self._failed(claimed)

    def _failed(self, claimed: deliveries.Claimed) -> None:
        """A try that came to nothing here is one of the tries, after which it is given up."""
        try:
            deliveries.note(self._library, claimed, Answer(why=_FAILED))
        except Exception:  # it is tried again once the lease is over
            log.exception("that the hook %s was not told was not noted", claimed.hook_id)


def deliver(library: Library, claimed: deliveries.Claimed, patience_s: float = PATIENCE_S) -> None:
    """One try."""
    with library.read() as connection:
        row = connection.execute(sa.select(hooks).where(hooks.c.hook_id == claimed.hook_id)).first()
        if row is None:
            return  # removed meanwhile, and what was on its way with it
        try:
            told = tell(
                library, connection, claimed.event, claimed.about, with_words=row.with_words
            )
        except NotFound:
            told = None
    if told is None:
        deliveries.drop(library, claimed, "What it told of is not there any more.")
        return
    text = body(row.format, claimed.event, claimed.happened_at, workspace_of(library), told)
    answer = send(_to(library, row), claimed.delivery_id, text, datetime.now(UTC), patience_s)
    deliveries.note(library, claimed, answer)


def try_out(library: Library, hook_id: str) -> Answer:
    """Send a message that says it is a test, once and now. Raises ``NotFound``."""
    with library.read() as connection:
        row = connection.execute(sa.select(hooks).where(hooks.c.hook_id == hook_id)).first()
        told = of_a_test(library, connection)
    if row is None:
        raise NotFound(f"There is no hook {hook_id[:80]!r}; see `firsthand hooks`.")
    now = datetime.now(UTC)
    text = body(row.format, TEST, now, workspace_of(library), told)
    message_id = f"msg_test_{now.timestamp():.6f}".replace(".", "")
    return send(_to(library, row), message_id, text, now)


def workspace_of(library: Library) -> str:
    return library.options.workspace or MAIN


def _to(library: Library, row: sa.Row[tuple[object, ...]]) -> To:
    return To(row.url, row.secret, row.private or library.options.hooks_private)
