"""Commands about the language model: have it read what waits, and see what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.leaving import announce
from service.cli.shell import Shell, command, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.library import Library


@click.command()
@click.option("--again", is_flag=True, help="Also calls that the model could not read before.")
@command
def read(shell: Shell, again: bool) -> None:
    """Have the language model read what it has not read yet.

    One request for a call, then what was read is sorted into themes. What was read stays: a second
    run asks nothing that was answered. Adding calls does this by itself; run it after setting
    FIRSTHAND_MODEL, after changing the codebook, or to go on after the spending limit.

    \b
    Example: firsthand read
    """
    from service.cli.progress import reading
    from service.model_reading import see_to

    with shell.library() as library:
        if library.llm is None:
            fail("No language model is set; set FIRSTHAND_MODEL, as in openai:gpt-5-mini.")
        announce(shell, library, "read")
        with reading(as_json=shell.as_json) as progress:
            seen = see_to(library, progress, again=again)
    if shell.as_json:
        shell.document({"read": seen.read, "unread": list(seen.unread)})
    else:
        click.echo(
            plain(f"{seen.read} call{'' if seen.read == 1 else 's'} read by {library.llm.name}.")
        )
        for sentence in seen.unread:
            click.echo(plain(f"! {sentence}"), err=True)
    if seen.unread:
        raise SystemExit(1)


@click.command()
@command
def spending(shell: Shell) -> None:
    """What the language model cost: by call, question and memo.

    A question is named by a digest of its words. FIRSTHAND_MODEL_BUDGET_USD sets a limit for the
    home, FIRSTHAND_MODEL_PRICES says what tokens cost.

    \b
    Example: firsthand spending
    """
    from service.cli import render_machine
    from service.spending import spending as of_home

    with shell.library() as library:
        found = of_home(library, shell.settings)
    if shell.as_json:
        shell.document(found)
    else:
        render_machine.spending(found)


def see_to_what_waits(shell: Shell, library: Library) -> None:
    """Have the model read and sort what waits. What goes wrong is told and stops nothing: what is
    there is shown without it.
    """
    from ingest.errors import FirsthandError

    try:
        read_what_waits(shell, library)
    except FirsthandError as problem:
        click.echo(plain(f"firsthand: The model has not read everything. {problem}"), err=True)


def read_what_waits(shell: Shell, library: Library) -> None:
    """Have the model read and sort what waits. Raises what ``see_to`` raises."""
    from service.cli.progress import reading
    from service.model_reading import see_to, waiting

    if not waiting(library):
        return
    announce(shell, library, "read")
    with reading(as_json=shell.as_json) as progress:
        seen = see_to(library, progress)
    for sentence in seen.unread:
        click.echo(plain(f"! {sentence}"), err=True)


COMMANDS = (read, spending)
