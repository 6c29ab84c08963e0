"""The command for what is set for a home."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from service.cli.shell import Shell, command, day
from service.cli.text import harmless, plain

if TYPE_CHECKING:
    from service.home_settings import HomeSettings

N = TypeVar("N")


@click.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]…")
@command
def settings(shell: Shell, changes: tuple[str, ...]) -> None:
    """See or set the start, goal, board, domains and masks.

    start=DAY, goal_hours=HOURS, top=N, internal_domains=A,B, mask=yes|no (private details where
    text is shown), mask_names=NAME,NAME (names as well), keep_days=N (older calls are erased, see
    `firsthand retention`), ask_consent=yes (only calls with consent count), not_customers=A,B
    (domains of suppliers, see `firsthand goals`), digest="mon 08:00" with digest_to=ADDRESS,ADDRESS
    (when `serve` sends it, see `firsthand digest`). NAME= goes back to the default. They are kept
    in the home; `firsthand doctor` shows what FIRSTHAND_ variables set.

    \b
    Example: firsthand settings start=2026-05-04 goal_hours=2
    """
    from service.home_settings import SettingsChange, change_settings, home_settings

    wanted = SettingsChange.model_validate(dict(map(_read, changes)))
    with shell.library() as library:
        if changes:
            found = change_settings(library, wanted)
        else:
            with library.read() as connection:
                found = home_settings(connection)
    if shell.as_json:
        shell.document(found)
    else:
        _print(found)


def _read(change: str) -> tuple[str, object]:
    name, equals, value = change.partition("=")
    value = value.strip()
    kinds: dict[str, Callable[[str], object]] = {
        "start": day,
        "goal_hours": _hours,
        "top": _number,
        "internal_domains": _several,
        "mask": _yes,
        "mask_names": _several,
        "keep_days": _number,
        "ask_consent": _yes,
        "not_customers": _several,
        "digest": str,
        "digest_to": _several,
    }
    if not equals or name not in kinds:
        raise click.UsageError(f"Give NAME=VALUE, with a NAME of {', '.join(kinds)}.")
    return name, kinds[name](value) if value else None


def _hours(value: str) -> float:
    return _as(float, value)


def _number(value: str) -> int:
    return _as(int, value)


def _as(kind: Callable[[str], N], value: str) -> N:
    try:
        return kind(value)
    except ValueError:
        raise click.UsageError(f"{value!r} is no number.") from None


def _several(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(","))


def _yes(value: str) -> bool:
    if value.lower() not in ("yes", "no"):
        raise click.UsageError(f"{value!r} is neither yes nor no.")
    return value.lower() == "yes"


def _print(found: HomeSettings) -> None:
    start = found.start or found.start_remembered
    told = " (as the memo was told)" if found.start_remembered else ""
    domains = ", ".join(found.internal_domains)
    click.echo(f"start             {start or 'the first call'}{told}")
    click.echo(f"goal_hours        {found.goal_hours:g}")
    click.echo(f"top               {found.top}")
    click.echo(f"internal_domains  {plain(domains) or 'none'}")
    click.echo(f"mask              {'yes' if found.mask else 'no'}")
    names = ", ".join(found.mask_names)
    click.echo(f"mask_names        {harmless(names) or 'none'}")
    click.echo(f"keep_days         {found.keep_days or 'for ever'}")
    click.echo(f"ask_consent       {'yes' if found.ask_consent else 'no'}")
    click.echo(f"not_customers     {plain(', '.join(found.not_customers)) or 'none'}")
    click.echo(f"digest            {found.digest or 'never'}")
    click.echo(f"digest_to         {harmless(', '.join(found.digest_to)) or 'nobody'}")
