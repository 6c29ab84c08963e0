"""Commands about tokens: what programs come in with."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from service.access.person import ROLES, Role
from service.cli.audited import made
from service.cli.groups import Listing
from service.cli.shell import Shell, command
from service.cli.text import plain


@click.group(cls=Listing)
def tokens() -> None:
    """What programs come in with.

    A token is for one workspace, up to a role and a day, and can do no more than its user.
    """


@tokens.command("list")
@click.option("--user", metavar="U", help="Only those of this user.")
@command
def list_(shell: Shell, user: str | None) -> None:
    """List the tokens, the newest first; with --workspace only those for it.

    What lets in is not shown again.
    """
    from service.access.tokens import list_tokens
    from service.access.users import named

    with shell.people() as library, library.read() as connection:
        user_id = None if user is None else named(connection, user).id
        found = list_tokens(connection, user_id=user_id, workspace=shell.where.workspace)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_users

    render_users.tokens(found, datetime.now(UTC))
    if not found:
        click.echo("No tokens.")


@tokens.command()
@click.argument("name")
@click.option("--user", metavar="U", required=True, help="Whose it is; it can do no more.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--days", type=int, metavar="N", help="How long it holds. [default: 90, at most 366]")
@command
def add(shell: Shell, name: str, user: str, role: Role, days: int | None) -> None:
    """Make a token; NAME says what for. It is shown this once.

    \b
    Example: firsthand tokens add "weekly report" --user dana@example.com
    """
    from service.access.tokens import DAYS, make
    from service.access.users import named

    with shell.people() as library, library.change() as connection:
        token = make(
            connection,
            named(connection, user).id,
            name,
            workspace=shell.settings.workspace,
            role=role,
            now=datetime.now(UTC),
            days=DAYS if days is None else days,
        )
        made(token.id)
    if shell.as_json:
        shell.document(token)
        return
    click.echo(token.token)
    click.echo(
        f"Keep it now: it is not shown again. It is for {plain(token.user)} as {token.role} of "
        f"{token.workspace} until {token.expires_at:%Y-%m-%d}; send it as "
        "“Authorization: Bearer …”.",
        err=True,
    )


@tokens.command()
@click.argument("token_id", metavar="ID")
@command
def revoke(shell: Shell, token_id: str) -> None:
    """End a token for good."""
    from service.access.tokens import revoke as end

    with shell.people() as library, library.change() as connection:
        end(connection, token_id, now=datetime.now(UTC))
    if shell.as_json:
        shell.document({"revoked": token_id})
    else:
        click.echo(f"{plain(token_id)} is revoked.")
