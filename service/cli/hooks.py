"""Commands about hooks: which other programs are told what happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.groups import Listing
from service.cli.leaving import lines
from service.cli.shell import Shell, command, day, fail
from service.cli.text import plain, redaction

if TYPE_CHECKING:
    from service.hooks.store import Format, HookMade

_EVENTS = "call.ready, theme.gained_account, risk.heard, memo.drafted"


@click.group(cls=Listing)
def hooks() -> None:
    """Other programs, and Slack, that are told what happens.

    What is sent is signed as www.standardwebhooks.com says, tried again for a day, and kept for 30
    days to be sent once more. A worker sends it (`serve` has one).

    \b
    Example: firsthand hooks add https://example.com/hook --on call.ready,risk.heard
    """


@hooks.command("list")
@command
def list_(shell: Shell) -> None:
    """List the hooks, and whether they can be reached.

    \b
    Example: firsthand hooks
    """
    from service.hooks.store import list_hooks

    with shell.library() as library, library.read() as connection:
        found = list_hooks(connection)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_hooks

    render_hooks.hooks(found)


@hooks.command()
@click.argument("url")
@click.option("--on", "events", metavar="EVENTS", required=True, help=f"By comma: {_EVENTS}.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["standard", "slack"]),
    default="standard",
    show_default=True,
    help="What is posted: for programs, or as Slack takes it.",
)
@click.option("--with-words", is_flag=True, help="Send customers' words as well.")
@command
def add(shell: Shell, url: str, events: str, format_: Format, *, with_words: bool) -> None:
    """Tell another program what happens here.

    It is sent ids, figures, links, and names of accounts, calls and themes. The secret with which
    it can check who sends is shown this once. The address may be in a private network.

    \b
    Example: firsthand hooks add https://hooks.slack.com/… --on risk.heard --format slack
    """
    from service.cli.audited import made as put_down
    from service.hooks.leaving import leaving_by_hooks
    from service.hooks.store import NewHook, events_of
    from service.hooks.store import add as put
    from service.logs import say

    new = NewHook(url=url, events=events_of(events), format=format_, with_words=with_words)
    with shell.library() as library:
        made = put(library, new, private=True)
        put_down(made.id)
        with library.read() as connection:
            sent = [one for one in leaving_by_hooks(connection) if made.id in one.how]
    if not shell.as_json:
        for line in lines(sent):
            say(line)
    _secret(shell, made)


@hooks.command()
@click.argument("hook_id", metavar="ID")
@command
def rotate(shell: Shell, hook_id: str) -> None:
    """Give a hook another secret; it is shown this once.

    \b
    Example: firsthand hooks rotate hook-1a2b
    """
    from service.hooks.store import rotate as renew

    with shell.library() as library:
        _secret(shell, renew(library, hook_id))


def _secret(shell: Shell, made: HookMade) -> None:
    redaction.set(None)  # nobody's words are in it, and a secret has to be shown as it is
    if shell.as_json:
        shell.document(made)
        return
    click.echo(made.secret)
    click.echo(
        f"Keep it now: it is not shown again. It signs what {made.id} is sent; try it with "
        f"`{shell.program} hooks test {made.id}`.",
        err=True,
    )


@hooks.command()
@click.argument("hook_id", metavar="ID")
@command
def test(shell: Shell, hook_id: str) -> None:
    """Send a hook a message that says it is a test.

    \b
    Example: firsthand hooks test hook-1a2b
    """
    from service.hooks.postman import try_out

    with shell.library() as library:
        answer = try_out(library, hook_id)
    if answer.why:
        fail(answer.why)
    if shell.as_json:
        shell.document({"status": answer.status})
    else:
        click.echo(f"It arrived: the answer was {answer.status}.")


def _switch(name: str, summary: str, told: str) -> click.Command:
    @command
    def verb(shell: Shell, hook_id: str) -> None:
        from service.hooks.store import switch

        with shell.library() as library:
            hook = switch(library, hook_id, on=name == "enable")
        if shell.as_json:
            shell.document(hook)
        else:
            click.echo(f"{hook.id} {told}")

    help_ = f"{summary}\n\n\b\nExample: firsthand hooks {name} hook-1a2b"
    return click.command(name, help=help_)(click.argument("hook_id", metavar="ID")(verb))


hooks.add_command(
    _switch("disable", "Tell a hook nothing for now.", "is off; what waits for it stays.")
)
hooks.add_command(
    _switch("enable", "Tell a hook that was off again.", "is on; what waited goes out now.")
)


@hooks.command()
@click.argument("hook_id", metavar="ID")
@command
def remove(shell: Shell, hook_id: str) -> None:
    """Remove a hook and all that is on its way to it.

    \b
    Example: firsthand hooks remove hook-1a2b
    """
    from service.hooks.store import remove as end

    with shell.library() as library:
        end(library, hook_id)
    if shell.as_json:
        shell.document({"removed": hook_id})
    else:
        click.echo(f"{plain(hook_id)} is removed.")


@hooks.command("deliveries")
@click.option("--hook", "hook_id", metavar="ID", help="Only to this hook.")
@command
def deliveries_(shell: Shell, hook_id: str | None) -> None:
    """List what was sent or waits, the newest first.

    \b
    Example: firsthand hooks deliveries --hook hook-1a2b
    """
    from service.hooks.deliveries import list_deliveries

    with shell.library() as library, library.read() as connection:
        found = list_deliveries(connection, hook_id)
    if shell.as_json:
        shell.document(found)
        return
    from service.cli import render_hooks

    render_hooks.deliveries(found)


@hooks.command()
@click.argument("delivery_id", metavar="[ID]", required=False)
@click.option("--since", metavar="D", help="All that happened on or after this day (UTC).")
@click.option("--hook", "hook_id", metavar="ID", help="With --since, only to this hook.")
@command
def replay(shell: Shell, delivery_id: str | None, since: str | None, hook_id: str | None) -> None:
    """Send again what was sent or given up.

    It has the id that it had: whoever got it already can tell. A worker sends it.

    \b
    Example: firsthand hooks replay --since 2026-06-01
    """
    from service.hooks import deliveries as core

    if (delivery_id is None) == (since is None):
        raise click.UsageError("Give the ID of a delivery, or --since.")
    with shell.library() as library:
        if delivery_id is not None:
            core.replay(library, delivery_id)
            n = 1
        else:
            wanted = day(since)
            assert wanted is not None
            n = core.replay_since(library, core.midnight(wanted), hook_id)
    if shell.as_json:
        shell.document({"queued": n})
    else:
        click.echo(f"{n} {'delivery is' if n == 1 else 'deliveries are'} on the way again.")


COMMANDS = (hooks,)
