"""Adding many files: one bad file does not stop the rest, and each says what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import Field

from ingest.errors import BadInput, FirsthandError, shown
from ingest.library import Library
from ingest.models import Call, Frozen
from ingest.pipeline import About, receive
from ingest.store import get_call
from service.following import Report, see_through
from service.jobs import enqueue, enqueue_reading, get_job
from service.looking import look


class Failure(Frozen):
    """A file (or call) that could not be added, and why."""

    file: str
    error: str


class Outcome(Frozen):
    """What became of the files given."""

    calls: tuple[Call, ...] = Field(description="added or heard anew, ready to be asked about")
    known: tuple[str, ...] = Field(description="calls whose very bytes were here already")
    queued: tuple[str, ...] = Field(description="calls left to a worker")
    skipped: tuple[str, ...] = Field(description="files in folders that are no calls")
    errors: tuple[Failure, ...]


# What recordings and transcripts are called; of the last three only those that read like a call.
RECORDINGS = frozenset(".wav .mp3 .m4a .mp4 .mov .ogg .opus .flac .webm .mkv .aac".split())
_TRANSCRIPTS = frozenset(".vtt .srt .docx".split())


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

    def walk(self, paths: Iterable[Path], about: About) -> None:
        """Receive all files at ``paths``, noting those in folders that are no calls."""
        for file, wanted in files_in(paths):
            if wanted:
                self.receive(file, about)
            else:
                self._skipped.append(str(file))

    def receive(self, file: Path, about: About) -> None:
        """Store one file and queue its work; a failure is noted, not raised."""
        try:
            received = receive(self._library, file, about, look=look)
        except FirsthandError as problem:
            called = shown(file.name)
            sentence = str(problem) if called in str(problem) else f"{called}: {problem}"
            self._errors.append(Failure(file=str(file), error=sentence))
            return
        if received.fresh:
            self._enqueue(received.call_id, file.name)
        else:
            self._known.append(received.call_id)

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
        if self._library.llm is None or not self._jobs:
            see_through(self._library, self._jobs, self._report)
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

    def outcome(self) -> Outcome:
        """What became of every file so far."""
        ready: list[Call] = []
        queued: list[str] = []
        errors = list(self._errors)
        with self._library.read() as connection:
            for job_id, called in self._jobs.items():
                job = get_job(connection, job_id)
                if job.state == "done":
                    ready.append(get_call(connection, job.call_id or ""))
                elif job.state in ("queued", "working"):
                    queued.append(job.call_id or "")
                else:
                    errors.append(Failure(file=called, error=job.error or job.state))
        return Outcome(
            calls=tuple(ready),
            known=tuple(self._known),
            queued=tuple(queued),
            skipped=tuple(self._skipped),
            errors=tuple(errors),
        )
