"""The commands about workspaces: which there are, a new one, another title, away with one."""

from __future__ import annotations

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, Where, command, event
from service.cli.text import plain


def left_out(shell: Shell, what: str) -> None:
    """Say on stderr which workspaces a command on the main one is not about, and ``what`` is."""
    from service.workspaces import others

    if not (names := others(shell.settings)):
        return
    if shell.as_json:
        event(event="left out", workspaces=names)
        return
    click.echo(f"! Not the other workspaces; for each of them ({', '.join(names)}):", err=True)
    program = Where(shell.where.home, names[0]).program
    click.echo(f"    {plain(program)} {what}", err=True)


@click.group(cls=Listing)
def workspaces() -> None:
    """Homes beside one another that know nothing of each other.

    One server serves them all; `firsthand --workspace NAME …` is about one of them.
    """


@workspaces.command("list")
@command
def list_(shell: Shell) -> None:
    """Those there are."""
    from service.workspaces import list_workspaces, main_of

    with main_of(shell.settings) as main:
        found = list_workspaces(main)
    if shell.as_json:
        shell.document(found)
        return
    width = max(len(one.name) for one in found)
    for one in found:
        since = f"  since {one.created_at:%Y-%m-%d}" if one.created_at else ""
        title = plain(one.title) if one.title != one.name else ""
        click.echo(f"{one.name:{width}}  {title}{since}".rstrip())


@workspaces.command()
@click.argument("name")
@click.option("--title", metavar="TEXT", help="What people see; by default the name.")
@command
def add(shell: Shell, name: str, title: str | None) -> None:
    """Make an empty workspace: a-z, 0-9 and -, up to 31 of them."""
    from service.workspaces import add as make

    with shell.people():  # so that it is in the log
        made = make(shell.settings, name, title)
    if shell.as_json:
        shell.document(made)
    else:
        program = Where(shell.where.home, made.name).program
        click.echo(f"The workspace {made.name} is there: `{plain(program)} …`.")


@workspaces.command()
@click.argument("name")
@click.argument("title")
@command
def rename(shell: Shell, name: str, title: str) -> None:
    """Give a workspace another title. Its name stays."""
    from service.workspaces import rename as title_anew

    with shell.people():
        found = title_anew(shell.settings, name, title)
    if shell.as_json:
        shell.document(found)
    else:
        click.echo(f"{found.name} is called {plain(found.title)}.")


@workspaces.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Erase all that is in it, for good.")
@command
def remove(shell: Shell, name: str, yes: bool) -> None:
    """Remove a workspace, with all that is in it. Backups of it stay where they are."""
    from service.workspaces import remove as erase

    with shell.people():
        gone = erase(shell.settings, name, filled=yes)
    if shell.as_json:
        shell.document(gone)
    else:
        click.echo(
            f"The workspace {gone.name} is gone, with {gone.calls:,} calls and "
            f"{gone.accounts:,} accounts."
        )
