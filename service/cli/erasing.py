"""Commands that erase: a person from all calls, and calls that are older than they are kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from service.cli.shell import Shell, command
from service.cli.text import plain

if TYPE_CHECKING:
    from service.person_erasure import PersonErasure


@click.command("erase-person")
@click.argument("name", metavar="NAME")
@click.option("--email", "emails", multiple=True, metavar="A", help="An address of theirs.")
@click.option(
    "--also", multiple=True, metavar="NAME", help="Another name that is the same person's."
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@command
def erase_person(
    shell: Shell,
    name: str,
    emails: tuple[str, ...],
    also: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Erase a person from all calls: words, voice and name.

    Calls with no other customer go whole. In others their utterances read "[erased]", their voice
    is silenced in the recording, and their name is masked wherever it stands. Give first and last
    name; similar names are listed, never guessed. In a terminal it says what would go, and asks.

    \b
    Example: firsthand erase-person "Dana Ruiz" --email dana@larkspur.example
    """
    from service.erase_person import erase_person as erase
    from service.person_erasure import person_erasure

    with shell.library() as library:
        asked = sys.stdin.isatty() and not (yes or shell.as_json)
        if dry_run or asked:
            going = person_erasure(library, name, emails=emails, also=also)
            if dry_run:
                _tell(shell, going, f"Erasing {name} would take:")
                return
            _tell(shell, going, f"Erasing {name} takes, for good:")
            click.confirm("Erase them?", abort=True, err=True)
        gone = erase(library, name, emails=emails, also=also)
    _tell(shell, gone, f"{name} is erased. Gone, for good:")


def _tell(shell: Shell, found: PersonErasure, head: str) -> None:
    if shell.as_json:
        shell.document(found)
        return
    click.echo(plain(head))
    for sentence in found.sentences:
        click.echo(f"  {plain(sentence)}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is due.")
@command
def retention(shell: Shell, *, dry_run: bool) -> None:
    """Erase the calls that are older than calls are kept.

    `firsthand settings keep_days=365` says how long that is; a call's age is that of its date, else
    of the day it came in. `serve` does this every hour by itself.
    """
    from datetime import UTC, datetime

    from service import retention as core

    today = datetime.now(UTC).date()
    with shell.library() as library:
        with library.read() as connection:
            found = core.retention(connection, today)
        erased = [] if dry_run else core.sweep(library, today)
    if shell.as_json:
        shell.document({**found.model_dump(mode="json"), "erased": erased})
        return
    if found.keep_days is None:
        click.echo("Calls are kept for ever; `firsthand settings keep_days=N` changes that.")
        return
    done = set(erased)
    for one in found.due:
        what = "erased" if one.call_id in done else "due" if dry_run else "not erased; see the log"
        click.echo(f"{one.day}  {one.call_id}  {plain(one.title)}  {what}")
    n = len(found.due)
    click.echo(f"{n} call{'' if n == 1 else 's'} older than {found.keep_days} days.")
    if not dry_run and len(erased) < n:
        raise SystemExit(1)


COMMANDS = (erase_person, retention)
