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
    from service.shapes import EvidenceKind


@click.group(cls=Listing)
def codebook() -> None:
    """The codebook: themes that you named, with what belongs to them. Alone it lists them."""


@codebook.command("list")
@click.option("--dismissed", is_flag=True, help="Also those that were put aside.")
@command
def list_(shell: Shell, dismissed: bool) -> None:
    """List the codes, pinned ones first."""
    from service.cli import render_codebook
    from service.codebook import list_codes

    with shell.library() as library, library.read() as connection:
        found = list_codes(connection, dismissed=dismissed)
    if shell.as_json:
        shell.document(found)
    else:
        render_codebook.codes(found)


@codebook.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@command
def import_(shell: Shell, file: Path) -> None:
    """Load or update codes from a .csv or .yaml file; only `label` is required."""
    from service.codebook_files import import_file

    with shell.library() as library:
        n = len(import_file(library, file))
    told(shell, {"imported": n}, f"{n} code{'s' * (n != 1)} loaded from {file.name}.")


@codebook.command()
@click.argument("file", type=click.Path(path_type=Path))
@command
def export(shell: Shell, file: Path) -> None:
    """Write the active codes to a file; its ending (.csv, .yaml) chooses the format."""
    from service.codebook_files import export as exported
    from service.codebook_files import format_of

    form = format_of(file)
    with shell.library() as library, library.read() as connection:
        data = exported(connection, form)
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
@click.option("--counterexample", "counterexamples", multiple=True, metavar="TEXT")
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
    """Write a new code."""
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
@click.option("--definition", metavar="TEXT")
@click.option("--include", metavar="TEXT")
@click.option("--exclude", metavar="TEXT")
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
    """Change what a code means; what is left out stays."""
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
    """Give a code another label; its id stays."""
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

    return click.command(name, help=summary)(click.argument("code")(verb))


for _name, _summary in (
    ("pin", "List a code first."),
    ("unpin", "List a code in its place again."),
    ("restore", "Take a dismissed code back."),
):
    codebook.add_command(_simple(_name, _summary))


@codebook.command()
@click.argument("code")
@command
def remove(shell: Shell, code: str) -> None:
    """Take a code out, with all that was judged about it."""
    from service import codebook as core

    with shell.library() as library:
        core.remove(library, code)
    told(shell, {"removed": code}, f"{code} is removed; `firsthand codebook undo` brings it back.")


@codebook.command()
@command
def undo(shell: Shell) -> None:
    """Take back the last change of the codebook; again, the one before."""
    from service import codebook as core

    with shell.library() as library:
        what = core.undo(library)
    told(shell, {"undone": what}, f"Taken back: {what}.")


@codebook.command()
@command
def history(shell: Shell) -> None:
    """List the changes that can be undone, the latest first."""
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
