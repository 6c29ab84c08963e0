"""Commands about who may come in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from service.access.person import ROLES, Role
from service.cli.audited import made
from service.cli.groups import Listing
from service.cli.shell import Shell, command, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from service.access.users import User

_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Take the password from the first line of stdin."
)
_role = click.Choice(ROLES)


@click.group(cls=Listing)
def users() -> None:
    """Who may come in, and as what.

    A viewer reads and asks, an editor adds and corrects as well, an admin may do everything.
    Without users, whoever reaches this machine may do everything. From the first one on everybody
    signs in on the page.
    """


@users.command("list")
@command
def list_(shell: Shell) -> None:
    """List the users and their roles, by name; with --workspace only its members."""
    from service.access.users import list_users

    workspace = shell.where.workspace

    with shell.people() as library, library.read() as connection:
        found = list_users(connection, workspace)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_users

    render_users.users(found)
    if not found:
        click.echo("No users." if workspace is None else f"No users in {plain(workspace)}.")


@users.command()
@click.argument("name")
@click.option("--role", type=_role, default="viewer", show_default=True)
@click.option("--sso", is_flag=True, help="No password: they come by single sign-on.")
@_from_stdin
@command
def add(shell: Shell, name: str, role: Role, sso: bool, password_stdin: bool) -> None:
    """Let a person in. The first one has to be an admin.

    \b
    Example: firsthand users add dana@example.com --role admin
    """
    from service.access.users import add_user

    if sso and password_stdin:
        raise click.UsageError("Give --sso or a password, not both.")
    with shell.people() as library:
        password = None if sso else _password(password_stdin)
        with library.change() as connection:
            now = datetime.now(UTC)
            workspace = shell.settings.workspace
            user = add_user(
                connection, name, password=password, role=role, now=now, workspace=workspace
            )
        made(user.id)
    _tell(shell, user, f"{user.name} may come in as {role} of {workspace}.")


@users.command("password")
@click.argument("name")
@_from_stdin
@command
def password(shell: Shell, name: str, password_stdin: bool) -> None:
    """Give a user another password; their sessions end, their tokens stay."""
    from service.access.users import get_user, named, set_password

    with shell.people() as library:
        with library.read() as connection:
            user = named(connection, name)
        given = _password(password_stdin)
        with library.change() as connection:
            set_password(connection, user.id, given)
            user = get_user(connection, user.id)
    _tell(shell, user, f"{user.name} has another password and is signed out.")


@users.command("role")
@click.argument("name")
@click.argument("role", type=_role)
@command
def role(shell: Shell, name: str, role: Role) -> None:
    """Make a user viewer, editor or admin of the workspace.

    Their sessions end; their tokens there lose what goes beyond the role.
    """
    from service.access.users import get_user, named, set_role

    with shell.people() as library, library.change() as connection:
        user = named(connection, name)
        set_role(connection, user.id, role, workspace=shell.settings.workspace)
        user = get_user(connection, user.id)
    _tell(shell, user, f"{user.name} is {role} of {shell.settings.workspace}.")


@users.command()
@click.argument("name")
@command
def disable(shell: Shell, name: str) -> None:
    """Let a user in no more; their sessions end, their tokens are revoked."""
    from service.access.users import disable as shut_out
    from service.access.users import get_user, named

    with shell.people() as library, library.change() as connection:
        user = named(connection, name)
        shut_out(connection, user.id, now=datetime.now(UTC))
        user = get_user(connection, user.id)
    _tell(shell, user, f"{user.name} is let in no more.")


@users.command()
@click.argument("name")
@command
def enable(shell: Shell, name: str) -> None:
    """Let a user in again who was disabled."""
    from service.access.users import enable as let_in
    from service.access.users import get_user, named

    with shell.people() as library, library.change() as connection:
        user = named(connection, name)
        let_in(connection, user.id)
        user = get_user(connection, user.id)
    _tell(shell, user, f"{user.name} is let in again.")


@users.command()
@click.argument("name")
@click.option("--from", "left", metavar="W", help="Only take them out of this workspace.")
@command
def remove(shell: Shell, name: str, left: str | None) -> None:
    """Remove a user for good, with their sessions and tokens."""
    from service.access.users import named, remove_from
    from service.access.users import remove as forget

    with shell.people() as library, library.change() as connection:
        user = named(connection, name)
        if left is None:
            forget(connection, user.id)
        else:
            remove_from(connection, user.id, left, now=datetime.now(UTC))
    if shell.as_json:
        shell.document({"removed": user.id, "workspace": left})
    else:
        click.echo(f"{user.name} is removed{f' from {left}' if left else ''}.")


@users.command("sessions")
@click.argument("name")
@command
def sessions(shell: Shell, name: str) -> None:
    """Where a user is signed in."""
    from service.access.sessions import list_sessions
    from service.access.users import named

    with shell.people() as library, library.read() as connection:
        found = list_sessions(connection, named(connection, name).id, datetime.now(UTC))
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_users

    render_users.sessions(found)
    if not found:
        click.echo("Signed in nowhere.")


@users.command("sign-out")
@click.argument("name")
@command
def sign_out(shell: Shell, name: str) -> None:
    """End all sessions of a user."""
    from service.access.sessions import end_all
    from service.access.users import named

    with shell.people() as library, library.change() as connection:
        user = named(connection, name)
        ended = end_all(connection, user.id)
    if shell.as_json:
        shell.document({"ended": ended})
    else:
        click.echo(f"{user.name} is signed out of {ended} session{'' if ended == 1 else 's'}.")


def _password(from_stdin: bool) -> str:
    """Asked for twice on a terminal; in no argument, where other processes could see it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("Nobody is here to type a password; give it with --password-stdin.")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _tell(shell: Shell, user: User, sentence: str) -> None:
    if shell.as_json:
        shell.document(user)
    else:
        click.echo(plain(sentence))
