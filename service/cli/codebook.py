"""The command about the codebook: what people call a theme, and what belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli import codebook_judging
from service.cli.codebook_judging import KINDS, show, told
from service.cli.groups import Listing
from service.cli.shell import Shell, command, fail

if TYPE_CHECKING:
    from service.shapes import CodeStatus, EvidenceKind


@click.group(cls=Listing)
def codebook() -> None:
    """Your themes: name, confirm, merge, judge, undo; files.

    Each is a code with the words that belong to it. Alone the command lists the codes, with CODE it
    shows one. Every change can be undone.

    \b
    Example: firsthand codebook
    """


@codebook.command("list")
@click.argument("code", metavar="[CODE]", required=False)
@click.option("--dismissed", is_flag=True, help="Also those that were put aside.")
@command
def list_(shell: Shell, code: str | None, *, dismissed: bool) -> None:
    """List the codes, pinned ones first; with CODE show that one, whole.

    \b
    Example: firsthand codebook list --dismissed
    """
    from service.cli import render_codebook
    from service.codebook import get_code, list_codes

    with shell.library() as library, library.read() as connection:
        one = get_code(connection, code) if code else None
        found = list_codes(connection, dismissed=dismissed)
    if shell.as_json:
        shell.document(one or found)
    elif one:
        render_codebook.code(one)
    else:
        render_codebook.codes(found, shell.program)


@codebook.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@command
def import_(shell: Shell, file: Path) -> None:
    """Load or update codes from a .csv or .yaml file; only `label` is required.

    CSV columns: label,definition,include,exclude,kind,examples,counterexamples.

    \b
    Example: firsthand codebook import codes.csv
    """
    from service.codebook_files import import_file

    with shell.library() as library:
        n = len(import_file(library, file))
    told(shell, {"imported": n}, f"{n} code{'s' * (n != 1)} loaded from {file.name}.")


@codebook.command()
@click.argument("file", type=click.Path(path_type=Path))
@command
def export(shell: Shell, file: Path) -> None:
    """Write the active codes to a file; its ending (.csv, .yaml) chooses the format.

    \b
    Example: firsthand codebook export codes.yaml
    """
    from service.codebook_files import export as exported
    from service.codebook_files import format_of

    form = format_of(file)
    with shell.library() as library, library.read() as connection:
        data = exported(connection, form, shell.redaction(library))
    try:
        file.write_bytes(data)
    except OSError as error:
        fail(f"{file} cannot be written ({error.strerror}); choose another place.")
    told(shell, {"exported": str(file)}, f"The codebook is in {file}.")


@codebook.command()
@click.argument("label")
@click.option("--definition", default="", metavar="TEXT", help="What it means.")
@click.option("--include", default="", metavar="TEXT", help="Words and cases that belong to it.")
@click.option("--exclude", default="", metavar="TEXT", help="Those that do not.")
@click.option("--kind", type=KINDS, default="pain", show_default=True)
@click.option("--example", "examples", multiple=True, metavar="TEXT", help="Words; repeatable.")
@click.option(
    "--counterexample",
    "counterexamples",
    multiple=True,
    metavar="TEXT",
    help="Words that do not belong to it; repeatable.",
)
@command
def add(
    shell: Shell,
    label: str,
    *,
    definition: str,
    include: str,
    exclude: str,
    kind: EvidenceKind,
    examples: tuple[str, ...],
    counterexamples: tuple[str, ...],
) -> None:
    """Write a new code.

    Its definition is what customers' words are held against: the clearer, the better.

    \b
    Example: firsthand codebook add "False alarms" --definition "The alarm rings for nothing"
    """
    from service import codebook as core

    new = core.NewCode(
        label=label,
        definition=definition,
        include=include,
        exclude=exclude,
        kind=kind,
        examples=examples,
        counterexamples=counterexamples,
    )
    with shell.library() as library:
        show(shell, core.add(library, new))


@codebook.command()
@click.argument("code")
@click.option("--definition", metavar="TEXT", help="What it means.")
@click.option("--include", metavar="TEXT", help="Words and cases that belong to it.")
@click.option("--exclude", metavar="TEXT", help="Those that do not.")
@click.option("--kind", type=KINDS)
@command
def describe(
    shell: Shell,
    code: str,
    definition: str | None,
    include: str | None,
    exclude: str | None,
    kind: EvidenceKind | None,
) -> None:
    """Change what a code means; what is left out stays.

    \b
    Example: firsthand codebook describe code-1a2b --exclude "Alarms that were real"
    """
    from service import codebook as core

    with shell.library() as library:
        changed = core.describe(
            library, code, definition=definition, include=include, exclude=exclude, kind=kind
        )
    show(shell, changed)


@codebook.command()
@click.argument("code")
@click.argument("label")
@command
def rename(shell: Shell, code: str, label: str) -> None:
    """Give a code another label; its id stays.

    \b
    Example: firsthand codebook rename code-1a2b "Alarms at night"
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.rename(library, code, label))


def _simple(name: str, summary: str) -> click.Command:
    """A command that takes one code and calls the verb of its name."""

    @command
    def verb(shell: Shell, code: str) -> None:
        from service import codebook as core

        verbs = {
            "pin": core.pin,
            "unpin": core.unpin,
            "dismiss": core.dismiss,
            "restore": core.restore,
        }
        with shell.library() as library:
            show(shell, verbs[name](library, code))

    told = f"{summary}\n\n\b\nExample: firsthand codebook {name} code-1a2b"
    return click.command(name, help=told)(click.argument("code")(verb))


for _name, _summary in (
    ("pin", "List a code first, whatever its rank."),
    ("unpin", "List a code in its place again."),
    ("restore", "Take a dismissed code back."),
):
    codebook.add_command(_simple(_name, _summary))


@codebook.command()
@click.argument("code")
@click.argument("status", type=click.Choice(["open", "planned", "shipped", "declined"]))
@command
def status(shell: Shell, code: str, status: CodeStatus) -> None:
    """Say what became of a need: planned, shipped …

    Once it is shipped, `firsthand loop` lists who is to hear of it.

    \b
    Example: firsthand codebook status code-1a2b shipped
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.set_status(library, code, status))


@codebook.command()
@click.argument("code")
@command
def remove(shell: Shell, code: str) -> None:
    """Take a code out, with all that was judged about it.

    \b
    Example: firsthand codebook remove code-1a2b
    """
    from service import codebook as core

    with shell.library() as library:
        core.remove(library, code)
    told(shell, {"removed": code}, f"{code} is removed; `firsthand codebook undo` brings it back.")


@codebook.command()
@command
def undo(shell: Shell) -> None:
    """Take back the last change of the codebook; again, the one before.

    \b
    Example: firsthand codebook undo
    """
    from service import codebook as core

    with shell.library() as library:
        what = core.undo(library)
    told(shell, {"undone": what}, f"Taken back: {what}.")


@codebook.command()
@command
def history(shell: Shell) -> None:
    """List the changes that can be undone, the latest first.

    \b
    Example: firsthand codebook history
    """
    from service.cli import render_codebook
    from service.codebook import history as changes

    with shell.library() as library, library.read() as connection:
        found = changes(connection)
    if shell.as_json:
        shell.document(found)
    else:
        render_codebook.history(found)


for _judging in codebook_judging.COMMANDS:
    codebook.add_command(_judging)

COMMANDS = (codebook,)
