"""Commands that answer: ask, themes, memo, coverage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from service.cli.leaving import announce
from service.cli.reading import read_what_waits, see_to_what_waits
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


_verbose = click.option(
    "--verbose", is_flag=True, help="Print every quote, whole, and what did not check out."
)


@click.command()
@click.argument("question")
@_verbose
@filter_options
@command
def ask(shell: Shell, question: str, *, verbose: bool, **chosen: Unpack[Chosen]) -> None:
    """Answer a question in customers' own words.

    When nobody said it, the answer is no. Long lists are shortened unless --verbose. With a
    language model set, it writes the sentences; those that their quotes do not bear are dropped.
    The answer is kept: `firsthand answers` lists them.

    \b
    Example: firsthand ask "What do our top customers need?" --top 20
    """
    from service.answer_history import ask as answer_to
    from service.cli import render_answer
    from service.cli.progress import asking_model

    wanted = filters(chosen)
    with shell.library() as library:
        announce(shell, library, "ask")
        with asking_model(library, as_json=shell.as_json):
            answer = answer_to(library, question, wanted)
        names = account_names(library)
    if shell.as_json:
        shell.document(answer)
    else:
        render_answer.answer(answer, names, verbose=verbose)


@click.command()
@click.option(
    "--by",
    type=click.Choice(["arr", "accounts", "top", "mentions"]),
    default="arr",
    show_default=True,
    help="What ranks first.",
)
@_verbose
@filter_options
@command
def themes(shell: Shell, by: By, *, verbose: bool, **chosen: Unpack[Chosen]) -> None:
    """Your themes, counted and ranked; then what could be one.

    A theme is confirmed when it is in the codebook. With a language model set, it first reads what
    waits; the themes that it names are ranked after yours, within the same filters. Groups by
    likeness are offered over all calls, whatever the filters, and are never ranked. With --json all
    are those within the filters.

    \b
    Example: firsthand themes --top 20 --by accounts
    """
    from service.cli import render_themes
    from service.codebook import list_codes
    from service.shapes import Filters
    from service.themes import themes as themes_of

    wanted = filters(chosen)
    with shell.library() as library:
        see_to_what_waits(shell, library)
        found = themes_of(library, wanted, by=by)
        if shell.as_json:
            return shell.document(found)
        # A group is confirmed by its id among all calls; within filters it could have another.
        everywhere = found if wanted == Filters() else themes_of(library, Filters())
        names = account_names(library)
        with library.read() as connection:
            codes = list_codes(connection)
    render_themes.themes(
        [t for t in found if t.status == "confirmed"],
        [t for t in found if t.status == "candidate" and t.by == "model"],
        [t for t in everywhere if t.status == "candidate" and t.by != "model"],
        codes,
        names,
        by=by,
        program=shell.program,
        verbose=verbose,
    )
    return None


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
    """Draft the 30-day strategy memo.

    With a language model set, it first reads what waits.

    \b
    Example: firsthand memo --top 20 --start 2026-05-04 --out memo.docx
    """
    from service.cli import render
    from service.drafting import draft_and_save, read_vision
    from service.export import FORMATS
    from service.export import render as rendered

    kind = out.suffix.lower().lstrip(".") if out else ""
    if out and kind not in FORMATS:
        fail(f"{out.name} cannot be written: the ending must be one of .{', .'.join(FORMATS)}.")
    wanted, first = filters(chosen), day(start)
    told = read_vision(vision) if vision else None
    with shell.library() as library:
        announce(shell, library, "memo")
        read_what_waits(shell, library)  # a memo is not drafted without; nothing is asked twice
        drafted = draft_and_save(library, filters=wanted, start=first, vision=told)
        redaction = shell.redaction(library)
    if out:
        try:
            out.write_bytes(rendered(drafted, kind, redaction))
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
    help="First of the 30 days (YYYY-MM-DD); else as set, else the memo's, else the first call's.",
)
@click.option(
    "--goal",
    type=float,
    metavar="HOURS",
    help="A week should have more customer hours than this. [default: as set, or 1]",
)
@filter_options
@command
def coverage(shell: Shell, start: str | None, goal: float | None, **chosen: Unpack[Chosen]) -> None:
    """Who was listened to, who was not, and whom to call next.

    \b
    Example: firsthand coverage --top 20 --start 2026-05-04
    """
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
