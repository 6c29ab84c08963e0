"""The versions of a memo: the untouched draft is 0, each text a person saved has its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Frozen
from ingest.redaction import MARK, NOTHING, Redaction
from ingest.tables import calls, memo_versions, memos, utterances
from service import kept
from service.edited.drafted import Draft, draft_of
from service.edited.gate import Checked, Desk, Kept, check, cited_words, desk_for
from service.edited.text import LONGEST_TEXT, Piece, read
from service.edited.view import Edited, edited, with_doubts
from service.export import render, written
from service.redaction import meant
from service.remembering import remembered

LONGEST_NOTE = 300
RESTS_ON = ("accounts", "calls", "evidence", "speakers", "utterances")
_HELD = 4  # memos kept in memory


class Version(Frozen):
    """One version as listed. ``n`` 0 is the draft."""

    memo_id: str
    n: int
    created_at: datetime
    note: str


class VersionText(Version):
    """A version with its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A version and what it shows."""

    version: VersionText
    edited: Edited


def versions(connection: sa.Connection, memo_id: str) -> list[Version]:
    """The newest first, the draft last. Raises ``NotFound``."""
    v = memo_versions.c
    query = sa.select(v.n, v.created_at, v.note).where(v.memo_id == memo_id).order_by(v.n.desc())
    made = [
        Version(memo_id=memo_id, n=row.n, created_at=_aware(row.created_at), note=row.note)
        for row in connection.execute(query)
    ]
    return [*made, _draft_line(connection, memo_id)]


def newest(connection: sa.Connection, memo_id: str) -> int:
    """The number of the newest version."""
    number = sa.select(sa.func.max(memo_versions.c.n)).where(memo_versions.c.memo_id == memo_id)
    return connection.scalar(number) or 0


def version(
    library: Library, connection: sa.Connection, memo_id: str, n: int | None = None
) -> VersionText:
    """A version with its text, the newest unless ``n`` says which. Raises ``NotFound``."""
    line = _draft_line(connection, memo_id)
    wanted = newest(connection, memo_id) if n is None else n
    if not 0 <= wanted < 2**31:  # more than the database takes
        raise NotFound(f"This memo has no version {wanted}.")
    if wanted == 0:
        text = drafted(library, connection, memo_id).text
        return VersionText(**line.model_dump(), text=text)
    row = connection.execute(_where(memo_id, wanted)).one_or_none()
    if row is None:
        raise NotFound(f"This memo has no version {wanted}.")
    return VersionText(
        memo_id=memo_id,
        n=row.n,
        created_at=_aware(row.created_at),
        note=row.note,
        text=row.text,
    )


def save(
    library: Library, memo_id: str, text: str, base: int, note: str = "", *, cites: str = ""
) -> Version:
    """Keep ``text`` as the newest version; ``base`` is the one it was made from.

    Nothing is overwritten: ``Conflict`` when somebody saved another meanwhile. Raises ``NotFound``
    and ``BadInput`` as well, as for a call that is cited and not here, unless the text ``cites``,
    kept elsewhere, cites it. The same text again is no new version.
    """
    with library.change() as connection:
        before = version(library, connection, memo_id)
        text = _meant(library, connection, usable(text), before)
        if before.text == text:
            return Version(**before.model_dump(exclude={"text"}))
        if before.n != base:
            raise Conflict(
                f"Version {before.n} was saved meanwhile, and yours was made from version {base}. "
                "Nothing of yours is saved yet: compare the two, then save yours on top."
            )
        pieces = read(text)
        _require_calls(connection, pieces, before.text, cites)
        desk = _desk(library, connection, memo_id, pieces)
        cited = [
            {"sentence": sentence, "call_id": place[0], "utterance": place[1], "words": words}
            for sentence, place, words in cited_words(pieces, desk)
        ]
        made = {
            "memo_id": memo_id,
            "n": before.n + 1,
            "created_at": datetime.now(UTC),
            "note": " ".join(note.split())[:LONGEST_NOTE],
        }
        connection.execute(memo_versions.insert().values(**made, text=text, cited=cited))
        return Version.model_validate(made)


def restore(library: Library, memo_id: str, n: int, base: int) -> Version:
    """Make an earlier version the newest once more; the later ones stay. Raises as ``save``."""
    with library.read() as connection:
        wanted = version(library, connection, memo_id, n)
    name = "the draft" if n == 0 else f"version {n}"
    return save(library, memo_id, wanted.text, base, f"{name} again")


def usable(text: str) -> str:
    """The text with one kind of line end. Raises ``BadInput``."""
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"A memo may have {LONGEST_TEXT:,} characters; this has {len(text):,}.")
    lines = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    # A lone surrogate cannot be stored: it comes from a client that cut a character in two.
    return lines.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def checked(library: Library, memo_id: str, text: str) -> list[Checked]:
    """Every sentence of ``text`` as the gate finds it. Raises ``NotFound`` and ``BadInput``."""
    with library.read() as connection:
        before = version(library, connection, memo_id)
        pieces = read(_meant(library, connection, usable(text), before))
        desk = _desk(library, connection, memo_id, pieces)
        return [one for piece in pieces for one in check(piece, desk)]


def shown(library: Library, memo_id: str, n: int | None = None) -> Shown:
    """A version as it is shown, its quotes taken from the calls as they are now; from memory
    while those are the same. Raises ``NotFound``.
    """
    with library.read() as connection:
        line = _draft_line(connection, memo_id)
        number = newest(connection, memo_id) if n is None else n

        def show() -> Shown:
            wanted = version(library, connection, memo_id, number)
            pieces = read(wanted.text)
            desk = _desk(library, connection, memo_id, pieces)
            return Shown(wanted, edited(connection, pieces, desk))

        of = (memo_id, line.created_at, number)
        return remembered(
            library, connection, ("memos shown", Shown), RESTS_ON, show, of=of, most=_HELD
        )


def file(
    library: Library,
    memo_id: str,
    kind: str,
    n: int | None = None,
    redaction: Redaction = NOTHING,
) -> bytes:
    """A version as a file of ``kind``, masked. Raises ``NotFound`` and ``BadInput``."""
    with library.read() as connection:
        if (newest(connection, memo_id) if n is None else n) == 0:
            return render(kept.load(connection, memo_id), kind, redaction)
    return written(with_doubts(shown(library, memo_id, n).edited), kind, redaction)


def drafted(library: Library, connection: sa.Connection, memo_id: str) -> Draft:
    """The draft as it holds now, from memory while the calls are the same. Raises ``NotFound``."""
    of = (memo_id, _draft_line(connection, memo_id).created_at)

    def make() -> Draft:
        return draft_of(kept.load(connection, memo_id))

    return remembered(
        library, connection, ("memo drafts", Draft), RESTS_ON, make, of=of, most=_HELD
    )


def _meant(library: Library, connection: sa.Connection, text: str, before: VersionText) -> str:
    """What was masked in the text is put back: from the newest version, or from what it cites."""
    if MARK not in text:
        return text
    cited = {place for piece in read(text) for one in piece.sentences for place in one.places}
    u = utterances.c
    found = connection.execute(
        sa.select(u.call_id, u.i, u.text).where(u.call_id.in_({call_id for call_id, _ in cited}))
    )
    said = [row.text for row in found if (row.call_id, row.i) in cited]
    return meant(library, connection, text, [before.text, *said])


def _require_calls(connection: sa.Connection, pieces: Sequence[Piece], *held: str) -> None:
    """Nothing brings the words of an erased call back, such as a page held open since.

    Nobody knows any more which calls were erased, so an id that is mistyped is told as well. Raises
    ``BadInput`` for a call that is not here, unless a text that is ``held`` cites it already.
    """
    unknown = _calls_in(pieces).difference(*(_calls_in(read(text)) for text in held))
    if not unknown:
        return
    there = set(connection.scalars(sa.select(calls.c.call_id)))
    gone = min(unknown - there, default=None)
    if gone is not None:
        raise BadInput(
            f"There is no call {gone!r}: it was erased, or its id is mistyped. Nothing of yours is "
            "saved yet: take out what cites it, or put the id right."
        )


def _calls_in(pieces: Sequence[Piece]) -> set[str]:
    return {call_id for piece in pieces for one in piece.sentences for call_id, _ in one.places}


def _desk(
    library: Library, connection: sa.Connection, memo_id: str, pieces: Sequence[Piece]
) -> Desk:
    draft = drafted(library, connection, memo_id)
    return desk_for(library, connection, draft, _cited(connection, memo_id), pieces)


def _cited(connection: sa.Connection, memo_id: str) -> Kept:
    """The words cited when the newest version was saved."""
    row = connection.execute(_where(memo_id, newest(connection, memo_id))).one_or_none()
    held = row.cited if row is not None else []
    return {(c["sentence"], (c["call_id"], c["utterance"])): c["words"] for c in held}


def _where(memo_id: str, n: int) -> sa.Select[tuple[object, ...]]:
    v = memo_versions.c
    return sa.select(memo_versions).where(v.memo_id == memo_id, v.n == n)


def _draft_line(connection: sa.Connection, memo_id: str) -> Version:
    created = connection.scalar(sa.select(memos.c.created_at).where(memos.c.memo_id == memo_id))
    if created is None:
        raise NotFound(f"There is no memo {memo_id!r}.")
    return Version(memo_id=memo_id, n=0, created_at=_aware(created), note="as drafted")


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; everything is written in UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
