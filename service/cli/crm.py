"""`firsthand crm`: accounts out of a CRM's exports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypedDict, TypeVar, Unpack

import click

from service.cli.shell import Shell, command
from service.cli.text import plain

if TYPE_CHECKING:
    from ingest.library import Library
    from service.crm.shapes import Choices, CrmPreview

P = ParamSpec("P")
R = TypeVar("R")


class Given(TypedDict):
    """What the options below say of a file, as click hands it over."""

    lines: str | None
    maps: tuple[str, ...]
    matches: tuple[str, ...]
    others: str | None
    dates: str | None
    decimal: str | None
    rates: tuple[str, ...]
    sums: tuple[str, ...]
    yes: bool


_OPTIONS = (
    click.option(
        "--map",
        "maps",
        multiple=True,
        metavar="COLUMN=FIELD",
        help="What a column is; COLUMN= leaves it out. Repeatable.",
    ),
    click.option(
        "--match",
        "matches",
        multiple=True,
        metavar="LINE=ACCOUNT",
        help="Whose a doubtful line is: an account's id, new, or skip. Repeatable.",
    ),
    click.option(
        "--others",
        type=click.Choice(["new", "skip"]),
        help="What becomes of all other doubtful lines.",
    ),
    click.option(
        "--lines",
        type=click.Choice(["accounts", "deals"]),
        help="What a line is, where the columns do not tell.",
    ),
    click.option(
        "--dates",
        type=click.Choice(["dmy", "mdy"]),
        help="Whether the day or the month stands first.",
    ),
    click.option(
        "--decimal", type=click.Choice(["point", "comma"]), help="What stands before cents."
    ),
    click.option(
        "--rate",
        "rates",
        multiple=True,
        metavar="EUR=1.08",
        help="Dollars for one of a currency. Repeatable.",
    ),
    click.option(
        "--sum",
        "sums",
        multiple=True,
        metavar="STAGE",
        help="Of deals: add their amounts up as ARR; all, or none. Repeatable.",
    ),
    click.option("--yes", is_flag=True, help="The mapping is right; do not ask."),
)


def _file_options(function: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return click.argument("file", type=click.Path(path_type=Path))(function)


@click.group()
def crm() -> None:
    """Accounts from a CRM's exports: look, then load.

    Takes the CSV files of HubSpot (companies, deals) and Salesforce (accounts, opportunities), and
    tables like them. Only fields that the file has are changed, and an empty cell changes nothing.
    """


@crm.command()
@_file_options
@command
def preview(shell: Shell, file: Path, **given: Unpack[Given]) -> None:
    """Say what a CRM's file would change.

    \b
    Example: firsthand crm preview companies.csv --rate EUR=1.08
    """
    from service.cli import render_crm
    from service.crm.applying import preview_crm

    data, choices = _read(file), _choices(given)
    with shell.library() as library:
        found = preview_crm(library, data, choices)
    if shell.as_json:
        shell.document(found)
    else:
        render_crm.preview(found)
    if found.questions or found.faults:
        raise SystemExit(1)


@crm.command()
@_file_options
@command
def apply(shell: Shell, file: Path, **given: Unpack[Given]) -> None:
    """Load a CRM's file into the accounts.

    In a terminal it asks what it cannot know, shows what would change, and asks whether to do it.
    Elsewhere it says what is to be answered with options, and changes nothing until all is.

    \b
    Example: firsthand crm apply companies.csv --yes --match 12=ACC-7 --match 15=new
    """
    from service.cli import render_crm
    from service.crm.applying import apply_crm, preview_crm

    data, choices = _read(file), _choices(given)
    with shell.library() as library:
        found = preview_crm(library, data, choices)
        if not shell.as_json and sys.stdin.isatty():
            found, choices = _ask(library, data, choices, found)
            if not (found.questions or found.faults or given["yes"]):
                render_crm.difference(found)
                click.confirm("Load this?", abort=True)
        if found.questions or found.faults:
            if shell.as_json:
                shell.document(found)
            else:
                render_crm.preview(found)
            raise SystemExit(1)
        done = apply_crm(
            library, data, choices, datetime.now(UTC), file_name=file.name, seen=found.seen
        )
    if shell.as_json:
        shell.document(done)
    else:
        render_crm.applied(done, shell.program)


@crm.command()
@command
def mappings(shell: Shell) -> None:
    """List the mappings that are remembered."""
    from service.cli import render_crm
    from service.crm.mappings import list_mappings

    with shell.library() as library, library.read() as connection:
        found = list_mappings(connection)
    if shell.as_json:
        shell.document(found)
    else:
        render_crm.mappings(found)


@crm.command()
@click.argument("mapping_id", metavar="ID")
@command
def forget(shell: Shell, mapping_id: str) -> None:
    """Forget a mapping: such files are asked about anew."""
    from service.crm.mappings import forget as forget_mapping

    with shell.library() as library, library.change() as connection:
        forget_mapping(connection, mapping_id)
    if shell.as_json:
        shell.document({"forgotten": mapping_id})
    else:
        click.echo(f"The mapping {plain(mapping_id)} is forgotten.")


@crm.command()
@command
def undo(shell: Shell) -> None:
    """Take the last import from a CRM back."""
    from service.crm.applying import undo_crm

    with shell.library() as library:
        done = undo_crm(library)
    if shell.as_json:
        shell.document(done)
    else:
        click.echo(
            f"{plain(done.file_name)} is taken back: {done.removed} new accounts removed, "
            f"{done.put_back} as they were before."
        )


@crm.command("calls")
@command
def calls_(shell: Shell) -> None:
    """List calls without an account, and whose they may be.

    An account is offered where the e-mail addresses of a call's customers are at its domain, and at
    no other's. `firsthand calls` and the page set it; nothing does by itself.
    """
    from service.cli import render_crm
    from service.crm.calls import call_matches

    with shell.library() as library, library.read() as connection:
        found = call_matches(connection)
    if shell.as_json:
        shell.document(found)
    else:
        render_crm.calls(found)


def _ask(
    library: Library, data: bytes, choices: Choices, found: CrmPreview
) -> tuple[CrmPreview, Choices]:
    """Ask until nothing is left to ask."""
    from service.cli import crm_questions
    from service.crm.applying import preview_crm

    while found.questions:
        choices = crm_questions.answer(found, choices)
        found = preview_crm(library, data, choices)
    return found, choices


def _read(file: Path) -> bytes:
    from ingest.errors import NotFound, TooLarge
    from service.crm.table import LARGEST

    if not file.is_file():
        raise NotFound(f"{file.name}: there is no such file; check the path.")
    if file.stat().st_size > LARGEST:
        raise TooLarge(
            f"{file.name} has {file.stat().st_size:,} bytes and may have {LARGEST:,}; export fewer "
            "columns, or part it."
        )
    return file.read_bytes()


def _choices(given: Given) -> Choices:
    """Raises ``BadInput`` for an option that says nothing that could be meant."""
    from pydantic import ValidationError

    from ingest.errors import BadInput
    from service.crm.shapes import ALL, Choices

    stages: tuple[str, ...] | None = None
    if given["sums"]:
        stages = () if "none" in given["sums"] else given["sums"]
        stages = (ALL,) if "all" in given["sums"] else stages
    try:
        return Choices.model_validate(
            {
                "kind": given["lines"],
                "columns": _pairs("--map", given["maps"]),
                "mapping_is_right": given["yes"],
                "matches": _pairs("--match", given["matches"]),
                "others": given["others"],
                "dates": given["dates"],
                "decimal": given["decimal"],
                "rates": _pairs("--rate", given["rates"]),
                "stages": stages,
            }
        )
    except ValidationError as problem:
        first = problem.errors()[0]
        names = {"columns": "--map", "matches": "--match", "rates": "--rate"}
        where = names.get(str(first["loc"][0]), str(first["loc"][0]))
        raise BadInput(f"{where} cannot be read: {first['msg']}.") from problem


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    from ingest.errors import BadInput

    found = {}
    for one in given:
        name, equals, value = one.rpartition("=") if option == "--map" else one.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"{option} {one[:80]!r} has no = in it; write NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found
