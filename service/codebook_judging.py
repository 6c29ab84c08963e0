"""What people judge: which words belong to a code and which do not, and codes made of judgements.

A judgement is about a place, an utterance of a call, and keeps the words it was made on: the
ledger's quote there when there is one, else the whole utterance. There is one for a code and a
place; the last one holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.library import Library
from ingest.store import get_call
from ingest.tables import codes, evidence, judgements, utterances
from service.codebook_entry import NewCode, checked, folded
from service.codebook_store import (
    Judgement,
    State,
    Verdict,
    called,
    get_code,
    insert_code,
    insert_judgements,
    judgements_of,
    new_id,
    refuse_crowd,
    refuse_taken,
)
from service.codebook_undo import merged, put_merged, record
from service.shapes import Code, EvidenceKind, Theme


def judge(
    library: Library,
    code_id: str,
    call_id: str,
    utterance: int,
    verdict: Literal["confirm", "reject", "clear"],
) -> Code:
    """Say that an utterance belongs to the code or does not, or take back what was said.

    Raises ``NotFound`` for the code and the call, ``BadInput`` for the utterance.
    """
    with library.change() as connection:
        code = get_code(connection, code_id)
        words = _words_at(connection, call_id, utterance)
        done = {"confirm": "confirmed", "reject": "rejected", "clear": "cleared"}[verdict]
        record(connection, f"{done} words of {call_id} for {called(code.label)}", [code.id])
        _clear(connection, code.id, call_id, utterance)
        if verdict != "clear":
            given: Verdict = "confirmed" if verdict == "confirm" else "rejected"
            insert_judgements(connection, [Judgement(code.id, call_id, utterance, words, given)])
        return get_code(connection, code.id)


def attach(
    library: Library, call_id: str, utterance: int, to_code: str, from_code: str | None = None
) -> Code:
    """Put an utterance under ``to_code``; it is then rejected for ``from_code``.

    Raises as ``judge`` does.
    """
    with library.change() as connection:
        to = get_code(connection, to_code)
        away = None if from_code is None else get_code(connection, from_code)
        if away is not None and away.id == to.id:
            raise BadInput(f"{called(to.label)} is the code it is to leave; name another one.")
        words = _words_at(connection, call_id, utterance)
        ids = [to.id] if away is None else [to.id, away.id]
        record(connection, f"attached words of {call_id} to {called(to.label)}", ids)
        _place(connection, to.id, None if away is None else away.id, [(call_id, utterance, words)])
        return get_code(connection, to.id)


def split(library: Library, code_id: str, label: str, places: Collection[tuple[str, int]]) -> Code:
    """A new code of the utterances ``(call_id, number)``, which are rejected for the old one."""
    wanted = checked(NewCode(label=label), "the new code")
    if not places:
        raise BadInput("No words are named that the new code is to take; name at least one place.")
    with library.change() as connection:
        old = get_code(connection, code_id)
        said = [(call, i, _words_at(connection, call, i)) for call, i in dict.fromkeys(places)]
        refuse_taken(connection, wanted.label)
        made = new_id()
        what = f"split {called(wanted.label)} from {called(old.label)}"
        record(connection, what, [old.id, made])
        insert_code(connection, made, wanted.model_copy(update={"kind": old.kind}))
        _place(connection, made, old.id, said)
        refuse_crowd(connection)
        return get_code(connection, made)


def merge(library: Library, ids: Sequence[str], into: str) -> Code:
    """Move what was judged about the codes ``ids`` to ``into``; they are then known as that one.

    Words that one of them confirmed and another rejected are confirmed. Raises ``BadInput`` when
    nothing is left to merge or ``into`` is dismissed.
    """
    with library.change() as connection:
        target = get_code(connection, into)
        gone = {code.id: code for code in (get_code(connection, one) for one in ids)}
        gone.pop(target.id, None)
        if not gone:
            raise BadInput(f"Name a code other than {called(target.label)} to merge into it.")
        if target.state == "dismissed":
            raise BadInput(f"{called(target.label)} is dismissed; restore it before merging.")
        names = ", ".join(called(code.label) for code in gone.values())
        what = f"merged {names if len(gone) < 3 else f'{len(gone)} codes'} into"
        record(connection, f"{what} {called(target.label)}", [target.id, *gone], merged=[*gone])
        _move(connection, [target.id, *gone], target.id)
        pinned = target.pinned or any(code.pinned for code in gone.values())
        connection.execute(codes.update().where(codes.c.code_id == target.id).values(pinned=pinned))
        connection.execute(codes.delete().where(codes.c.code_id.in_(list(gone))))
        put_merged(connection, {**merged(connection), **dict.fromkeys(gone, target.id)})
        return get_code(connection, target.id)


def confirm_candidate(
    library: Library,
    theme: Theme,
    label: str,
    *,
    definition: str = "",
    kind: EvidenceKind | None = None,
) -> Code:
    """A candidate group becomes a code: its quotes are what the code is known by.

    Raises ``BadInput`` for a theme that is a code already, ``Conflict`` for a label that is taken.
    """
    new = NewCode(label=label, definition=definition, kind=kind or theme.kind)
    return _of_candidate(library, theme, new, "active")


def dismiss_candidate(library: Library, theme: Theme) -> Code:
    """Put a candidate group aside for good: a dismissed code that holds its quotes.

    Its label is a number, not the customer's words, so that none outlive their call there. What a
    model named is remembered by what it means, so that what is like it can be put there as well,
    until the call it was named by is erased.
    """
    label, meant = nameless(theme.id), ""
    if theme.by == "model":
        label, meant = f"{theme.label.rstrip('. ')} ({_number(theme.id)})", theme.definition
    new = NewCode(label=label, definition=meant, kind=theme.kind)
    return _of_candidate(library, theme, new, "dismissed")


def nameless(theme_id: str) -> str:
    """What a dismissed candidate is called where nobody's words may stand in its name."""
    return f"Dismissed candidate {_number(theme_id)}"


def is_named_after(label: str, theme_id: str) -> bool:
    """Whether a dismissed code still has the name that a model gave its theme."""
    return label.endswith(f" ({_number(theme_id)})")


def _number(theme_id: str) -> str:
    return theme_id.removeprefix("theme-")


def _of_candidate(library: Library, theme: Theme, new: NewCode, state: State) -> Code:
    if theme.status != "candidate":
        raise BadInput(f"{called(theme.label)} is a code already, no candidate.")
    wanted = checked(new, "the code")
    with library.change() as connection:
        refuse_taken(connection, wanted.label)
        made = new_id()
        done = "confirmed" if state == "active" else "dismissed"
        by_model = theme.by == "model"
        what = f"{done} a candidate as {called(wanted.label)}"
        record(connection, what, [made], merged=[theme.id] if by_model else [])
        insert_code(connection, made, wanted, state)
        if by_model:
            # All that the model put under it is under the code from now on, not its quotes alone.
            put_merged(connection, {**merged(connection), theme.id: made})
            return get_code(connection, made)
        said = {(q.call_id, q.utterance): (q.call_id, q.utterance, q.text) for q in theme.evidence}
        _place(connection, made, None, said.values())
        refuse_crowd(connection)
        return get_code(connection, made)


def _place(
    connection: sa.Connection,
    to: str,
    away: str | None,
    said: Iterable[tuple[str, int, str]],
) -> None:
    """Confirm ``(call_id, utterance, words)`` for one code and reject them for another."""
    new = []
    for call_id, utterance, words in said:
        _clear(connection, to, call_id, utterance)
        new.append(Judgement(to, call_id, utterance, words, "confirmed"))
        if away is not None:
            _clear(connection, away, call_id, utterance)
            new.append(Judgement(away, call_id, utterance, words, "rejected"))
    insert_judgements(connection, new)


def _move(connection: sa.Connection, ids: Sequence[str], into: str) -> None:
    """The judgements about ``ids`` become those about ``into``, one for each place or example."""
    kept: dict[tuple[str | None, int | str], Judgement] = {}
    for judged in judgements_of(connection):
        if judged.code_id in ids:
            at = judged.utterance
            key = (judged.call_id, folded(judged.words) if at is None else at)
            if key not in kept or judged.verdict == "confirmed":
                kept[key] = judged
    connection.execute(judgements.delete().where(judgements.c.code_id.in_(list(ids))))
    insert_judgements(
        connection,
        [Judgement(into, j.call_id, j.utterance, j.words, j.verdict) for j in kept.values()],
    )


def _clear(connection: sa.Connection, code_id: str, call_id: str, utterance: int) -> None:
    connection.execute(
        judgements.delete().where(
            judgements.c.code_id == code_id,
            judgements.c.call_id == call_id,
            judgements.c.utterance == utterance,
        )
    )


def _words_at(connection: sa.Connection, call_id: str, utterance: int) -> str:
    """The words to remember: the ledger's quote, if there is one there, else all that was said."""
    text: str | None = connection.scalar(
        sa.select(utterances.c.text).where(
            utterances.c.call_id == call_id, utterances.c.i == utterance
        )
    )
    if text is None:
        call = get_call(connection, call_id)
        raise BadInput(
            f"Call {call_id} has no utterance {utterance}; it has {call.utterances_n}, from 0."
        )
    found = connection.execute(
        sa.select(evidence).where(evidence.c.call_id == call_id, evidence.c.utterance == utterance)
    ).all()
    return text[found[0].first_char : found[0].end_char] if len(found) == 1 else text
