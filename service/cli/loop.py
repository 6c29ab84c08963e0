"""Commands about the loop: who is to hear what became of a need, and what became of that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, command, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from service.loop import Queue, Wanted

_ALL = "all"
_STATES = click.Choice(["to-do", "sent", "dismissed", _ALL])
_NEED = click.option("--need", metavar="CODE", help="Only about this code of the codebook.")
_OWNER = click.option("--owner", metavar="NAME", help="Only accounts of this owner.")
_STATE = click.option("--state", type=_STATES, default="to-do", show_default=True)


@click.group(cls=Listing)
def loop() -> None:
    """Who is to hear what became of a need.

    An entry for each account that voiced it, in their own words, with a note drafted for the
    account's owner: all of them once the need is marked as shipped (`codebook status CODE
    shipped`), before that those that are new to it. Nothing is sent from here.

    \b
    Example: firsthand loop --owner "Dana Ruiz"
    """


@loop.command("list")
@_NEED
@_OWNER
@_STATE
@command
def list_(shell: Shell, need: str | None, owner: str | None, state: str) -> None:
    """List whom to tell what, with the drafted notes.

    \b
    Example: firsthand loop --need code-1a2b --state sent
    """
    found = _queue(shell, need, owner, state)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_loop

    render_loop.queue(found)


@loop.command()
@click.argument("file", type=click.Path(path_type=Path))
@_NEED
@_OWNER
@_STATE
@command
def export(shell: Shell, file: Path, need: str | None, owner: str | None, state: str) -> None:
    """Write the entries to a .csv file, with the notes.

    \b
    Example: firsthand loop export to-tell.csv --owner "Dana Ruiz"
    """
    from service.loop import queue
    from service.loop_file import as_csv
    from service.noticing import notice

    if file.suffix.lower() != ".csv":
        raise click.UsageError("Let FILE end in .csv.")
    with shell.library() as library:
        notice(library)
        found = queue(library, _wanted(need, owner, state))
        body = as_csv(found, shell.redaction(library))
    try:
        file.write_bytes(body)
    except OSError as error:
        fail(f"{file} cannot be written ({error.strerror}); choose another place.")
    n = sum(len(one.entries) for one in found.needs)
    if shell.as_json:
        shell.document({"exported": str(file), "entries": n})
    else:
        click.echo(f"{n} {'entry is' if n == 1 else 'entries are'} in {plain(str(file))}.")


@loop.command()
@click.argument("entry")
@command
def sent(shell: Shell, entry: str) -> None:
    """Note that they were told.

    \b
    Example: firsthand loop sent entry-1a2b
    """
    _mark(shell, entry, "sent")


@loop.command()
@click.argument("entry")
@command
def dismiss(shell: Shell, entry: str) -> None:
    """Put an entry aside: nobody need be told.

    \b
    Example: firsthand loop dismiss entry-1a2b
    """
    _mark(shell, entry, "dismissed")


@loop.command()
@click.argument("entry")
@command
def restore(shell: Shell, entry: str) -> None:
    """Take back that an entry was sent or dismissed.

    \b
    Example: firsthand loop restore entry-1a2b
    """
    from service.loop import restore as to_do

    with shell.library() as library:
        done = to_do(library, entry)
    if shell.as_json:
        shell.document(done)
    else:
        click.echo(f"{plain(done.account)} is to be told again.")


def _mark(shell: Shell, entry: str, state: str) -> None:
    from service.access.person import at_the_machine
    from service.loop import mark

    with shell.library() as library:
        by = at_the_machine().name
        done = mark(library, entry, "sent" if state == "sent" else "dismissed", by)
    if shell.as_json:
        shell.document(done)
        return
    told = "was told" if state == "sent" else "need not be told"
    click.echo(f"{plain(done.account)} {told}; `firsthand loop restore {done.id}` takes it back.")


def _queue(shell: Shell, need: str | None, owner: str | None, state: str) -> Queue:
    from service.loop import queue
    from service.noticing import notice

    with shell.library() as library:
        notice(library)  # else a worker does, and there may be none
        return queue(library, _wanted(need, owner, state))


def _wanted(need: str | None, owner: str | None, state: str) -> Wanted:
    from service.loop import STATES, Wanted

    named = {one.replace(" ", "-"): one for one in STATES}
    return Wanted(need=need, owner=owner, state=named.get(state))


COMMANDS = (loop,)
