"""Commands about the machine: demo, serve, worker, doctor, models."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import click

from service.cli.leaving import announce
from service.cli.shell import Shell, command


@click.command()
@command
def demo(shell: Shell) -> None:
    """Load the bundled sample, ask a question, draft the memo."""
    from service import demo as sample
    from service.cli.demo import Narrator

    with shell.library() as library, Narrator(as_json=shell.as_json) as narrator:
        announce(shell, library, "add", "read", "ask", "memo")
        result = sample.run(library, narrator.tell, narrator.report)
        narrator.close(result, shell.settings)
    if shell.as_json:
        shell.document(result)


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to bind to. [default: FIRSTHAND_HOST]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port. [default: FIRSTHAND_PORT]")
@click.option("--no-worker", is_flag=True, help="Only serve; `firsthand worker` works elsewhere.")
@command
def serve(shell: Shell, host: str | None, port: int | None, no_worker: bool) -> None:
    """Serve the page and the API, and work on what comes in."""
    from ingest.errors import BadInput
    from service.serving import serve as run
    from service.settings import MAIN

    if shell.settings.workspace != MAIN:
        raise BadInput(
            "`firsthand serve` serves all workspaces: leave --workspace and FIRSTHAND_WORKSPACE "
            "away."
        )
    with shell.library() as library:
        announce(shell, library, "add", "read", "ask", "memo")
    changes = {k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    run(shell.settings.model_copy(update=changes), work=not no_worker)


@click.command()
@click.option("--child-of", type=int, metavar="PID", hidden=True, help="End with that process.")
@command
def worker(shell: Shell, child_of: int | None) -> None:
    """Work on what is queued, without the page; ends with Ctrl-C.

    A home folder takes one worker at a time; on PostgreSQL there may be any number, on any
    machines, and another takes over what one of them leaves.
    """
    from service import tracing
    from service.following import stay
    from service.logs import say

    stopped = until_told(child_of)
    with shell.library() as library:
        if child_of is None:
            announce(shell, library, "add", "read", "memo")
            say("Working on queued files; Ctrl-C ends.")
        tracing.start(shell.settings.otel_endpoint)
        # A server's workers share the machine; one that somebody starts is its own affair.
        places = shell.settings.home.expanduser() / "places" if child_of is not None else None
        stay(library, stopped, wait=child_of is not None, places=places)
        tracing.end()
    # Threads in the middle of a stage would hold the process up; the next worker goes on with it.
    sys.stderr.flush()
    os._exit(0)


def until_told(parent: int | None) -> threading.Event:
    """Set once this process is asked to end, or its parent (that it may be told of) is gone."""
    stopped = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopped.set())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        stopped.set()

    if parent is not None:
        threading.Thread(target=watch, name="parent", daemon=True).start()
    return stopped


@click.command()
@click.option("--repair", is_flag=True, help="Mend what does not fit together, and say what.")
@command
def doctor(shell: Shell, repair: bool) -> None:
    """What is installed, and what would leave this machine."""
    from service.cli import render_machine
    from service.doctor import examine
    from service.repairing import repair as mend

    with shell.library() as library:
        mended = mend(library) if repair else ()
        report = examine(library, shell.settings).model_copy(update={"mended": mended})
    if shell.as_json:
        shell.document(report)
    else:
        render_machine.doctor(report)


@click.group(invoke_without_command=True)
@command
def models(shell: Shell) -> None:
    """List the speech models, or fetch one: `models get NAME`."""
    if click.get_current_context().invoked_subcommand:
        return
    from ingest.transcribe.whisper_models import available
    from service.cli import render_machine

    found = available(shell.settings.options().models)
    if shell.as_json:
        shell.document(found)
    else:
        render_machine.models(found)


@models.command("get")
@click.argument("name")
@command
def get(shell: Shell, name: str) -> None:
    """Fetch a model; this is the only command that downloads anything."""
    from ingest.transcribe.whisper_models import fetch
    from service.cli.progress import download

    with download(name, as_json=shell.as_json) as progress:
        path = fetch(name, shell.settings.options().models, progress)
    if shell.as_json:
        shell.document({"model": name, "path": str(path)})
    else:
        click.echo(f"{name} is in {path}.")


COMMANDS = (serve, worker, doctor, models)
