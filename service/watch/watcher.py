"""Looking at watched places, and taking in what has come to rest there."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import BadInput, Busy, Cancelled, FirsthandError, shown
from ingest.library import Library
from ingest.stamps import stamp
from ingest.tables import jobs
from service.adding import RECORDINGS
from service.watch import aside, remembered
from service.watch.events import Event, Tell
from service.watch.pending import Pending
from service.watch.remembered import Row, State
from service.watch.saying import Asides, Rules, Said, said_of
from service.watch.settling import Renames, Settling
from service.watch.sources import Changed, Entry, Source, is_passed_over
from service.watch.spare import Spare
from service.watch.taking import Found, Taking, shown_path

log = logging.getLogger(__name__)

_AGAIN_S = (15.0, 600.0)  # before what may pass is tried again: at first, at most
_TRANSCRIPTS = (".vtt", ".srt", ".sbv", ".docx", ".txt", ".md", ".json", ".csv")


@dataclass(frozen=True, slots=True)
class Options:
    """``settle_s``: how long a file has to stay as it is. ``again``: what failed or was no call is
    tried again at the first look, changed or not. ``least_free`` bytes of disk are left free.
    """

    rules: Rules = field(default_factory=Rules)
    settle_s: float = 10.0
    again: bool = False
    least_free: int = 0


class Watcher:
    """Looks at places again and again; one thread's."""

    def __init__(
        self,
        library: Library,
        sources: Sequence[Source],
        options: Options,
        tell: Tell,
        ends: Callable[[], bool] = lambda: False,
    ) -> None:
        """``ends`` says when to stop, also in the middle of a file."""
        self.sources = sources
        self.failures = 0  # of files and places, so far
        self.waiting: dict[str, Found] = {}  # that have not come to rest
        self._library, self._options = library, options
        self._tell = tell
        self.pending = Pending(library, self._told)
        self._taking = Taking(library, self._told, least_free=options.least_free, ends=ends)
        self._settling = Settling(options.settle_s)
        self._renames = {source.where: Renames() for source in sources}
        self._rows: dict[str, Row] | None = None
        self._retried: set[str] = set()  # keys to be tried again, once
        self._passing: dict[str, tuple[str, float, float]] = {}  # of what kind, when again, pause
        self._away: dict[str, str] = {}
        self._troubles: dict[str, set[str]] = {}
        self._accounts: object = None
        self._read_asides: dict[str, dict[str, str]] = {}  # in this look
        self._next = math.inf  # when one of those found has to be looked at again

    def look(self, now: float) -> Iterator[None]:
        """Look once at every place, at ``now`` by a clock that only goes forward.

        Steps once for each file that was attended to, so that other things get their turn.
        """
        first = self._rows is None
        rows = self._remembered()
        accounts_changed = self._accounts_changed()
        keys: set[str] = set()
        self.waiting = {}
        self._read_asides = {}
        self._next = math.inf
        for source in self.sources:
            there = self._entries(source)
            if there is None:
                continue
            failed = 0
            spare = Spare(there, _may_be_call, self._state_in(source))
            for entry in there.values():
                found = self._found(source, entry, there)
                if found is None:
                    continue
                keys.add(found.key)
                row = rows.get(found.key)
                if self._is_done(found, row, accounts_changed=accounts_changed):
                    failed += row is not None and row.state == "failed"
                elif (better := spare.instead_of(entry)) is not None:
                    rows[found.key] = self._taking.skip(found, instead=better)
                    self._retried.discard(found.key)
                    yield
                elif self._rests(found, row, there, now):
                    self._attend(found, row, there, now)
                    yield
            self._renames[source.where].note(there.values())
            if first and failed:
                self._tell_unchanged(source, failed)
        self._settling.forget_all_but(keys)
        self._passing = {key: one for key, one in self._passing.items() if key in keys}

    def next_look_s(self, now: float) -> float:
        """Seconds until something that was found has to be looked at again."""
        return max(0.0, self._next - now)

    def tell_waiting(self) -> None:
        """Say what is left to be looked at another time."""
        for found in self.waiting.values():
            told = (
                "It is still being written to, or its transcript is worked on; the next run looks "
                "at it again."
            )
            self._told(found.event("waiting", message=told))

    # --- within ----------------------------------------------------------------------------------

    def _told(self, event: Event) -> None:
        self.failures += event.event in ("failed", "away")
        self._tell(event)

    def _remembered(self) -> dict[str, Row]:
        if self._rows is not None:
            return self._rows
        with self._library.read() as connection:
            self._rows = remembered.load(connection)
            if self._options.again:
                self._retried = {k for k, row in self._rows.items() if row.state != "taken"}
                query = sa.select(jobs.c.job_id).where(
                    jobs.c.kind == "ingest", jobs.c.state == "failed"
                )
                failed = set(connection.scalars(query))
                self._retried |= {
                    key
                    for key, row in self._rows.items()
                    if row.state == "taken" and row.content_sha256[:32] in failed
                }
        return self._rows

    def _accounts_changed(self) -> bool:
        with self._library.read() as connection:
            now = stamp(connection, ("accounts",))
        changed = now != self._accounts
        self._accounts = now
        return changed

    def _entries(self, source: Source) -> dict[str, Entry] | None:
        where = shown_path(source.where)
        told = self._troubles.get(where, set())
        now: set[str] = set()

        def trouble(sentence: str) -> None:
            now.add(sentence)
            if sentence not in told:
                self._told(Event(event="failed", where=where, message=sentence))

        try:
            there = {entry.path: entry for entry in source.entries(trouble)}
        except FirsthandError as problem:
            if self._away.get(where) != str(problem):
                self._away[where] = str(problem)
                self._told(Event(event="away", where=where, message=str(problem)))
            return None
        self._troubles[where] = now
        if self._away.pop(where, None) is not None:
            self._told(Event(event="back", where=where))
        return there

    def _found(self, source: Source, entry: Entry, there: Mapping[str, Entry]) -> Found | None:
        if is_passed_over(entry.path) or aside.is_aside(entry.name):
            return None
        asides = [*aside.above(entry.path, there), *aside.beside(entry.path, there)]
        told = [f"{one.path}\n{one.stamp}" for one in asides]
        return Found(
            source=source,
            file=entry,
            key=remembered.key_of(source.where, entry.path),
            aside=remembered.digest(str(self._options.rules), *told),
            settles="\n".join([entry.settles, *(one.settles for one in asides)]),
        )

    def _state_in(self, source: Source) -> Callable[[Entry], State | None]:
        """What became of the files of a place; ``None`` where they are new."""

        def state(entry: Entry) -> State | None:
            row = self._remembered().get(remembered.key_of(source.where, entry.path))
            return None if row is None else row.state

        return state

    def _is_done(self, found: Found, row: Row | None, *, accounts_changed: bool) -> bool:
        if row is None or row.stamp != found.file.stamp or found.key in self._retried:
            return False
        if row.state == "skipped":
            return True
        return row.aside == found.aside and not (row.unmatched and accounts_changed)

    def _rests(self, found: Found, row: Row | None, there: Collection[str], now: float) -> bool:
        """Whether the file has come to rest, and is not left alone for a while."""
        known = row is not None and (row.stamp, row.aside) == (found.file.stamp, found.aside)
        left = 0.0 if known else self._settling.left(found.key, found.settles, now)
        if left > 0 and not self._renames[found.source.where].is_finished(found.file, there):
            self.waiting[found.key] = found
            self._next = min(self._next, now + left)
            return False
        _told, due, _pause = self._passing.get(found.key, ("", now, 0.0))
        if due > now:
            self._next = min(self._next, due)
        return due <= now

    def _attend(
        self, found: Found, row: Row | None, there: Mapping[str, Entry], now: float
    ) -> None:
        rows = self._remembered()
        try:
            rows[found.key] = self._attended(found, row, there)
        except Cancelled:
            return
        except FirsthandError as problem:
            if problem.retry:
                self._pass(found, problem, now)
                return
            rows[found.key] = self._failed(found, problem, row)
        except Exception as problem:  # one file must not keep the others, nor be tried for ever
            if passing(problem) is not None:
                raise
            log.exception("a watched file could not be taken in")
            why = BadInput(
                f"An error that nobody foresaw ({type(problem).__name__}); the log says where."
            )
            rows[found.key] = self._failed(found, why, row)
        self._passing.pop(found.key, None)
        self._retried.discard(found.key)

    def _failed(self, found: Found, why: FirsthandError, row: Row | None) -> Row:
        return self._taking.fail(found, why, row if _is_here(found, row) else None)

    def _attended(self, found: Found, row: Row | None, there: Mapping[str, Entry]) -> Row:
        if not _may_be_call(found.file.name):
            return self._taking.skip(found)
        said = self._said(found, there)
        if row is not None and _is_here(found, row) and found.key not in self._retried:
            with self._library.read() as connection:  # two files of a call may have been parted
                row = replace(row, call_id=remembered.call_of(connection, found.key))
            return self._taking.describe(found, said, row, told=row.aside != found.aside)
        row, job_id = self._taking.take(found, said, row)
        if job_id is not None:
            self.pending.open[job_id] = found
        return row

    def _said(self, found: Found, there: Mapping[str, Entry]) -> Said:
        path, source = found.file.path, found.source
        asides = Asides(
            folders=[self._read(source, one) for one in aside.above(path, there)],
            beside=[self._read(source, one) for one in aside.beside(path, there)],
        )
        with self._library.read() as connection:
            return said_of(connection, path, asides, self._options.rules)

    def _read(self, source: Source, entry: Entry) -> dict[str, str]:
        key = remembered.key_of(source.where, entry.path)
        if key not in self._read_asides:
            if entry.size > aside.MOST:
                raise BadInput(f"{shown(entry.name)} is too large to say something of a call.")
            data = b"".join(source.blocks(entry))
            self._read_asides[key] = aside.read(data, entry.name)
        return self._read_asides[key]

    def _pass(self, found: Found, problem: FirsthandError, now: float) -> None:
        """What may pass is tried again, longer and longer after; it is told once."""
        before, _due, pause = self._passing.get(found.key, ("", now, 0.0))
        pause = min(_AGAIN_S[1], 2 * pause) if pause else _AGAIN_S[0]
        told = type(problem).__name__  # its sentence may name a passing file
        self._passing[found.key] = (told, now + pause, pause)
        self._next = min(self._next, now + pause)
        if isinstance(problem, Changed | Busy):
            self.waiting[found.key] = found
        elif before != told:
            self._taking.tell_failure(found, problem)

    def _tell_unchanged(self, source: Source, n: int) -> None:
        self._told(Event(event="unchanged", where=shown_path(source.where), n=n))


def _is_here(found: Found, row: Row | None) -> bool:
    """Whether this very file was taken in already."""
    return row is not None and row.state == "taken" and row.stamp == found.file.stamp


def _may_be_call(name: str) -> bool:
    ending = f".{name.lower().rpartition('.')[2]}"
    return ending in RECORDINGS or ending in _TRANSCRIPTS
