"""Commands about first-hand hours: each person's weeks against a goal, and their calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, command, day

if TYPE_CHECKING:
    from service.goals.loading import CalendarFile


class _Loading(Listing):
    """``goals calendar FILE`` is ``goals calendar load FILE``."""

    default = "load"


@click.group(cls=Listing)
def goals() -> None:
    """Hours with customers, by person and week.

    Heard are calls that are in; meetings of calendars that were loaded count beside them, each
    conversation once. Whoever wants more than the home's goal sets an own one.

    \b
    Example: firsthand goals --weeks 4
    """


@goals.command("list")
@click.option("--week", metavar="D", help="A day of the last week shown. [default: this week]")
@click.option("--weeks", type=int, default=1, metavar="N", help="So many weeks. [default: 1]")
@click.option("--person", metavar="P", help="Only this person of yours.")
@command
def list_(shell: Shell, week: str | None, weeks: int, person: str | None) -> None:
    """Each person's hours in a week, and the team's.

    \b
    Example: firsthand goals list --week 2026-06-03 --weeks 4 --person "Ida Kern"
    """
    from service.cli import render_goals
    from service.goals.hours import goals as read

    with shell.library() as library:
        found = read(library, datetime.now(UTC), day(week), weeks, person)
    if shell.as_json:
        shell.document(found)
    else:
        render_goals.goals(found)


@goals.command("set")
@click.argument("person", metavar="PERSON")
@click.argument("hours", metavar="HOURS")
@command
def set_(shell: Shell, person: str, hours: str) -> None:
    """Set a person's hours a week; `none` is the home's goal again.

    \b
    Example: firsthand goals set "Ida Kern" 2.5
    """
    from service.cli.text import plain
    from service.goals.people import set_goal

    try:
        wanted = None if hours.lower() == "none" else float(hours)
    except ValueError:
        raise click.UsageError(f"{hours!r} is no number of hours, nor none.") from None
    with shell.library() as library:
        found = set_goal(library, person, wanted)
    if shell.as_json:
        shell.document(found)
    else:
        whose = "" if found.own else ", as the home's"
        click.echo(plain(f"{found.person}: {found.goal_hours:g} hours a week{whose}."))


@goals.group(cls=_Loading)
def calendar() -> None:
    """Load a person's calendar, or remove it.

    Only meetings with people of other firms are kept, and of those when they are and with which
    e-mail domains: no title, name or address. Private ones are left out.
    """


@calendar.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--person", metavar="P", help="Whose it is, as calls name them.")
@click.option("--zone", metavar="Z", help="Time zone of times without one, as Europe/Berlin.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@command
def load(
    shell: Shell, files: tuple[Path, ...], person: str | None, zone: str | None, *, dry_run: bool
) -> None:
    """Load a calendar (.ics) in place of the person's last.

    Several files are one calendar together. Google's exports say whose they are.

    \b
    Example: firsthand goals calendar ida.ics --person "Ida Kern"
    """
    from service.cli import render_goals
    from service.goals.loading import load_calendar

    given = [_read(path) for path in files]
    with shell.library() as library:
        change = load_calendar(
            library, given, person, datetime.now(UTC), zone=zone, dry_run=dry_run
        )
    if shell.as_json:
        shell.document(change)
    else:
        render_goals.change(change, dry_run=dry_run)


def _read(path: Path) -> CalendarFile:
    from ingest.calendars import LIMIT_BYTES
    from ingest.errors import NotFound, TooLarge, shown
    from service.goals.loading import CalendarFile

    if not path.is_file():
        raise NotFound(f"{shown(path.name)}: there is no such file; check the path.")
    if path.stat().st_size > LIMIT_BYTES:
        raise TooLarge(f"{shown(path.name)}: a calendar may have {LIMIT_BYTES:,} bytes.")
    return CalendarFile(name=path.name, data=path.read_bytes())


@calendar.command()
@click.argument("person", metavar="PERSON")
@command
def remove(shell: Shell, person: str) -> None:
    """Forget a person's calendar; their goal stays.

    \b
    Example: firsthand goals calendar remove "Ida Kern"
    """
    from service.cli.text import plain
    from service.goals.people import remove_calendar

    with shell.library() as library:
        gone = remove_calendar(library, person)
    if shell.as_json:
        shell.document({"removed": gone})
    else:
        click.echo(plain(f"The calendar of {person} is gone ({gone} meetings with customers)."))


COMMANDS = (goals,)
