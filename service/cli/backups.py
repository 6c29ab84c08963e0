"""The commands that put a home into one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.shell import Shell, command
from service.cli.text import plain
from service.cli.workspaces import left_out

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@command
def backup(shell: Shell, path: Path) -> None:
    """Write everything in this home into one new FILE.

    All of it is from one moment; others may serve the home and work on it meanwhile, whichever
    stores it has. Each workspace has a backup of its own. FILE holds customers' words and is not
    encrypted. The home's settings and users are in it, with hashes of their passwords and tokens;
    no password itself, no key and nothing that the environment sets.
    """
    from service.backing_up import back_up
    from service.cli.progress import counting

    with shell.library() as library, counting("backup", as_json=shell.as_json) as told:
        made = back_up(library, path, told)
    left_out(shell, "backup FILE")
    if shell.as_json:
        shell.document(made)
        return
    click.echo(
        f"{plain(made.file)} holds {made.rows['calls']:,} calls and {made.files:,} files as they "
        f"were on {_when(made.made_at)}, {made.size / 1e6:,.1f} MB."
    )
    for call_id in made.missing:
        click.echo(
            f"! The file of call {plain(call_id)} is missing or damaged here; it is not in it."
        )


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@command
def restore(shell: Shell, path: Path) -> None:
    """Bring a backup back into a home in which nothing is yet.

    Every byte of FILE is checked before anything is put in place; what breaks off leaves the home
    empty. Nobody may serve the home or work on it meanwhile.
    """
    from service.cli.progress import counting
    from service.restoring import restore as bring_back

    with shell.library() as library, counting("restore", as_json=shell.as_json) as told:
        found = bring_back(library, path, told)
    if shell.as_json:
        shell.document(found)
        return
    click.echo(
        f"{found.rows['calls']:,} calls and {found.files:,} files are back as they were on "
        f"{_when(found.made_at)}."
    )
    for call_id in found.missing:
        click.echo(f"! The file of call {plain(call_id)} was missing when the backup was made.")
    if found.rows["users"]:
        click.echo(
            "! Users and tokens are as they were then; who lost theirs since may be in again: look "
            "at `firsthand users` and `firsthand tokens`."
        )
    if found.audit_rows is None:
        click.echo("! This home has an audit log of its own; the backup's stays in the backup.")
    if found.queued:
        click.echo(f"{found.queued:,} jobs are queued for the next server or worker of this home.")


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d at %H:%M} UTC"


COMMANDS = (backup, restore)
