"""Taking in one file of a watched place, and telling its call what is said of it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.errors import Cancelled, FirsthandError, NotFound, shown
from ingest.joined import Joined, joined
from ingest.library import Library
from ingest.media.port import room_for, too_large
from ingest.pipeline import TITLE_LIMIT, About
from ingest.store import get_call, update_call
from ingest.transcripts import kind_of
from ingest.transcripts.clean import clean_title
from service.access.audit import Action, Entry, write, write_failed
from service.access.person import at_the_machine
from service.adding import is_call
from service.arriving import Sink
from service.jobs import OPEN, get_job, last_job
from service.taking_in import TakenIn, file_name, take_in
from service.watch import remembered
from service.watch.events import Event, Kind, Tell
from service.watch.remembered import Row
from service.watch.saying import Said
from service.watch.sources import Entry as File
from service.watch.sources import Source

_BEGINNING_S = 10.0  # in which a folder that was just made is not held yet
_NAMES = {"account_id": "account", "date": "date", "title": "title", "consent": "consent"}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be attended to. ``aside`` is the digest of all that says something of it, and
    ``settles`` is another while any of that, or the file, changes.
    """

    source: Source
    file: File
    key: str
    aside: str
    settles: str

    def event(self, kind: Kind, **told: object) -> Event:
        """An event about this file."""
        about = {"event": kind, "where": shown_path(self.source.where), **told}
        return Event.model_validate({**about, "file": shown_path(self.file.path)})


def shown_path(path: str) -> str:
    """A path as it may be shown: names are hostile."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in path)


class Taking:
    """Files on their way from a watched place into the library."""

    def __init__(
        self, library: Library, tell: Tell, *, least_free: int, ends: Callable[[], bool]
    ) -> None:
        """``least_free`` bytes of disk are left free; ``ends`` says when to stop."""
        self._library, self._tell = library, tell
        self._least, self._ends = least_free, ends

    def take(self, found: Found, said: Said, before: Row | None) -> tuple[Row, str | None]:
        """Take the file in; its row, and the id of the job that works on it, if there is one.

        Raises what is wrong with the file, or what may pass (``retry``).
        """
        row = Row(found.file.stamp, found.aside, "taken", unmatched=said.unmatched)
        with self._copied(found) as (path, sha256):
            if not is_call(path) or kind_of(path) == "chat":
                told = "It is neither a recording nor reads like a transcript of what was spoken."
                self._tell(found.event("skipped", message=told))
                return self._put(found, replace(row, state="skipped")), None
            row = replace(row, content_sha256=sha256)
            with self._library.read() as connection:
                known = remembered.known(connection, sha256)
            if known is not None:
                row = replace(row, call_id=known.call_id)
                return self._known(found, said, row, path)
            taken = self._taken_in(path, said.about, sha256)
        with self._library.read() as connection:
            given = remembered.marks(get_call(connection, taken.call_id))
            was = remembered.call_of(connection, found.key)
        row = self._put(found, replace(row, call_id=taken.call_id, given=given))
        self._tell(found.event("taken", call_id=taken.call_id, job_id=taken.job_id))
        if before is not None and was not in (None, taken.call_id):
            told = f"It has changed since it came in as {was}, which stays as it is."
            self._tell(found.event("note", call_id=taken.call_id, message=told))
        self._note(found, said, row)
        return row, taken.job_id

    def describe(self, found: Found, said: Said, row: Row, *, told: bool = True) -> Row:
        """Tell the file's call what is said of it now, where nobody else told it otherwise.

        ``told``: what cannot be done is said.
        """
        row = replace(row, aside=found.aside, unmatched=said.unmatched)
        changed: dict[str, object] = {}
        kept: list[str] = []
        with self._library.change() as connection:
            try:
                call = get_call(connection, row.call_id or "")
            except NotFound:
                call = None
            if call is not None:
                given = dict(row.given or {})
                other = joined(connection, call.call_id)
                for name, value in _wanted(said.about).items():
                    now = getattr(call, name)
                    if now == value:
                        continue
                    nobody = given.get(name, remembered.mark(None)) == remembered.mark(now)
                    if nobody or _is_of_file(other, row, name, now, value):
                        changed[name] = value
                        given[name] = remembered.mark(value)
                    else:
                        kept.append(_NAMES[name])
                if changed:
                    update_call(connection, call.call_id, **changed)
                row = replace(row, given=given)
            remembered.put(connection, found.key, row)
        if call is None:
            return row
        if changed:
            self._write("change", call.call_id)
            fields = [_NAMES[name] for name in changed]
            self._tell(found.event("changed", call_id=call.call_id, fields=fields))
        if kept and told:
            why = f"Somebody set its {' and '.join(kept)} otherwise; that stays."
            self._tell(found.event("note", call_id=call.call_id, message=why))
        if told:
            self._note(found, said, row)
        return row

    def fail(self, found: Found, why: FirsthandError, here: Row | None) -> Row:
        """The file, or what is said beside it, cannot be used as it is; it is not tried again until
        it changes. ``here``: the file's row where it was taken in before.
        """
        row = Row(found.file.stamp, found.aside, "failed")
        if here is not None:
            row = replace(here, aside=found.aside)
        self._put(found, row)
        self.tell_failure(found, why)
        return row

    def skip(self, found: Found, *, instead: str | None = None) -> Row:
        """The file's name says that it is no call, or that another file is taken ``instead`` of it;
        it is not read.
        """
        told = "Its ending is neither that of a recording nor of a transcript."
        if instead is not None:
            told = f"It is of the same meeting as {shown(instead)}, which has all that it has."
        self._tell(found.event("skipped", message=told))
        return self._put(found, Row(found.file.stamp, found.aside, "skipped"))

    def tell_failure(self, found: Found, why: FirsthandError) -> None:
        self._tell(found.event("failed", message=str(why)))

    def _known(self, found: Found, said: Said, row: Row, path: Path) -> tuple[Row, str | None]:
        """As ``take`` for bytes that came in before."""
        if row.call_id is None:
            told = "Its call was erased here, so it stays away; `firsthand add` brings it back."
            self._tell(found.event("known", message=told))
            return self._put(found, row), None
        with self._library.read() as connection:
            call = get_call(connection, row.call_id)
            job_id = None if call.state == "ready" else last_job(connection, call.call_id)
            is_open = job_id is not None and get_job(connection, job_id).state in OPEN
        # Other bytes than the call's: those from before somebody was erased from it.
        if call.state != "ready" and not is_open and call.content_sha256 == row.content_sha256:
            job_id = self._taken_in(path, About(), row.content_sha256).job_id
            self._tell(found.event("taken", call_id=call.call_id, job_id=job_id))
        else:
            self._tell(found.event("known", call_id=call.call_id, job_id=job_id))
        return self.describe(found, said, row), job_id

    def _taken_in(self, path: Path, about: About, sha256: str) -> TakenIn:
        detail = {"job": sha256[:32]}
        entry = Entry(at_the_machine(), "add", "call", "", "allowed", detail=detail)
        allowed = write(self._library, entry)
        try:
            return take_in(self._library, path, about, sha256=sha256)
        except BaseException:
            write_failed(self._library, allowed)
            raise

    def _note(self, found: Found, said: Said, row: Row) -> None:
        for sentence in said.notes:
            self._tell(found.event("note", call_id=row.call_id, message=sentence))

    def _put(self, found: Found, row: Row) -> Row:
        with self._library.change() as connection:
            remembered.put(connection, found.key, row)
        return row

    def _write(self, action: Action, call_id: str) -> None:
        write(self._library, Entry(at_the_machine(), action, "call", call_id))

    @contextmanager
    def _copied(self, found: Found) -> Iterator[tuple[Path, str]]:
        """A copy of the file as it was found, and its SHA-256. Raises ``Changed`` else."""
        most = self._library.options.max_file_bytes
        if found.file.size > most:
            raise too_large(shown(found.file.name), found.file.size, most)
        folder = self._library.home / "uploads"
        with room_for(found.file.name, folder), _passing(folder) as own:
            path = own / file_name(found.file.name)
            path.touch(mode=0o600)
            digest = hashlib.sha256()
            sink = Sink(path, most=most, length=None, least_free=self._least)
            with closing(sink):
                for block in found.source.blocks(found.file):
                    if self._ends():
                        raise Cancelled("The watcher ends.")
                    digest.update(block)
                    sink.write(block)
            yield path, digest.hexdigest()


@contextmanager
def _passing(folder: Path) -> Iterator[Path]:
    """A folder in ``folder`` of our own; those of processes that were killed are removed before:
    what they hold may belong to a call that is erased by now.
    """
    folder.mkdir(exist_ok=True, mode=0o700)
    for left in folder.glob(".watched-*"):
        with suppress(OSError), _held(left):
            if time.time() - left.stat().st_mtime > _BEGINNING_S:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".watched-") as own, _held(Path(own)):
        yield Path(own)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder; the system lets go of it when we die. Raises ``BlockingIOError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _is_of_file(other: Joined | None, row: Row, name: str, now: object, wanted: object) -> bool:
    """Whether a call of two files has this from the one that came last, and not from a person.

    Of another file than the row's only its day and title are sure to be so; a refusal stays.
    """
    if other is None or other.words_from is None or wanted == "given":
        return False
    mine = other.alone.get("content_sha256") == row.content_sha256
    told = other.alone.get(name) if mine or name in ("date", "title") else None
    return told is not None and str(told) == str(now)


def _wanted(about: About) -> dict[str, object]:
    """What is said, as a call has it."""
    title = clean_title(about.title or "", TITLE_LIMIT)
    said = {
        "account_id": about.account_id,
        "date": about.date,
        "title": title,
        "consent": about.consent,
    }
    return {name: value for name, value in said.items() if value is not None}
