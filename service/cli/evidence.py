"""The command about a call's evidence: see what was read in it, and correct that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.codebook_judging import KINDS
from service.cli.groups import Listing
from service.cli.shell import Shell, command

if TYPE_CHECKING:
    from service.call_ledger import LedgerItem
    from service.shapes import EvidenceKind


@click.group(cls=Listing)
def evidence() -> None:
    """What counts as evidence in a call; your corrections.

    Your edits win over what is read, also when the call is heard again.

    \b
    Example: firsthand evidence LC-001
    """


@evidence.command("list")
@click.argument("call_id", metavar="[CALL]", required=False)
@command
def list_(shell: Shell, call_id: str | None) -> None:
    """List the evidence of a call; without CALL, how much there is in each.

    With --json, and without CALL, the evidence of all of them.

    \b
    Example: firsthand evidence list LC-001
    """
    from ingest.store import get_call, list_calls
    from service.call_ledger import ledger_of
    from service.cli import render_codebook

    with shell.library() as library:
        with library.read() as connection:
            calls = [get_call(connection, call_id)] if call_id else list_calls(connection)
        found = [(call, ledger_of(library, call.call_id)) for call in calls]
    if call_id or shell.as_json:
        _show(shell, [item for _, items in found for item in items])
    else:
        render_codebook.evidence_by_call(found)


@evidence.command()
@click.argument("call_id", metavar="CALL")
@click.argument("utterance", type=int)
@click.option("--words", metavar="TEXT", help="Words of the utterance; all of it by default.")
@click.option("--kind", type=KINDS, required=True, help="What it is.")
@click.option(
    "--strength",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="How much it matters.",
)
@command
def add(
    shell: Shell,
    call_id: str,
    utterance: int,
    words: str | None,
    kind: EvidenceKind,
    strength: int,
) -> None:
    """Add words of an utterance as evidence.

    \b
    Example: firsthand evidence add LC-001 14 --kind pain --words "we lose a day"
    """
    from service import editing

    with shell.library() as library:
        added = editing.add(library, call_id, utterance, kind, words=words, strength=strength)
    _show(shell, added)


@evidence.command()
@click.argument("evidence_id", metavar="ID")
@command
def reject(shell: Shell, evidence_id: str) -> None:
    """Take an item out: it is no evidence. `firsthand evidence restore ID` takes that back.

    \b
    Example: firsthand evidence reject LC-001:14:0-120
    """
    from service import editing

    with shell.library() as library:
        _show(shell, editing.reject(library, evidence_id))


@evidence.command()
@click.argument("evidence_id", metavar="ID")
@click.argument("kind", type=KINDS)
@click.option("--strength", type=click.IntRange(1, 3), help="How much it matters; else it stays.")
@command
def kind(shell: Shell, evidence_id: str, kind: EvidenceKind, strength: int | None) -> None:
    """Say what kind of evidence an item is.

    \b
    Example: firsthand evidence kind LC-001:14:0-120 request --strength 3
    """
    from service import editing

    with shell.library() as library:
        _show(shell, editing.rekind(library, evidence_id, kind, strength))


@evidence.command()
@click.argument("evidence_id", metavar="ID")
@command
def restore(shell: Shell, evidence_id: str) -> None:
    """Take back the last edit of an item.

    \b
    Example: firsthand evidence restore LC-001:14:0-120
    """
    from service import editing

    with shell.library() as library:
        left = editing.restore(library, evidence_id)
    if left is None and not shell.as_json:
        click.echo("The edit is taken back; these words are no evidence now.")
    else:
        _show(shell, left)


def _show(shell: Shell, found: LedgerItem | list[LedgerItem] | None) -> None:
    from service.cli import render_codebook

    if shell.as_json:
        shell.document(found)
    elif found is not None:
        render_codebook.evidence(found if isinstance(found, list) else [found])


COMMANDS = (evidence,)
