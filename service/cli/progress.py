"""Progress of jobs on stderr: a bar for each file on a terminal, lines of JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.cli.shell import event
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.library import Library
    from service.following import Report
    from service.shapes import Job

# How much of a recording's time its stages take, roughly; the bar is for people, not for science.
_SHARES = {
    "store": 0.02,
    "decode": 0.03,
    "transcribe": 0.70,
    "diarize": 0.05,
    "speakers": 0.02,
    "evidence": 0.03,
    "index": 0.15,
}

_KINDS = {"read": "reading by the language model", "memo": "memo"}


@contextmanager
def reporter(*, as_json: bool) -> Iterator[Report]:
    """A callable to be told of every step of a job."""
    if as_json:
        yield lambda job: event(
            event="progress",
            job_id=job.job_id,
            call_id=job.call_id,
            file=job.file,
            state=job.state,
            stage=job.stage,
            fraction=round(job.fraction, 3),
            error=job.error,
        )
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[file]:<36.36}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[stage]:<10}", markup=False),
        TimeElapsedColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def report(job: Job) -> None:
            if job.job_id not in bars:
                called = plain(job.file or job.call_id or _KINDS.get(job.kind, job.kind))
                bars[job.job_id] = progress.add_task("", total=1.0, file=called, stage="queued")
            ended = job.state not in ("queued", "working")
            stage = job.state if ended else job.stage or job.state
            progress.update(bars[job.job_id], completed=1.0 if ended else _done(job), stage=stage)
            if ended:
                progress.stop_task(bars[job.job_id])

        yield report


def _done(job: Job) -> float:
    """The share of all the work done, from the stage and the fraction of it."""
    if job.kind != "ingest":
        return job.fraction
    before = 0.0
    for stage, share in _SHARES.items():
        if stage == job.stage:
            return before + share * job.fraction
        before += share
    return 0.0


@contextmanager
def reading(*, as_json: bool) -> Iterator[Callable[[str, float], None]]:
    """A callable to be told how far the language model has come: the step, and its fraction."""
    if as_json:
        yield lambda stage, done: event(event="reading", stage=stage, fraction=round(done, 3))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("reading", total=1.0)
        yield lambda stage, done: progress.update(bar, description=stage, completed=done)


@contextmanager
def asking_model(library: Library, *, as_json: bool) -> Iterator[None]:
    """A sign of life on a terminal while a language model is asked."""
    if as_json or library.llm is None:
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(plain(f"Asking {library.llm.name} …"))):
        yield


@contextmanager
def download(name: str, *, as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """A callable to be told how many bytes of how many have come."""
    if as_json:
        yield lambda done, total: event(event="download", model=name, bytes=done, of=total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


@contextmanager
def counting(name: str, *, as_json: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A callable to be told how far a move, a backup has come: the step, how much of it, of how
    much. ``name`` is what programs know the event by.
    """
    if as_json:
        yield lambda step, done, of: event(event=name, step=step, done=done, of=of)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<18}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("")
        yield lambda step, done, of: progress.update(
            bar, description=step, completed=done, total=of
        )
