"""The command line: every command parses, calls one verb of the core and renders.

Nothing heavy is imported before a command runs, so that ``firsthand --help`` is quick.
"""

from __future__ import annotations

import click

from service.cli import (
    answers,
    asking,
    assistants,
    audit,
    backups,
    calls,
    clips,
    codebook,
    correcting,
    crm,
    digest,
    erasing,
    evidence,
    goals,
    hooks,
    jobs,
    loop,
    machine,
    memos,
    moving,
    reading,
    settings,
    theme_views,
    tokens,
    users,
    watching,
    workspaces,
)
from service.cli.shell import Where


class InOrder(click.Group):
    """Lists its commands in the order in which people come to need them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


@click.group(
    cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--home", metavar="DIR", help="Home folder; also FIRSTHAND_HOME. [default: ~/.firsthand]"
)
@click.option(
    "--workspace", metavar="NAME", help="Workspace; also FIRSTHAND_WORKSPACE. [default: main]"
)
@click.version_option(package_name="firsthand")
@click.pass_context
def main(context: click.Context, home: str | None, workspace: str | None) -> None:
    """Customer calls in; cited answers and a 30-day strategy memo out.

    Start with `firsthand demo`. Or with your own: `firsthand accounts import accounts.csv`,
    `firsthand add recordings/ --account ID`, `firsthand ask "What do our top customers need?"`.
    """
    context.obj = Where(home, workspace)


for command in (
    machine.demo,
    *calls.COMMANDS,
    *correcting.COMMANDS,
    *asking.COMMANDS,
    watching.watch,
    crm.crm,
    *goals.COMMANDS,
    *digest.COMMANDS,
    *memos.COMMANDS,
    *theme_views.COMMANDS,
    *answers.COMMANDS,
    *clips.COMMANDS,
    *codebook.COMMANDS,
    *evidence.COMMANDS,
    *loop.COMMANDS,
    *reading.COMMANDS,
    jobs.jobs,
    settings.settings,
    *hooks.COMMANDS,
    calls.consent,
    *erasing.COMMANDS,
    users.users,
    tokens.tokens,
    *machine.COMMANDS,
    assistants.mcp,
    workspaces.workspaces,
    moving.migrate,
    *backups.COMMANDS,
    audit.audit,
):
    main.add_command(command)
