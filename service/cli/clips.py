"""Commands that give quotes as sound: clip, reel."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.shell import Shell, command, fail
from service.cli.text import plain

if TYPE_CHECKING:
    from service.assembling import Captions
    from service.clips import Made, Place


@click.command()
@click.argument("call_id", metavar="CALL")
@click.argument("utterance", type=click.IntRange(0))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--words", metavar="TEXT", help="Only these words of it, as they stand there.")
@command
def clip(shell: Shell, call_id: str, utterance: int, file: Path, words: str | None) -> None:
    """Write what was said as a sound file (.m4a).

    Cut from the recording at the moment when UTTERANCE, a number as in `firsthand show CALL`, was
    said. What is masked in the text is silent, unless --originals.

    \b
    Example: firsthand clip LC-001 14 quote.m4a
    """
    from service.clips import Place
    from service.clips import clip as cut

    _require(file, ".m4a")
    with shell.library() as library:
        place = Place(call_id=call_id, utterance=utterance, words=words)
        made = cut(library, place, shell.redaction(library))
    _write(shell, made, file)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--answer", "answer_id", metavar="ID", help="The quotes of this answer.")
@click.option("--statement", "n", type=click.IntRange(1), metavar="N", help="Only its Nth one's.")
@click.option("--against", is_flag=True, help="Those of what speaks against the answer.")
@click.option("--theme", "theme_id", metavar="ID", help="The strongest quotes of this theme.")
@click.option("--picks", is_flag=True, help="What is picked for the memo.")
@click.option(
    "--quote", "quotes", multiple=True, metavar="CALL:UTTERANCE", help="This quote; repeatable."
)
@click.option(
    "--captions",
    type=click.Choice(["written", "spoken", "none"]),
    default="written",
    show_default=True,
    help="What leads each quote; written ones make an .mp4, the others an .m4a.",
)
@command
def reel(
    shell: Shell,
    file: Path,
    answer_id: str | None,
    n: int | None,
    against: bool,
    theme_id: str | None,
    picks: bool,
    quotes: tuple[str, ...],
    captions: Captions,
) -> None:
    """Write several quotes as one film or sound file.

    In their order, each a chapter, all as loud as one another. Captions are spoken by espeak-ng,
    where it is installed. What has no recording is left out. At most 50 quotes and 20 minutes.

    \b
    Example: firsthand reel needs.mp4 --answer answer-0123456789ab --statement 1
    """
    from service.reels import MOST, ReelOf
    from service.reels import reel as put_together

    _require(file, ".mp4" if captions == "written" else ".m4a")
    if sum((answer_id is not None, theme_id is not None, picks, bool(quotes))) != 1:
        raise click.UsageError("Give one of --answer, --theme, --picks and --quote.")
    if (n is not None or against) and answer_id is None:
        raise click.UsageError("--statement and --against go with --answer.")
    if len(quotes) > MOST:
        fail(f"These are {len(quotes)} quotes; a reel has {MOST} at most: take fewer.")
    with shell.library() as library:
        of = ReelOf(
            quotes=tuple(map(_place, quotes)),
            answer_id=answer_id,
            part="counter" if against else "statements",
            n=None if n is None else n - 1,
            theme_id=theme_id,
            picks=picks,
            captions=captions,
        )
        made = put_together(library, of, shell.redaction(library))
    _write(shell, made, file)


def _place(quote: str) -> Place:
    from service.clips import Place

    call_id, _, utterance = quote.rpartition(":")
    if not (call_id and utterance.isdecimal() and utterance.isascii()):
        fail(f"{quote} is no quote: write CALL:UTTERANCE, as in LC-001:14.")
    return Place(call_id=call_id, utterance=int(utterance))


def _require(file: Path, ending: str) -> None:
    if file.suffix.lower() != ending:
        raise click.UsageError(f"Let {file.name} end in {ending}.")


def _write(shell: Shell, made: Made, file: Path) -> None:
    with made.file:
        try:
            with file.open("wb") as out:
                shutil.copyfileobj(made.file, out)
        except OSError as problem:
            fail(f"{file} cannot be written ({os.strerror(problem.errno or 0)}).")
    if shell.as_json:
        shell.document({"written": str(file), "seconds": made.seconds, "note": made.note})
        return
    click.echo(f"Written to {file} ({made.seconds:.1f} s).")
    if made.note:
        click.echo(plain(made.note), err=True)


COMMANDS = (clip, reel)
