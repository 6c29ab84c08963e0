"""What people judge, on the command line: what belongs to a code, and codes made of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from service.cli.shell import Shell, command, fail

if TYPE_CHECKING:
    from service.shapes import Code, EvidenceKind

KINDS = click.Choice(["pain", "request", "praise", "risk", "competitor"])


@click.command()
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, metavar="CODE", help="The code that stays.")
@command
def merge(shell: Shell, codes: tuple[str, ...], into: str) -> None:
    """Merge codes into one, which answers under their ids from then on.

    \b
    Example: firsthand codebook merge code-1a2b code-3c4d --into code-5e6f
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.merge(library, codes, into))


@click.command()
@click.argument("code")
@click.argument("label")
@click.argument("places", nargs=-1, required=True, metavar="CALL:UTTERANCE...")
@command
def split(shell: Shell, code: str, label: str, places: tuple[str, ...]) -> None:
    """Move words of a code to a new one.

    \b
    Example: firsthand codebook split code-1a2b "New label" LC-001:14 LC-002:3
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.split(library, code, label, [_place(text) for text in places]))


def _place(text: str) -> tuple[str, int]:
    call_id, _, number = text.rpartition(":")
    if not call_id or not number.isdecimal():
        fail(f"{text!r} is not CALL:UTTERANCE, for example LC-001:14.")
    return call_id, int(number)


@click.command()
@click.argument("candidate")
@click.option(
    "--label",
    metavar="L",
    help="What you call it; no other code may have it. Else the model's name for it.",
)
@click.option("--definition", metavar="TEXT", help="What it means. Else as the model has it.")
@click.option("--kind", type=KINDS, help="Else that of most of its words.")
@command
def confirm(
    shell: Shell,
    candidate: str,
    label: str | None,
    definition: str | None,
    kind: EvidenceKind | None,
) -> None:
    """Make a candidate a code: a theme that is counted and ranked.

    Its quotes become the words that belong to it. `firsthand themes` lists the candidates. What a
    language model named can be confirmed under its name; a group by likeness needs one of yours.

    \b
    Example: firsthand codebook confirm theme-1a2b3c
             firsthand codebook confirm theme-1a2b3c --label "False alarms at night"
    """
    from service import deciding

    with shell.library() as library:
        show(shell, deciding.confirm(library, candidate, label, definition=definition, kind=kind))


@click.command()
@click.argument("code")
@click.argument("call_id", metavar="CALL")
@click.argument("utterance", type=int)
@click.argument("verdict", type=click.Choice(["confirm", "reject", "clear"]))
@command
def judge(
    shell: Shell,
    code: str,
    call_id: str,
    utterance: int,
    verdict: Literal["confirm", "reject", "clear"],
) -> None:
    """Say that an utterance belongs to a code or does not, or take that back.

    \b
    Example: firsthand codebook judge code-1a2b LC-001 14 reject
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.judge(library, code, call_id, utterance, verdict))


@click.command()
@click.argument("call_id", metavar="CALL")
@click.argument("utterance", type=int)
@click.argument("code")
@click.option("--from", "from_code", metavar="CODE", help="The code it does not belong to.")
@command
def attach(shell: Shell, call_id: str, utterance: int, code: str, from_code: str | None) -> None:
    """Put an utterance under a code, away from another one.

    \b
    Example: firsthand codebook attach LC-001 14 code-1a2b --from code-3c4d
    """
    from service import codebook as core

    with shell.library() as library:
        show(shell, core.attach(library, call_id, utterance, code, from_code))


@click.command()
@click.argument("code", metavar="CODE_OR_CANDIDATE")
@command
def dismiss(shell: Shell, code: str) -> None:
    """Put a code or a candidate group aside: it is no longer offered or ranked.

    \b
    Example: firsthand codebook dismiss theme-1a2b3c
    """
    from service import codebook as core
    from service import deciding

    with shell.library() as library:
        verb = deciding.dismiss if code.startswith("theme-") else core.dismiss
        show(shell, verb(library, code))


def show(shell: Shell, code: Code) -> None:
    from service.cli import render_codebook

    if shell.as_json:
        shell.document(code)
    else:
        render_codebook.changed(code)


def told(shell: Shell, document: object, sentence: str) -> None:
    from service.cli.text import plain

    if shell.as_json:
        shell.document(document)
    else:
        click.echo(plain(sentence))


COMMANDS = (merge, split, confirm, dismiss, judge, attach)
