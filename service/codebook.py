"""The codebook: themes that a person wrote, confirmed or dismissed, each with examples.

A code keeps its id for life; one that was merged away answers under the id it went into. Labels are
unique, whatever their case and spacing. Every verb writes one entry of the history, which ``undo``
takes back. The verbs are here and in ``service.codebook_judging``; both are imported from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.library import Library
from ingest.models import Frozen
from ingest.redaction import MARK
from ingest.tables import codes, judgements
from service.codebook_entry import NewCode, checked, folded, refuse_twins
from service.codebook_judging import (
    attach,
    confirm_candidate,
    dismiss_candidate,
    judge,
    merge,
    split,
)
from service.codebook_store import (
    Judgement,
    State,
    Verdict,
    called,
    codes_where,
    get_code,
    insert_code,
    insert_judgements,
    judgements_of,
    list_codes,
    new_id,
    refuse_crowd,
    refuse_taken,
)
from service.codebook_undo import Change, history, record, undo
from service.redaction import meant
from service.shapes import Code, CodeStatus, EvidenceKind

__all__ = (
    "Change",
    "Judgement",
    "NewCode",
    "Revision",
    "add",
    "attach",
    "confirm_candidate",
    "describe",
    "dismiss",
    "dismiss_candidate",
    "get_code",
    "history",
    "judge",
    "judgements_of",
    "list_codes",
    "merge",
    "pin",
    "put_codes",
    "remove",
    "rename",
    "restore",
    "revise",
    "set_status",
    "split",
    "undo",
    "unpin",
)

_TEXTS = ("label", "definition", "include", "exclude")
_SAID = ("examples", "counterexamples")


class Revision(Frozen):
    """What changes of a code; ``None`` leaves it."""

    label: str | None = None
    definition: str | None = None
    include: str | None = None
    exclude: str | None = None
    kind: EvidenceKind | None = None
    pinned: bool | None = None
    state: State | None = None
    status: CodeStatus | None = None


def put_codes(library: Library, given: Sequence[NewCode]) -> list[Code]:
    """Insert or, where the label is known, update; in the order given.

    In a known code only the fields set on ``NewCode`` change; its examples from elsewhere are then
    those listed, while what people judged about calls stays. A dismissed code becomes active.
    Raises ``BadInput`` naming the entry, and nothing is written then.
    """
    wanted = [checked(code, f"entry {n}") for n, code in enumerate(given, start=1)]
    refuse_twins((f"entry {n}", code.label) for n, code in enumerate(wanted, start=1))
    with library.change() as connection:
        wanted = [_meant(library, connection, code) for code in wanted]
        known = {folded(c.label): c.id for c in list_codes(connection, dismissed=True)}
        ids = [known.get(folded(code.label)) or new_id() for code in wanted]
        there = set(known.values())
        record(connection, f"imported {len(wanted)} code{'s' * (len(wanted) != 1)}", ids)
        for code_id, code in zip(ids, wanted, strict=True):
            if code_id in there:
                changes = code.model_dump(include=code.model_fields_set & {*_TEXTS, "kind"})
                where = codes.c.code_id == code_id
                connection.execute(codes.update().where(where).values(state="active", **changes))
            else:
                insert_code(connection, code_id, code)
        _put_examples(connection, ids, wanted)
        refuse_crowd(connection)
        by_id = {c.id: c for c in codes_where(connection, sa.true())}
        return [by_id[code_id] for code_id in ids]


def add(library: Library, code: NewCode) -> Code:
    """A new code. Raises ``Conflict`` when its label is taken, ``BadInput`` when it is no code."""
    wanted = checked(code, "the code")
    with library.change() as connection:
        wanted = _meant(library, connection, wanted)
        refuse_taken(connection, wanted.label)
        code_id = new_id()
        record(connection, f"added {called(wanted.label)}", [code_id])
        insert_code(connection, code_id, wanted)
        _put_examples(connection, [code_id], [wanted])
        refuse_crowd(connection)
        return get_code(connection, code_id)


def revise(library: Library, code_id: str, changes: Revision) -> Code:
    """Change a code; one entry of the history. ``NotFound``, ``BadInput``, ``Conflict`` (label)."""
    with library.change() as connection:
        code = get_code(connection, code_id)
        asked = changes.model_dump(exclude_none=True)
        if not asked:
            return code
        texts = {name: asked[name] for name in _TEXTS if name in asked}
        clean = checked(NewCode.model_validate({"label": code.label, **texts}), "the code")
        clean = _meant(library, connection, clean)
        if "label" in asked:
            refuse_taken(connection, clean.label, but=code.id)
        record(connection, _what(code, clean.label, asked), [code.id])
        values = {**asked, **clean.model_dump(include=set(texts))}
        if asked.get("status", code.status) != code.status:
            values["status_at"] = datetime.now(UTC)
        connection.execute(codes.update().where(codes.c.code_id == code.id).values(values))
        refuse_crowd(connection)
        return get_code(connection, code.id)


def rename(library: Library, code_id: str, label: str) -> Code:
    return revise(library, code_id, Revision(label=label))


def describe(
    library: Library,
    code_id: str,
    *,
    definition: str | None = None,
    include: str | None = None,
    exclude: str | None = None,
    kind: EvidenceKind | None = None,
) -> Code:
    """Change what a code means; what is left out stays."""
    return revise(
        library,
        code_id,
        Revision(definition=definition, include=include, exclude=exclude, kind=kind),
    )


def pin(library: Library, code_id: str) -> Code:
    return revise(library, code_id, Revision(pinned=True))


def unpin(library: Library, code_id: str) -> Code:
    return revise(library, code_id, Revision(pinned=False))


def set_status(library: Library, code_id: str, status: CodeStatus) -> Code:
    """Say what became of the need; whoever voiced one that is shipped is to hear of it."""
    return revise(library, code_id, Revision(status=status))


def dismiss(library: Library, code_id: str) -> Code:
    """Put a code aside: it is no theme any more and keeps what was judged about it."""
    return revise(library, code_id, Revision(state="dismissed"))


def restore(library: Library, code_id: str) -> Code:
    return revise(library, code_id, Revision(state="active"))


def remove(library: Library, code_id: str) -> None:
    """Take a code out of the codebook with all that was judged about it. Raises ``NotFound``."""
    with library.change() as connection:
        code = get_code(connection, code_id)
        record(connection, f"removed {called(code.label)}", [code.id])
        connection.execute(codes.delete().where(codes.c.code_id == code.id))


def _meant(library: Library, connection: sa.Connection, code: NewCode) -> NewCode:
    """With what was masked in it put back, from the texts of the codes that are there."""
    given = code.model_dump(include=code.model_fields_set & {*_TEXTS, *_SAID})
    if MARK not in str(given):
        return code
    every = list_codes(connection, dismissed=True)
    label = meant(library, connection, code.label, [one.label for one in every])
    same = [one for one in every if folded(one.label) == folded(label)] or every

    def whole(name: str, value: object) -> object:
        if isinstance(value, tuple):
            return tuple(whole(name, one) for one in value)
        there = [getattr(one, name) for one in same]
        texts = there if name in _TEXTS else [said for all_said in there for said in all_said]
        return meant(library, connection, str(value), texts)

    changes = {name: whole(name, value) for name, value in given.items() if name != "label"}
    return code.model_copy(update={"label": label, **changes})


def _what(code: Code, label: str, asked: Mapping[str, object]) -> str:
    """A change of one code as the history tells it."""
    name = called(code.label)
    if "label" in asked:
        return f"renamed {name} to {called(label)}"
    if "state" in asked:
        return f"{'dismissed' if asked['state'] == 'dismissed' else 'restored'} {name}"
    if "status" in asked:
        return f"marked {name} as {asked['status']}"
    if "pinned" in asked:
        return f"{'pinned' if asked['pinned'] else 'unpinned'} {name}"
    return f"described {name}"


def _put_examples(connection: sa.Connection, ids: Sequence[str], given: Sequence[NewCode]) -> None:
    """Put the examples that are set in place of the codes' examples from elsewhere."""
    said = {(j.code_id, j.verdict, folded(j.words)) for j in judgements_of(connection) if j.call_id}
    new: list[Judgement] = []
    for code_id, code in zip(ids, given, strict=True):
        fields: tuple[tuple[str, Verdict], ...] = (
            ("examples", "confirmed"),
            ("counterexamples", "rejected"),
        )
        for field, verdict in fields:
            if field not in code.model_fields_set:
                continue
            connection.execute(
                judgements.delete().where(
                    judgements.c.code_id == code_id,
                    judgements.c.call_id.is_(None),
                    judgements.c.verdict == verdict,
                )
            )
            # An export lists what was judged about calls too; that is here with its place.
            new += [
                Judgement(code_id, None, None, words, verdict)
                for words in getattr(code, field)
                if (code_id, verdict, folded(words)) not in said
            ]
    insert_judgements(connection, new)
