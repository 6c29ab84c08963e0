"""The command about the audit log: read it, take it along, see that nobody changed it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, command, day, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.audit_log import Checked
    from ingest.audit_rows import Head, Row

ACTIONS = ("see", "ask", "add", "change", "export", "delete", "enter", "leave")


@click.group(cls=Listing)
def audit() -> None:
    """Who saw, asked, changed and deleted what, and when.

    The log holds ids, kinds and numbers: nothing that a customer said or is called.

    \b
    Example: firsthand audit --since 2026-06-01 --action export
    """


@audit.command("list")
@click.option("--since", metavar="D", help="On or after this day (YYYY-MM-DD, UTC).")
@click.option("--until", metavar="D", help="On or before this day.")
@click.option("--who", metavar="NAME", help="Only what this person did: a name or an id.")
@click.option("--action", type=click.Choice(ACTIONS), help="Only this.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, metavar="N"
)
@command
def list_(
    shell: Shell,
    since: str | None,
    until: str | None,
    who: str | None,
    action: str | None,
    limit: int,
) -> None:
    """List the newest rows of the log, the newest first.

    \b
    Example: firsthand audit list --who dana --limit 20
    """
    from service.access.audit import Action, Wanted, rows

    doing: Action | None = next((one for one in get_args(Action) if one == action), None)
    wanted = Wanted(since=day(since), until=day(until), who=who, action=doing)
    with shell.library() as library:
        found = rows(library, wanted, limit)
    if shell.as_json:
        shell.document(found)
        return
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("There is nothing in the log that fits.")


def _line(row: Row) -> str:
    what = " ".join(filter(None, (row.action, row.kind, row.subject)))
    told = "".join(f", {name} {value}" for name, value in row.detail.items())
    result = "" if row.result in ("done", "allowed") else f"  {row.result}"
    place = f" at {row.address}" if row.address else ""
    return plain(
        f"{row.seq:>6}  {row.at:%Y-%m-%d %H:%M:%S}  {row.who} ({row.via}{place})  {what}{told}"
        f"{result}"
    )


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", metavar="D", help="On or after this day (YYYY-MM-DD, UTC).")
@click.option("--until", metavar="D", help="On or before this day.")
@command
def export(shell: Shell, file: Path, since: str | None, until: str | None) -> None:
    """Write the log to a new FILE, the oldest row first; its ending is .csv or .jsonl.

    \b
    Example: firsthand audit export 2026-06.csv --since 2026-06-01 --until 2026-06-30
    """
    from service.access.audit import FORMATS, Wanted, exported

    format_ = FORMATS.get(file.suffix.lower())
    if format_ is None:
        raise click.UsageError("Let FILE end in .csv or .jsonl.")
    wanted = Wanted(since=day(since), until=day(until))
    with shell.library() as library:
        try:
            with file.open("xb") as sink:
                sink.writelines(exported(library, format_, wanted))
        except FileExistsError:
            fail(f"There is a file {file} already; choose another name.")
        except OSError as problem:
            fail(f"{file} cannot be written ({problem.strerror}); choose another file.")
    if shell.as_json:
        shell.document({"written": str(file)})
    else:
        click.echo(f"Written to {plain(str(file))}.")


@audit.command()
@click.argument("noted", metavar="[HEAD]", required=False)
@command
def check(shell: Shell, noted: str | None) -> None:
    """See whether every row is as it was written, and none is missing.

    It prints the head: the number and hash of the last row. Keep it elsewhere, and give it the next
    time: then also rows that were cut off at the end are told, or a log that was made anew.

    \b
    Example: firsthand audit check 1204:5f2a…
    """
    head = None if noted is None else _head(noted)
    with shell.library() as library:
        found = library.audit.check(head)
    if shell.as_json:
        shell.document({"rows": found.rows, "head": _told(found), "wrong": found.wrong})
    elif found.wrong is None:
        click.echo(f"All {found.rows:,} rows are as they were written. Head: {_told(found) or '–'}")
    if found.wrong is not None:
        fail(f"The audit log is not as it was written. {found.wrong}")


def _head(text: str) -> Head:
    from ingest.audit_rows import Head

    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text.strip())
    if found is None:
        raise click.UsageError("HEAD is what `firsthand audit check` printed: a number, :, a hash.")
    return Head(int(found[1]), found[2])


def _told(found: Checked) -> str | None:
    return f"{found.head.seq}:{found.head.sha}" if found.head else None
