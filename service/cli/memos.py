"""The command about memos that are kept: read one, work on its text, see what changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.groups import Listing
from service.cli.shell import Shell, command, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from service.edited.difference import Change

_memo = click.argument("memo_id", metavar="MEMO")
_version = click.option("--version", "n", type=int, help="Which version; 0 is the draft.")


@click.group(cls=Listing)
def memos() -> None:
    """The memos you drafted, and their versions.

    A memo's text is Markdown. A sentence about customers ends with what it rests on, as in
    [^LC-001:14]: utterance 14 of that call.

    \b
    Example: firsthand memos show MEMO > memo.txt
    """


@memos.command("list")
@command
def list_(shell: Shell) -> None:
    """List the memos, the newest first.

    \b
    Example: firsthand memos list
    """
    from service.kept import list_memos

    with shell.library() as library, library.read() as connection:
        found = list_memos(connection)
    if shell.as_json:
        return shell.document(found)
    for one in found:
        edited = f", version {one.versions}" if one.versions else ""
        click.echo(f"{one.id}  {one.as_of}  {plain(one.title)}{edited}")
    if not found:
        click.echo("There is none yet; draft one with `firsthand memo`.")
    return None


@memos.command()
@_memo
@_version
@command
def show(shell: Shell, memo_id: str, n: int | None) -> None:
    """Print a memo's text, the newest version unless --version says which.

    \b
    Example: firsthand memos show MEMO --version 0
    """
    from service.edited.versions import version

    with shell.library() as library, library.read() as connection:
        found = version(library, connection, memo_id, n)
        redaction = shell.redaction(library)
    if shell.as_json:
        shell.document(found)
    else:
        # A file gets the text as it is; a terminal obeys nothing in it.
        text = redaction.text(found.text)
        click.echo(_harmless(text) if sys.stdout.isatty() else text, nl=False)


@memos.command()
@_memo
@command
def versions(shell: Shell, memo_id: str) -> None:
    """List a memo's versions, the newest first.

    \b
    Example: firsthand memos versions MEMO
    """
    from service.edited.versions import versions as of

    with shell.library() as library, library.read() as connection:
        found = of(connection, memo_id)
    if shell.as_json:
        return shell.document(found)
    for one in found:
        click.echo(f"{one.n:>3}  {one.created_at:%Y-%m-%d %H:%M}  {plain(one.note)}")
    return None


@memos.command()
@_memo
@click.argument("before", type=int)
@click.argument("after", type=int)
@command
def diff(shell: Shell, memo_id: str, before: int, after: int) -> None:
    """Show what is different between two versions.

    \b
    Example: firsthand memos diff MEMO 0 1
    """
    from service.edited.difference import difference
    from service.edited.versions import version

    with shell.library() as library, library.read() as connection:
        old = version(library, connection, memo_id, before)
        new = version(library, connection, memo_id, after)
        redaction = shell.redaction(library)
    # Masked first: a difference may cut through a number.
    found = difference(redaction.text(old.text), redaction.text(new.text))
    if shell.as_json:
        return shell.document(found)
    for change in found:
        if change.op != "same":
            click.echo(_harmless(_told(change)))
    return None


@memos.command()
@_memo
@click.argument("file", type=click.Path(path_type=Path))
@command
def check(shell: Shell, memo_id: str, file: Path) -> None:
    """Say which sentences about customers in FILE do not rest on their words; status 1 if any.

    Nothing is kept.

    \b
    Example: firsthand memos check MEMO memo.txt
    """
    from service.edited.document import findings

    text = _text(file)
    with shell.library() as library:
        found = findings(library, memo_id, text)
    if shell.as_json:
        shell.document(found)
    else:
        for one in found.sentences:
            if one.failing:
                words = " ".join(text[one.start : one.end].split())
                why = f" ({one.why})" if one.why else ""
                click.echo(f"{file.name}:{one.line}: {one.status}{plain(why)}: {plain(words)}")
        click.echo(f"{found.checked} sentences, {found.failing} without evidence.")
    if found.failing:
        raise SystemExit(1)


@memos.command()
@_memo
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--base", type=int, required=True, help="The version that FILE was made from.")
@click.option("--note", default="", help="What you changed.")
@command
def save(shell: Shell, memo_id: str, file: Path, base: int, note: str) -> None:
    """Save FILE as the newest version of a memo.

    \b
    Example: firsthand memos save MEMO memo.txt --base 0 --note "our bets"
    """
    from service.edited.versions import save as keep

    with shell.library() as library:
        made = keep(library, memo_id, _text(file), base, note)
    if shell.as_json:
        shell.document(made)
    else:
        click.echo(f"Saved as version {made.n}.")


@memos.command()
@_memo
@click.argument("out", type=click.Path(path_type=Path), metavar="FILE")
@_version
@command
def export(shell: Shell, memo_id: str, out: Path, n: int | None) -> None:
    """Write a memo as FILE; its ending (.md .docx .pdf .html) chooses the format.

    \b
    Example: firsthand memos export MEMO memo.docx
    """
    from service.edited.versions import file as written
    from service.export import FORMATS

    kind = out.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        fail(f"{out.name} cannot be written: the ending must be one of .{', .'.join(FORMATS)}.")
    with shell.library() as library:
        body = written(library, memo_id, kind, n, shell.redaction(library))
    try:
        out.write_bytes(body)
    except OSError as error:
        fail(f"{out} cannot be written ({error.strerror}).")
    click.echo(f"Written to {out}.")


def _harmless(text: str) -> str:
    return "\n".join(map(plain, text.split("\n")))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror}).")
    except UnicodeDecodeError:
        fail(f"{file.name} is not UTF-8 text; save it as plain text.")


def _told(change: Change) -> str:
    sign = {"same": "", "added": "{+", "removed": "[-"}
    end = {"same": "", "added": "+}", "removed": "-]"}
    return "".join(f"{sign[p.op]}{p.text}{end[p.op]}" for p in change.parts)


COMMANDS = (memos,)
