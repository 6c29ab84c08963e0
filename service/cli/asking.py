"""Commands that answer: ask, themes, memo, coverage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from service.cli.shell import (
    Chosen,
    Shell,
    account_names,
    command,
    day,
    fail,
    filter_options,
    filters,
)

if TYPE_CHECKING:
    from service.themes import By


@click.command()
@click.argument("question")
@filter_options
@command
def ask(shell: Shell, question: str, **chosen: Unpack[Chosen]) -> None:
    """Answer a question from what customers said, in their own words."""
    from service.ask import ask as answer_to
    from service.cli import render

    with shell.library() as library:
        answer = answer_to(library, question, filters(chosen))
        names = account_names(library)
    if shell.as_json:
        shell.document(answer)
    else:
        render.answer(answer, names)


@click.command()
@click.option(
    "--by",
    type=click.Choice(["arr", "accounts", "top", "mentions"]),
    default="arr",
    show_default=True,
    help="What ranks first.",
)
@filter_options
@command
def themes(shell: Shell, by: By, **chosen: Unpack[Chosen]) -> None:
    """What customers need, like and threaten, ranked by the revenue behind it."""
    from service.cli import render
    from service.themes import themes as themes_of

    with shell.library() as library:
        found = themes_of(library, filters(chosen), by=by)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render.themes(found, names)


@click.command()
@click.option("--vision", type=click.Path(path_type=Path), metavar="FILE", help="Your vision text.")
@click.option("--start", metavar="D", help="First of the 30 days (YYYY-MM-DD).")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it; the ending (.md .docx .pdf .html) chooses the format.",
)
@filter_options
@command
def memo(
    shell: Shell, vision: Path | None, start: str | None, out: Path | None, **chosen: Unpack[Chosen]
) -> None:
    """Draft the 30-day strategy memo."""
    from service.cli import render
    from service.drafting import draft_and_save, read_vision
    from service.export import FORMATS
    from service.export import render as rendered

    kind = out.suffix.lower().lstrip(".") if out else ""
    if out and kind not in FORMATS:
        fail(f"{out.name} cannot be written: the ending must be one of .{', .'.join(FORMATS)}.")
    with shell.library() as library:
        drafted = draft_and_save(
            library,
            filters=filters(chosen),
            start=day(start),
            vision=read_vision(vision) if vision else None,
        )
    if out:
        try:
            out.write_bytes(rendered(drafted, kind))
        except OSError as error:
            fail(f"{out} cannot be written ({error.strerror}); the memo is kept as {drafted.id}.")
    if shell.as_json:
        shell.document(drafted)
    else:
        render.memo(drafted, str(out) if out else None)


@click.command()
@click.option(
    "--start",
    metavar="D",
    help="First of the 30 days (YYYY-MM-DD); else the memo's, else the first call's.",
)
@click.option(
    "--goal",
    type=float,
    default=1.0,
    show_default=True,
    metavar="HOURS",
    help="A week should have more customer hours than this.",
)
@filter_options
@command
def coverage(shell: Shell, start: str | None, goal: float, **chosen: Unpack[Chosen]) -> None:
    """Who was listened to, who was not, and whom to call next."""
    from datetime import UTC, datetime

    from service.cli import render_coverage
    from service.coverage import report

    today = datetime.now(UTC).date()
    with shell.library() as library:
        found = report(library, filters(chosen), day(start), today, goal)
        names = account_names(library)
    if shell.as_json:
        shell.document(found)
    else:
        render_coverage.coverage(found, names)


COMMANDS = (ask, themes, memo, coverage)
