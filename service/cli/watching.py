"""The command that watches folders and buckets, and how it tells what it did."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from service.cli.leaving import announce
from service.cli.machine import until_told
from service.cli.shell import Shell, command, to_json
from service.cli.text import plain

if TYPE_CHECKING:
    from service.watch.events import Event

_SENTENCES = {
    "watching": "is watched",
    "back": "is back",
    "unchanged": "{n} files failed before and have not changed; --again tries them",
    "taken": "taken in as {call_id}",
    "known": "is {call_id} already",
    "changed": "{call_id} has its {fields} from now on",
    "ready": "{call_id} is ready",
}


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="PATH|s3://BUCKET/PREFIX…")
@click.option("--once", is_flag=True, help="Take in what is there, and end: for cron.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a file has to stay as it is before it is taken in.",
)
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look where nobody tells of changes: buckets, network shares.",
)
@click.option(
    "--name",
    "template",
    metavar="RULE",
    help="What names of files say, as in {account}_{date}_{title}; {_} is passed over.",
)
@click.option(
    "--account-from",
    type=click.Choice(["folder"]),
    help="Folders have the names or ids of accounts; the nearest counts.",
)
@click.option("--again", is_flag=True, help="Try once more what failed before, or was no call.")
@click.option("--no-wait", is_flag=True, help="Only queue the work for `serve` or `worker`.")
@command
def watch(
    shell: Shell,
    places: tuple[str, ...],
    once: bool,
    settle: float,
    every: float,
    template: str | None,
    account_from: str | None,
    again: bool,
    no_wait: bool,
) -> None:
    """Take in what comes into folders and buckets.

    Files are only read. Each is taken in once, when it has come to rest, also if it came while
    nobody watched. Beside it NAME.firsthand.json (or .yaml) may say its account, date, title and
    consent, and firsthand.yaml the same for a folder. Ends with Ctrl-C.

    \b
    Example: firsthand watch ~/Zoom --account-from folder
    """
    from service.logs import say
    from service.watch.events import Event
    from service.watch.names import NameRule
    from service.watch.running import Pace, run
    from service.watch.saying import Rules
    from service.watch.sources import open_sources
    from service.watch.watcher import Options, Watcher

    rules = Rules(NameRule(template) if template else None, folders=account_from is not None)
    options = Options(rules, settle, again=again, least_free=shell.settings.min_free_mb * 1_000_000)
    pace = Pace(every_s=every, once=once, works=not no_wait, settle_s=settle)
    sources = open_sources(places, shell.settings.home, shell.settings.media_url)
    for source in sources:
        source.require()
    stopped = until_told(None)
    with shell.library() as library:
        announce(shell, library, "add", "read", watched=places)
        tell = _teller(shell, several=len(sources) > 1)
        for source in sources:
            tell(Event(event="watching", where=source.where))
        if not (once or shell.as_json):
            say("Ctrl-C ends.")
        watcher = Watcher(library, sources, options, tell, ends=stopped.is_set)
        try:
            run(library, watcher, pace, stopped)
        except KeyboardInterrupt:
            # Threads in the middle of a stage would hold the process up; see `worker`.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
    if once and watcher.failures:
        raise SystemExit(1)


def _teller(shell: Shell, *, several: bool) -> Callable[[Event], None]:
    """What prints an event on stdout: a line of JSON, or of text."""

    def as_json(event: Event) -> None:
        click.echo(to_json(event.model_dump(exclude_defaults=True), indent=None))
        sys.stdout.flush()

    def as_text(event: Event) -> None:
        of = event.where if event.file is None else event.file
        of = f"{event.where}/{of}" if several and event.file is not None else of
        told = _SENTENCES.get(event.event, "{message}")
        if event.call_id is None and "{call_id}" in told:
            told = "{message}"
        fields = event.model_dump() | {"fields": " and ".join(event.fields)}
        click.echo(plain(f"{of}: {told.format_map(fields)}"))
        sys.stdout.flush()

    return as_json if shell.as_json else as_text
