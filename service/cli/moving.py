"""The command that moves a home into a fleet's stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.shell import Shell, command
from service.cli.text import plain
from service.cli.workspaces import left_out

if TYPE_CHECKING:
    from service.moving import Moved


@click.command()
@click.option(
    "--to",
    "database_url",
    metavar="URL",
    required=True,
    help="An empty PostgreSQL: postgresql://user@host/name. Its password may stand in PGPASSWORD.",
)
@click.option("--media", metavar="URL", help="A bucket for recordings: s3://bucket/prefix.")
@click.option("--vectors", metavar="URL", help="A Chroma server, filled at the end.")
@command
def migrate(shell: Shell, database_url: str, media: str | None, vectors: str | None) -> None:
    """Move this home into PostgreSQL, a bucket, a Chroma server.

    Nobody may serve it or work on it meanwhile. Killed, it can be started again. There is nothing
    in the database before everything is, compared row by row; what is here stays as it is.
    """
    from service.cli.progress import counting
    from service.moving import move

    with shell.library() as library, counting("move", as_json=shell.as_json) as told:
        moved = move(library, database_url, told, media_url=media, vectors_url=vectors)
    left_out(shell, "migrate --to URL, with the same addresses")
    if shell.as_json:
        shell.document(moved)
    else:
        _say(moved, shell.settings.folder)


def _say(moved: Moved, home: object) -> None:
    rows = sum(moved.rows.values())
    if moved.already:
        click.echo(f"All {rows:,} rows were moved already; nothing was changed there.")
    else:
        click.echo(
            f"{rows:,} rows of {len(moved.rows)} tables and {moved.files:,} files are there, "
            "each compared with what is here."
        )
    for call_id in moved.missing:
        click.echo(f"! The file of call {plain(call_id)} was missing here; the call came without.")
    if moved.queued:
        click.echo(f"{moved.queued:,} jobs are queued there for the next worker.")
    if moved.vectors is None:
        click.echo("Vectors are fed to Chroma by the first `firsthand serve` there.")
    else:
        click.echo(f"{moved.vectors:,} vectors were given to the Chroma server.")
    click.echo("\nOn every machine, with your passwords and AWS_* keys filled in:")
    for name, value in moved.variables.items():
        click.echo(f"  export {name}={plain(value)}")
    click.echo(
        f"\n{home} is as it was; add nothing to it from now on. Delete it when you are sure."
    )
