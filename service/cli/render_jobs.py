"""What `jobs` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.printing import console, indented
from service.cli.text import plain

if TYPE_CHECKING:
    from service.job_history import JobHistory
    from service.shapes import Job


def jobs(found: Sequence[Job]) -> None:
    """A line for each, and beneath it why it failed or is tried again."""
    out = console()
    for job in found:
        called = plain(job.file or job.call_id or job.kind)
        stage = f" ({job.stage})" if job.state == "working" and job.stage else ""
        tries = f", attempt {job.attempt}" if job.attempt > 1 else ""
        when = f"{job.updated_at:%Y-%m-%d %H:%M}"
        text = f"{job.job_id}  {when}  {job.state}{stage}  {called}{tries}"
        out.print(Text(text, style="red" if job.state == "failed" else ""), soft_wrap=True)
        if job.error:
            indented(out, job.error, "dim")


def history(found: JobHistory) -> None:
    jobs([found])
    out = console()
    for run in found.runs:
        line = f"{run.ended_at:%Y-%m-%d %H:%M:%S}  {run.stage:<11} {run.outcome:<9}"
        out.print(Text(f"   {line} {run.seconds:9.1f} s  attempt {run.attempt}"), soft_wrap=True)
    if not found.runs:
        indented(out, "No stage was run yet.", "dim")
