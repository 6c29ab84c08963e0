"""Commands about the language model: have it read what waits, and see what it cost."""

from __future__ import annotations

import click

from service.cli.shell import Shell, command, fail


@click.command()
@click.option("--again", is_flag=True, help="Also calls that the model could not read before.")
@command
def read(shell: Shell, again: bool) -> None:
    """Have the language model read the calls it has not read, and sort what it read.

    One request for a call, and what was read stays: a second run asks nothing that was answered.
    Adding calls does this by itself; run it after setting FIRSTHAND_MODEL, after changing the
    codebook, or to go on after the spending limit.
    """
    from service.cli.progress import reading
    from service.model_reading import see_to

    with shell.library() as library:
        if library.llm is None:
            fail("No language model is set; set FIRSTHAND_MODEL, as in openai:gpt-5-mini.")
        with reading(as_json=shell.as_json) as progress:
            seen = see_to(library, progress, again=again)
    if shell.as_json:
        shell.document({"read": seen.read, "unread": list(seen.unread)})
    else:
        click.echo(f"{seen.read} calls read by {library.llm.name}.")
        for sentence in seen.unread:
            click.echo(f"! {sentence}")
    if seen.unread:
        raise SystemExit(1)


@click.command()
@command
def spending(shell: Shell) -> None:
    """What the language model was asked for, in tokens and dollars."""
    from ingest.llm.spending import by_purpose, spent
    from service.cli import render_machine

    with shell.library() as library, library.read() as connection:
        rows, total = by_purpose(connection), spent(connection)
    budget = shell.settings.model_budget_usd
    if shell.as_json:
        shell.document({"spent_usd": total, "budget_usd": budget, "purposes": rows})
    else:
        render_machine.spending(rows, total, budget)


COMMANDS = (read, spending)
