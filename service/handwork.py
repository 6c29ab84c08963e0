"""What a hand does: one stage after another, in a child process, until the worker is gone."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingest.database import passing
from ingest.errors import BadInput, Cancelled, FirsthandError, TooLarge, Unusable
from ingest.library import Library, Options
from ingest.listen import Watch
from ingest.pipeline import look_at
from ingest.silencing import silenced
from service import logs
from service.seal import Seal

if TYPE_CHECKING:
    from ingest.calendars import Asked
    from service.assembling import Assembled, Captions, Line

log = logging.getLogger(__name__)

# done; the file holds nothing of use; it is over a limit; file or request is at fault; stopped; may
# pass by itself; cannot be done as things are; a fault of ours
Verdict = Literal["done", "unusable", "large", "bad", "cancelled", "passing", "failed", "bug"]

# People are told on the job; what is a fault of ours is for the log.
_LEVELS: dict[Verdict, int] = {
    "done": logging.DEBUG,
    "unusable": logging.INFO,
    "large": logging.INFO,
    "bad": logging.INFO,
    "cancelled": logging.INFO,
    "passing": logging.INFO,
    "failed": logging.INFO,
    "bug": logging.ERROR,
}


def seal_for(home: Path, options: Options) -> Seal:
    """Of a hand that works on this home: it, and the models. Where servers are named it connects,
    and reads all: names, keys and certificates for them lie anywhere.
    """
    place = home.expanduser().absolute()
    # Some have a part of it, the recordings above all, on another disk.
    linked = [part.resolve() for part in sorted(place.glob("*")) if part.is_symlink()]
    writes = (place, *linked)
    servers = (options.database_url, options.vectors_url, options.media_url, options.model)
    hosted = (options.openai_api_key, options.openai_base_url)
    if any((*servers, *hosted)) or options.transcriber == "openai":
        return Seal(reads=None, writes=(*writes, Path(tempfile.gettempdir())), connects=True)
    own_model = [Path(options.whisper_model)] if options.whisper_model else []
    return Seal(reads=(options.models, *own_model), writes=writes)


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of one job, on one home."""

    home: Path
    options: Options
    kind: str  # ingest, memo, read, notice
    stage: str
    call_id: str | None
    memo_id: str | None
    request: dict[str, Any]
    about: dict[str, object] = field(default_factory=dict)  # what lines of the log say of it
    memory: int | None = None  # bytes that the hand may take for it

    @property
    def seal(self) -> Seal:
        return seal_for(self.home, self.options)


@dataclass(frozen=True, slots=True)
class Looking:
    """A look at a recording that is about to be taken in (``ingest.pipeline.Look``)."""

    path: Path
    limit_s: float
    memory: int
    within: Path  # the only folder that can be read for it
    stage: str = "look"
    about: dict[str, object] = field(default_factory=dict)

    @property
    def seal(self) -> Seal:
        return Seal(reads=(self.within,))


@dataclass(frozen=True, slots=True)
class Silencing:
    """Writing a recording anew, silent in some spans (``ingest.silencing``)."""

    path: Path
    out: Path
    spans: tuple[tuple[float, float], ...]
    memory: int
    stage: str = "silence"
    about: dict[str, object] = field(default_factory=dict)

    @property
    def seal(self) -> Seal:
        """``path`` need not lie in the home: it may be a copy of an object in a bucket."""
        return Seal(reads=(self.path.resolve().parent,), writes=(self.out.resolve().parent,))


@dataclass(frozen=True, slots=True)
class Cutting:
    """Clips of recordings in one file (``service.assembling``)."""

    lines: tuple[Line, ...]
    out: Path
    captions: Captions
    title: str
    even: bool
    longest_s: float
    speaker: Path | None
    memory: int
    stage: str = "cut"
    about: dict[str, object] = field(default_factory=dict)

    @property
    def seal(self) -> Seal:
        """Of the recordings these alone can be read."""
        paths = {line.moment.path.resolve() for line in self.lines}
        speaker = () if self.speaker is None else (self.speaker,)
        return Seal(reads=(*sorted(paths), *speaker), writes=(self.out.resolve().parent,))


@dataclass(frozen=True, slots=True)
class Unfolding:
    """Reading a calendar (``ingest.calendars``); what is found is written to ``out``, as JSON."""

    path: Path
    out: Path
    asked: Asked
    memory: int
    stage: str = "calendar"
    about: dict[str, object] = field(default_factory=dict)

    @property
    def seal(self) -> Seal:
        return Seal(reads=(), writes=(self.out.resolve().parent,))


Work = Task | Looking | Silencing | Cutting | Unfolding


class Passing(FirsthandError):
    """What stopped the work may pass by itself: a server that is away, a full disk."""

    retry = True


def serve(line: Connection, log_as: logs.Log) -> None:
    """Do tasks one after another until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told, and ends us
    logs.set_up(log_as)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.pid,), daemon=True).start()
    import ingest.stages  # noqa: F401  # what nearly every task needs, before the first comes

    one_at_a_time = threading.Lock()  # a stage may have threads of its own

    def progress(stage: str, fraction: float) -> None:
        tell("progress", stage, float(fraction))

    def tell(*words: str | float) -> None:
        with one_at_a_time:
            line.send_bytes(json.dumps(words).encode())

    library: Library | None = None
    while True:
        try:
            task: Work = line.recv()
        except (EOFError, ConnectionResetError):
            return
        with logs.about(**task.about):
            try:
                limit_memory(task.memory)
                if isinstance(task, Looking):
                    tell("done", json.dumps(look_at(task.path, task.limit_s)))
                    continue
                if isinstance(task, Silencing):
                    silenced(task.path, task.out, task.spans)
                    tell("done", "")
                    continue
                if isinstance(task, Cutting):
                    tell("done", json.dumps(asdict(_assembled(task))))
                    continue
                if isinstance(task, Unfolding):
                    unfold(task)
                    tell("done", "")
                    continue
                if library is None or (library.home, library.options) != (task.home, task.options):
                    if library is not None:
                        library.close()
                        library = None
                    library = _opened(task)
                progress(task.stage, 0.0)  # it is at work, also where that begins with waiting
                _do(library, task, progress)
            except Exception as problem:  # the child's edge: whatever it was is told to the worker
                verdict, sentence = judged(problem)
                log.log(_LEVELS[verdict], "the stage broke off: %s", verdict, exc_info=problem)
                tell(verdict, sentence)
            else:
                tell("done", "")


def _assembled(task: Cutting) -> Assembled:
    from service.assembling import assemble

    return assemble(
        task.lines,
        task.out,
        task.captions,
        title=task.title,
        even=task.even,
        longest_s=task.longest_s,
        speaker=task.speaker,
    )


def unfold(task: Unfolding) -> None:
    """Raises ``BadInput``."""
    from ingest.calendars import read_calendar

    found = read_calendar(task.path.read_bytes(), task.asked)
    task.out.write_text(found.model_dump_json(), "utf-8")


def limit_memory(most: int | None) -> None:
    """Let this process take ``most`` bytes and no more: asking for more then fails in it.

    What it writes to counts, not files that it only reads. On Linux; elsewhere nothing is limited.
    """
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = hard if most is None else most
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _opened(task: Task) -> Library:
    try:
        return Library(task.home, task.options)
    except FirsthandError as problem:  # the worker has it open: the home is no fault of the file's
        raise Passing(str(problem)) from problem


def _end_with(parent: int | None) -> None:
    """Nobody is left to tell once the worker is dead, not even by a signal."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def judged(problem: BaseException) -> tuple[Verdict, str]:
    """What an error means for the job, and the sentence for people."""
    if isinstance(problem, TooLarge):
        return "large", str(problem)
    if isinstance(problem, BadInput):
        return ("unusable" if isinstance(problem, Unusable) else "bad"), str(problem)
    if isinstance(problem, Cancelled):
        return "cancelled", str(problem)
    if isinstance(problem, FirsthandError):
        return ("passing" if problem.retry else "failed"), str(problem)
    if (why := passing(problem)) is not None:
        return "passing", str(why)
    if isinstance(problem, MemoryError):
        return "failed", "It takes more memory than one file may have, or than there is."
    if isinstance(problem, OSError):
        return "passing", f"The disk or the network failed ({problem.strerror or problem})."
    return "bug", "An unexpected error stopped the work; the log has the details."


def _do(library: Library, task: Task, progress: Callable[[str, float], None]) -> None:
    watch = Watch(progress)
    if task.kind == "memo":
        from service.drafting import draft_as_asked

        draft_as_asked(library, task.request, task.memo_id, progress)
    elif task.kind == "notice":
        from service.noticing import notice

        notice(library)
    elif task.kind == "read":
        from service.model_reading import see_to

        see_to(library, progress)
    else:
        from ingest.stages import run

        run(
            library,
            task.call_id or "",
            task.stage,
            transcriber=task.request.get("transcriber"),
            watch=watch,
        )
