"""Commands about answers that were given, and what is picked from them for the memo."""

from __future__ import annotations

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, account_names, command


@click.group(cls=Listing)
def answers() -> None:
    """What was asked, and each answer as it was given.

    \b
    Example: firsthand answers show ID
    """


@answers.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N")
@click.option("--before", metavar="ID", help="Go on after this one.")
@command
def list_(shell: Shell, limit: int, before: str | None) -> None:
    """List the answers, the newest first."""
    from service.answer_history import list_answers
    from service.cli import render_answers

    with shell.library() as library:
        with library.read() as connection:
            found = list_answers(connection, limit, before)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render_answers.lines(found, names)


@answers.command()
@click.argument("answer_id", metavar="ID")
@click.option("--verbose", is_flag=True, help="Print every quote, whole.")
@command
def show(shell: Shell, answer_id: str, *, verbose: bool) -> None:
    """One answer as it was given, every quote checked anew against its call."""
    from service.answer_history import load
    from service.cli import render_answers

    with shell.library() as library:
        with library.read() as connection:
            found = load(connection, answer_id)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render_answers.kept(found, names, verbose=verbose)


@answers.command()
@click.argument("answer_id", metavar="ID")
@command
def delete(shell: Shell, answer_id: str) -> None:
    """Take an answer off the list for good; what was picked from it stays."""
    from service.answer_history import remove

    with shell.library() as library:
        remove(library, answer_id)
    if shell.as_json:
        shell.document({"deleted": answer_id})
    else:
        click.echo(f"{answer_id} is deleted.")


@click.group(cls=Listing)
def picks() -> None:
    """Statements of answers that you want in the memo.

    \b
    Example: firsthand picks add ANSWER 1
    """


@picks.command("list")
@command
def picked(shell: Shell) -> None:
    """List what is picked, in the order in which it was."""
    from service.cli import render_answers
    from service.picks import listed

    with shell.library() as library:
        with library.read() as connection:
            found = listed(connection)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render_answers.picks(found, names)


@picks.command()
@click.argument("answer_id", metavar="ANSWER")
@click.argument("n", type=click.IntRange(1), required=False)
@click.option("--against", is_flag=True, help="N is of what speaks against it.")
@command
def add(shell: Shell, answer_id: str, n: int | None, *, against: bool) -> None:
    """Pick statement N of an answer, as numbered there; without N all of them."""
    from service import picks as core
    from service.cli import render_answers

    part: core.Part = "counter" if against else "statements"
    with shell.library() as library:
        found = core.add(library, answer_id, None if n is None else n - 1, part)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render_answers.picks(found, names)


@picks.command()
@click.argument("pick_id", metavar="ID")
@command
def remove(shell: Shell, pick_id: str) -> None:
    """Pick it no longer: it goes into no further memo."""
    from service.picks import remove as take_off

    with shell.library() as library:
        take_off(library, pick_id)
    if shell.as_json:
        shell.document({"removed": pick_id})
    else:
        click.echo(f"{pick_id} is removed.")


COMMANDS = (answers, picks)
