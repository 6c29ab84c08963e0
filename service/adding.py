"""Adding many files: one bad file does not stop the rest, and each says what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput, Busy, FirsthandError, shown
from ingest.joined import add_note, refusal
from ingest.library import Library
from ingest.models import Call, Frozen
from ingest.pipeline import About, receive
from ingest.store import get_call
from ingest.tables import jobs
from service.following import Report, see_through
from service.jobs import enqueue, enqueue_reading, get_job
from service.looking import look

if TYPE_CHECKING:
    from ingest.meeting_files import Meeting


class Failure(Frozen):
    """A file (or call) that could not be added, and why."""

    file: str
    error: str


class Outcome(Frozen):
    """What became of the files given."""

    calls: tuple[Call, ...] = Field(description="added or heard anew, ready to be asked about")
    known: tuple[str, ...] = Field(description="calls whose very bytes were here already")
    queued: tuple[str, ...] = Field(description="calls left to a worker")
    skipped: tuple[str, ...] = Field(description="files in folders that are no calls of their own")
    errors: tuple[Failure, ...]


# What recordings and transcripts are called; of other kinds only those that read like a call.
RECORDINGS = frozenset(".wav .mp3 .m4a .mp4 .mov .ogg .opus .flac .webm .mkv .aac".split())
_TRANSCRIPTS = frozenset(".vtt .srt .sbv .docx".split())


def files_in(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """The files at ``paths``, each with whether it is to be added.

    Folders are walked in the order of their names. In them a file that is neither a recording nor
    reads like a transcript (notes, an index) is passed over, hidden ones unseen; a file named
    outright is always to be added, so that what is wrong with it is told.
    """
    for path in paths:
        if path.is_dir():
            for inside in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in inside.relative_to(path).parts)
                if inside.is_file() and not hidden:
                    yield inside, is_call(inside)
        else:
            yield path, True


def is_call(path: Path) -> bool:
    """Whether a file found in a folder is to be taken in, by its name or what is in it."""
    from ingest.transcripts import kind_of

    return path.suffix.lower() in RECORDINGS | _TRANSCRIPTS or kind_of(path) is not None


def _chat_note(chat: Path) -> str:
    from ingest.transcripts.chat import count_messages
    from ingest.transcripts.decode import read

    n = count_messages(read(chat))
    return (
        f"The chat of the meeting ({n:,} {'message' if n == 1 else 'messages'} in "
        f"{shown(chat.name)}) is not here: what is written is not spoken, and is no evidence."
    )


class Adding:
    """One batch of files on its way in."""

    def __init__(self, library: Library, *, transcriber: str | None, report: Report) -> None:
        self._library = library
        self._transcriber = transcriber
        self._report = report
        self._jobs: dict[str, str] = {}  # job id to the file's name
        self._known: list[str] = []
        self._skipped: list[str] = []
        self._errors: list[Failure] = []
        # Recordings whose transcripts are worked on first, and why each has to wait.
        self._waiting: list[tuple[Path, About, str | None, bool, str]] = []
        self._since = datetime.now(UTC)

    def walk(self, paths: Iterable[Path], about: About) -> None:
        """Receive all files at ``paths``, noting those in folders that are no calls.

        The recording and the transcript of a meeting become one call.
        """
        from ingest.meeting_files import meetings

        paths = list(paths)
        wanted = []
        for file, is_call in files_in(paths):
            if is_call:
                wanted.append(file)
            else:
                self._skipped.append(str(file))
        for meeting in meetings(wanted):
            for file in meeting.others:
                if file in paths:
                    self.receive(file, about)  # to be told what is wrong with it
                else:
                    self._skipped.append(str(file))
            self._meeting(meeting, about)

    def _meeting(self, meeting: Meeting, about: About) -> None:
        call_id = None
        if meeting.recording is not None:
            call_id = self.receive(meeting.recording, about)
        if meeting.transcript is not None:
            of = call_id if call_id is not None and self._lacks_transcript(call_id) else None
            written = self.receive(meeting.transcript, about, join=of, certain=False)
            call_id = call_id or written
        if meeting.chat is not None:
            self._skipped.append(str(meeting.chat))
            if call_id is not None:
                with self._library.change() as connection:
                    add_note(connection, call_id, _chat_note(meeting.chat))

    def _lacks_transcript(self, call_id: str) -> bool:
        """Whether a recording's call waits for its words, so that a transcript may go with it."""
        with self._library.read() as connection:
            call = get_call(connection, call_id)
            return call.state != "ready" and refusal(connection, call, recording=False) is None

    def receive(
        self, file: Path, about: About, *, join: str | None = None, certain: bool = True
    ) -> str | None:
        """Store one file and queue its work; a failure is noted, not raised. Its call's id.

        ``join`` and ``certain`` are as in ``ingest.pipeline.receive``.
        """
        try:
            received = receive(self._library, file, about, look=look, join=join, certain=certain)
        except Busy as problem:
            self._waiting.append((file, about, join, certain, str(problem)))
            return None
        except FirsthandError as problem:
            called = shown(file.name)
            sentence = str(problem) if called in str(problem) else f"{called}: {problem}"
            self._errors.append(Failure(file=str(file), error=sentence))
            return None
        if received.fresh:
            self._enqueue(received.call_id, file.name)
        elif received.call_id not in self._known:
            self._known.append(received.call_id)
        return received.call_id

    def again(self, call_id: str) -> None:
        """Queue a call to be heard anew. Raises ``NotFound``, ``BadInput`` for a transcript."""
        with self._library.read() as connection:
            call = get_call(connection, call_id)
        if not call.has_audio:
            raise BadInput(f"{call_id} came as a transcript; there is no recording to hear anew.")
        self._enqueue(call_id, call_id)

    def _enqueue(self, call_id: str, called: str) -> None:
        request: dict[str, object] = {"called": called}
        if self._transcriber is not None:
            request["transcriber"] = self._transcriber
        with self._library.change() as connection:
            self._jobs[enqueue(connection, "ingest", call_id=call_id, request=request)] = called

    @property
    def job_ids(self) -> tuple[str, ...]:
        """The jobs queued so far."""
        return tuple(self._jobs)

    def finish(self) -> None:
        """Wait until every job has ended: done here, or by the process that holds the home.

        Where a language model is set, that it has read what was added as well.
        """
        while True:  # two files that turn out to be two calls make a job more, what waited as well
            see_through(self._library, self._jobs, self._report)
            before = len(self._jobs)
            self._jobs |= self._parted()
            waiting, self._waiting = self._waiting, []
            for file, about, join, certain, _ in waiting:
                self.receive(file, about, join=join, certain=certain)
            if len(self._jobs) == before:
                break
        if self._library.llm is None or not self._jobs:
            return
        reading = ""

        def read() -> str:
            nonlocal reading
            with self._library.change() as connection:
                reading = enqueue_reading(connection)
            return reading

        see_through(self._library, self._jobs, self._report, then=read)
        with self._library.read() as connection:
            job = get_job(connection, reading)
        if job.state != "done":
            self._errors.append(Failure(file="reading by the model", error=job.error or job.state))

    def _parted(self) -> dict[str, str]:
        """Jobs upon calls which were parted from those of ours; somebody may have done them."""
        with self._library.read() as connection:
            ours = {get_job(connection, job_id).call_id for job_id in self._jobs}
            rows = connection.execute(
                sa.select(jobs.c.job_id, jobs.c.request).where(jobs.c.created_at >= self._since)
            ).all()
        return {
            row.job_id: str(row.request["called"])
            for row in rows
            if row.request.get("parted_from") in ours and row.job_id not in self._jobs
        }

    def outcome(self) -> Outcome:
        """What became of every file so far."""
        ready: dict[str, Call] = {}  # one of two files has had two jobs
        queued: list[str] = []
        errors = [
            *self._errors,
            *(Failure(file=str(file), error=why) for file, _, _, _, why in self._waiting),
        ]
        with self._library.read() as connection:
            for job_id, called in self._jobs.items():
                job = get_job(connection, job_id)
                if job.state == "done":
                    call = get_call(connection, job.call_id or "")
                    ready[call.call_id] = call
                elif job.state in ("queued", "working"):
                    queued.append(job.call_id or "")
                else:
                    errors.append(Failure(file=called, error=job.error or job.state))
        return Outcome(
            calls=tuple(ready.values()),
            known=tuple(self._known),
            queued=tuple(queued),
            skipped=tuple(self._skipped),
            errors=tuple(errors),
        )
