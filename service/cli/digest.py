"""The command that sends the weekly digest."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from service.cli.leaving import announce
from service.cli.shell import Shell, command, day
from service.cli.text import harmless


@click.command()
@click.option("--week", metavar="D", help="A day of the week. [default: the last; from Thu: this]")
@click.option("--to", multiple=True, metavar="ADDRESS", help="Mail it there; repeatable.")
@click.option("--webhook", metavar="URL", help="Tell it to this program, signed.")
@click.option("--with-words", is_flag=True, help="With customers' words under the needs.")
@click.option("--dry-run", is_flag=True, help="Only show it.")
@command
def digest(
    shell: Shell,
    week: str | None,
    to: tuple[str, ...],
    webhook: str | None,
    *,
    with_words: bool,
    dry_run: bool,
) -> None:
    """A week in a mail: hours, who is silent, what is new.

    It goes to the addresses and the program that are named here, else to those that were set:
    `firsthand settings digest_to=…` and FIRSTHAND_DIGEST_WEBHOOK. FIRSTHAND_SMTP and
    FIRSTHAND_MAIL_FROM say how mail is sent. `serve` sends it by itself with
    `firsthand settings digest="mon 08:00"`.

    \b
    Example: firsthand digest --dry-run
    """
    from service.digest import slot
    from service.digest.letter import text
    from service.digest.sending import Sent, made, send_to
    from service.home_settings import home_settings

    now = datetime.now(UTC)
    of = day(week) or slot.week_told(now.astimezone().date())
    addresses = tuple(dict.fromkeys(map(slot.address, to)))
    named = bool(addresses or webhook)
    hook = None if addresses and not webhook else shell.settings.hook(webhook)
    with shell.library() as library:
        if not named:
            with library.read() as connection:
                addresses = home_settings(connection).digest_to
        told = made(
            library, shell.settings, now, of, with_words=with_words, originals=shell.originals
        )
        sent = Sent()
        if not dry_run and (addresses or hook):
            announce(shell, library, "digest")
            sent = send_to(shell.settings, told, addresses, hook)
    if shell.as_json:
        shell.document({"digest": told, "sent": sent})
    elif dry_run or not (addresses or hook):
        click.echo("".join(c if c == "\n" else harmless(c) for c in text(told)))
        if not dry_run:
            click.echo(
                "Nobody is named to send it to: --to ADDRESS, or settings digest_to.", err=True
            )
    else:
        _report(sent)
    if sent.refused:
        raise SystemExit(1)


def _report(sent: object) -> None:
    from service.digest.sending import Sent

    assert isinstance(sent, Sent)
    if sent.mailed_to:
        click.echo(f"Sent to {', '.join(sent.mailed_to)}.")
    if sent.webhook is not None:
        click.echo(f"Told to the program (status {sent.webhook}).")
    for address, why in sent.refused.items():
        click.echo(harmless(f"firsthand: {address} was not taken: {why}"), err=True)


COMMANDS = (digest,)
