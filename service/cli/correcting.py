"""Commands that correct a call: who is who, who said it, what was really said; and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.cli.shell import Shell, command, fail

if TYPE_CHECKING:
    from ingest.corrections import NewSpeaker, SpeakerFix, UtteranceFix
    from ingest.models import Role
    from service.reading import CallText


@click.command()
@click.argument("call_id", metavar="CALL")
@click.argument("fixes", nargs=-1, metavar="[LABEL=NAME:ROLE]...")
@click.option(
    "--merge",
    "merges",
    multiple=True,
    metavar="LABEL=INTO",
    help="One voice was split in two: what LABEL said is INTO's.",
)
@command
def speakers(shell: Shell, call_id: str, fixes: tuple[str, ...], merges: tuple[str, ...]) -> None:
    """See who is who in a call, or correct it.

    `firsthand correct CALL --undo` takes a correction back.

    ROLE is customer or internal. NAME or :ROLE may be left out. Where a language model read in the
    talk who a speaker is, the name and the words are shown; nothing is put in place by itself.

    \b
    Example: firsthand speakers LC-001 S1="Ana Diaz:customer" --merge S3=S1
    """
    from service.cli import render
    from service.correcting import correct
    from service.reading import read_call

    corrections = dict(_fix(text) for text in fixes)
    merge = dict(_merge(text) for text in merges)
    with shell.library() as library:
        if corrections or merge:
            correct(library, call_id, speakers=corrections, merge=merge)
        call = read_call(library, call_id)
    if shell.as_json:
        suggested = {one.label: one for one in call.suggested}
        shell.document([{**dict(s), "suggested": suggested.get(s.label)} for s in call.speakers])
    else:
        render.speakers(call)
        render.suggested(call, shell.program)


@click.command()
@click.argument("call_id", metavar="CALL")
@click.argument("number", metavar="[UTTERANCE]", type=int, required=False)
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--speaker", metavar="LABEL", help="Who said it, by label.")
@click.option("--new-speaker", metavar="NAME[:ROLE]", help="Who said it, not told apart so far.")
@click.option("--restore", is_flag=True, help="As it was heard: its text, and its speaker.")
@click.option("--undo", "taken_back", is_flag=True, help="Take back the newest correction.")
@command
def correct(
    shell: Shell,
    call_id: str,
    number: int | None,
    text: str | None,
    speaker: str | None,
    new_speaker: str | None,
    *,
    restore: bool,
    taken_back: bool,
) -> None:
    """Correct what was said in a call, or who said it.

    Alone it lists the corrections of CALL. What was heard stays and can be restored. All that
    follows is computed anew.

    \b
    Example: firsthand correct LC-001 14 "We use Larkspur daily." --speaker S2
    """
    from ingest import corrections as core
    from ingest.correction_log import corrections
    from ingest.store import get_call
    from service import correcting
    from service.cli import render_corrections
    from service.reading import read_call

    given = [text, speaker, new_speaker, restore or None]
    if taken_back and number is not None:
        raise click.UsageError("--undo takes back the newest correction; give no utterance.")
    if number is None and any(given):
        raise click.UsageError("Give the number of the utterance.")
    if number is not None and not any(one is not None for one in given):
        raise click.UsageError("Give the text, --speaker, --new-speaker or --restore.")
    if (restore and any(given[:3])) or (speaker and new_speaker):
        raise click.UsageError("Give --restore alone, and only one of the speakers.")
    with shell.library() as library:
        if taken_back:
            undone = core.undo(library, call_id)
            if shell.as_json:
                shell.document({"undone": undone})
            else:
                render_corrections.undone(undone)
            return
        if number is None:
            with library.read() as connection:
                get_call(connection, call_id)
                found = corrections(connection, call_id)
            if shell.as_json:
                shell.document(found)
            else:
                render_corrections.corrections(found)
            return
        fix = _said(text, speaker, new_speaker)
        if restore:
            fix = _as_heard(read_call(library, call_id), number)
        correcting.correct(library, call_id, utterances={number: fix})
        after = read_call(library, call_id)
    if shell.as_json:
        shell.document(next(u for u in after.utterances if u.i == number))
    else:
        render_corrections.utterance(after, number)


def _as_heard(call: CallText, number: int) -> UtteranceFix:
    from ingest.corrections import UtteranceFix

    utterance = next((u for u in call.utterances if u.i == number), None)
    if utterance is None:
        return UtteranceFix()  # the core says that there is none
    # Who was heard may be somebody else's voice by now: merged, the label is gone.
    labels = {one.label for one in call.speakers}
    was = utterance.original_speaker
    return UtteranceFix(utterance.original, was if was in labels else None)


def _said(text: str | None, speaker: str | None, new_speaker: str | None) -> UtteranceFix:
    from ingest.corrections import UtteranceFix

    return UtteranceFix(text, speaker if new_speaker is None else _new(new_speaker))


def _new(text: str) -> NewSpeaker:
    from ingest.corrections import NewSpeaker

    name, role = _name_and_role(text, text)
    if not name:
        fail(f'{text!r} has no name; give NAME:ROLE, for example "Ana Diaz:customer".')
    return NewSpeaker(name, role)


def _merge(text: str) -> tuple[str, str]:
    label, _, into = text.partition("=")
    if not label or not into:
        fail(f"{text!r} is not LABEL=INTO, for example S3=S1.")
    return label, into


def _fix(text: str) -> tuple[str, SpeakerFix]:
    from ingest.corrections import SpeakerFix

    label, equals, rest = text.partition("=")
    name, role = _name_and_role(rest, text)
    if not equals or not label or not (name or role):
        fail(f'{text!r} is not LABEL=NAME:ROLE, for example S1="Ana Diaz:customer".')
    return label, SpeakerFix(name, role)


def _name_and_role(text: str, whole: str) -> tuple[str | None, Role | None]:
    name, _, role = text.rpartition(":") if ":" in text else (text, "", "")
    if role == "customer":
        return name or None, "customer"
    if role == "internal":
        return name or None, "internal"
    if role:
        fail(f"The role in {whole!r} is {role!r}; it can be customer or internal.")
    return name or None, None


COMMANDS = (speakers, correct)
