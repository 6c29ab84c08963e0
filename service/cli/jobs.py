"""Commands about jobs: which there are, what became of one, and trying, stopping, forgetting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.groups import Listing
from service.cli.leaving import announce
from service.cli.shell import Shell, command
from service.cli.text import plain

if TYPE_CHECKING:
    from service.shapes import JobState


_STATES = ("queued", "working", "done", "failed", "cancelled")


@click.group(cls=Listing)
def jobs() -> None:
    """The work on files: list it, see why it failed, try again."""


@jobs.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, metavar="N")
@command
def list_(shell: Shell, state: JobState | None, limit: int) -> None:
    """List the jobs, the newest first."""
    from service.jobs import list_jobs

    with shell.library() as library, library.read() as connection:
        found = list_jobs(connection, state=state, limit=limit)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_jobs

    render_jobs.jobs(found)
    if not found:
        click.echo("No jobs." if state is None else f"No jobs are {state}.")


@jobs.command("show")
@click.argument("job_id", metavar="ID")
@command
def show(shell: Shell, job_id: str) -> None:
    """One job, with each run of its stages."""
    from service.job_history import history

    with shell.library() as library, library.read() as connection:
        found = history(connection, job_id)
    if shell.as_json:
        shell.document(found)
    else:
        from service.cli import render_jobs

        render_jobs.history(found)


@jobs.command("retry")
@click.argument("job_ids", nargs=-1, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="All that failed.")
@click.option("--no-wait", is_flag=True, help="Only queue them for `serve` or `worker`.")
@command
def retry(shell: Shell, job_ids: tuple[str, ...], failed: bool, no_wait: bool) -> None:
    """Try again what failed or was stopped.

    What was done before is kept.
    """
    from service.cli.progress import reporter
    from service.following import see_through
    from service.jobs import get_job, retry_all

    if bool(job_ids) == failed:
        raise click.UsageError("Give the ids of jobs, or --failed.")
    with shell.library() as library:
        announce(shell, library, "add", "read", "memo")
        queued, refused = retry_all(library, job_ids or None)
        if queued and not no_wait:
            with reporter(as_json=shell.as_json) as report:
                see_through(library, queued, report)
        with library.read() as connection:
            found = [get_job(connection, job_id) for job_id in queued]
    if shell.as_json:
        shell.document(found)
    else:
        from service.cli import render_jobs

        render_jobs.jobs(found)
        if not found and not refused:
            click.echo("No job failed.")
    for sentence in refused:
        click.echo(f"firsthand: {plain(sentence)}", err=True)
    if refused or any(job.state in ("failed", "cancelled") for job in found):
        raise SystemExit(1)


@jobs.command("cancel")
@click.argument("job_id", metavar="ID")
@command
def cancel(shell: Shell, job_id: str) -> None:
    """Stop a job; a call that was not ready before is removed."""
    from service.jobs import cancel as stop

    with shell.library() as library:
        job = stop(library, job_id)
    if shell.as_json:
        shell.document(job)
    else:
        from service.cli import render_jobs

        render_jobs.jobs([job])


@jobs.command("forget")
@click.argument("job_id", metavar="ID")
@command
def forget(shell: Shell, job_id: str) -> None:
    """Take a job that ended off the list. Those that failed stay there until then."""
    from service.job_history import forget as remove

    with shell.library() as library:
        job = remove(library, job_id)
    if shell.as_json:
        shell.document({"forgotten": job.job_id})
    else:
        click.echo(f"{job.job_id} is forgotten.")
