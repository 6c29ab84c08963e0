"""The relational store: calls, speakers, utterances and accounts in and out of the database.

Every function takes an open connection and leaves the transaction to its caller, so that a call
becomes visible at once and whole. Statements run on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest import runs
from ingest.consent import counts, is_asked
from ingest.erased import ERASED
from ingest.errors import Conflict, NotFound
from ingest.models import Account, Call, Role, Speaker, Utterance
from ingest.tables import accounts, call_transcripts, calls, speakers, utterances


@dataclass(frozen=True, slots=True)
class StoredUtterance:
    """An utterance with what is known of its speaker and its call's account."""

    call_id: str
    i: int
    text: str
    speaker: str  # the speaker's name
    role: Role
    doubt: float
    account_id: str | None
    start_s: float | None
    end_s: float | None


# --- accounts ----------------------------------------------------------------------------------


def put_accounts(connection: sa.Connection, rows: Iterable[Account]) -> int:
    """Insert or update accounts by id; how many were given."""
    known = set(connection.scalars(sa.select(accounts.c.account_id)))
    given = list(rows)
    for account in given:
        values = account.model_dump()
        if account.account_id in known:
            where = accounts.c.account_id == account.account_id
            connection.execute(accounts.update().where(where).values(values))
        else:
            connection.execute(accounts.insert().values(values))
            known.add(account.account_id)
    return len(given)


def list_accounts(connection: sa.Connection) -> list[Account]:
    """All accounts, most ARR first, those without ARR last."""
    order = (accounts.c.arr_usd.is_(None), accounts.c.arr_usd.desc(), accounts.c.name)
    rows = connection.execute(sa.select(accounts).order_by(*order)).mappings()
    return [Account(**row) for row in rows]


def get_account(connection: sa.Connection, account_id: str) -> Account:
    """Raises ``NotFound`` with what to do when there is no such account."""
    require_account(connection, account_id)
    where = accounts.c.account_id == account_id
    return Account(**connection.execute(sa.select(accounts).where(where)).mappings().one())


def require_account(connection: sa.Connection, account_id: str) -> None:
    """Raises ``NotFound`` with what to do when there is no such account."""
    where = accounts.c.account_id == account_id
    if connection.scalar(sa.select(accounts.c.account_id).where(where)) is None:
        raise NotFound(
            f"There is no account {account_id!r}; see `firsthand accounts`, "
            "or load it with `firsthand accounts import FILE`."
        )


# --- calls -------------------------------------------------------------------------------------


def call_by_content(connection: sa.Connection, sha256: str) -> Call | None:
    """The call made from a file with these bytes, or from two of which it is one."""
    for table in (calls, call_transcripts):
        where = table.c.content_sha256 == sha256
        found = connection.scalar(sa.select(table.c.call_id).where(where))
        if found is not None:
            return get_call(connection, found)
    return None


def content_of(connection: sa.Connection, call_id: str) -> str:
    """The SHA-256 of the call's file. Raises ``NotFound``."""
    found: str | None = connection.scalar(
        sa.select(calls.c.content_sha256).where(calls.c.call_id == call_id)
    )
    if found is None:
        raise NotFound(f"There is no call {call_id!r}; see `firsthand calls`.")
    return found


def get_call(connection: sa.Connection, call_id: str) -> Call:
    """One call with its speakers. Raises ``NotFound``."""
    found = _calls(connection, calls.c.call_id == call_id)
    if not found:
        raise NotFound(f"There is no call {call_id!r}; see `firsthand calls`.")
    return found[0]


def list_calls(connection: sa.Connection) -> list[Call]:
    """All calls with their speakers, the latest first."""
    return _calls(connection, sa.true())


def _calls(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Call]:
    counted = (
        sa.select(utterances.c.call_id, sa.func.count().label("utterances_n"))
        .group_by(utterances.c.call_id)
        .subquery()
    )
    t = call_transcripts.c
    query = (
        sa.select(
            calls,
            sa.func.coalesce(counted.c.utterances_n, 0).label("utterances_n"),
            t.file_name.label("transcript_file"),
            t.words_from,
            t.agreement,
            t.offset_s,
        )
        .join(counted, counted.c.call_id == calls.c.call_id, isouter=True)
        .join(call_transcripts, t.call_id == calls.c.call_id, isouter=True)
        .where(where)
        .order_by(calls.c.date.is_(None), calls.c.date.desc(), calls.c.call_id)
    )
    rows = list(connection.execute(query).mappings())
    voices = _speakers_by_call(connection, [row["call_id"] for row in rows])
    asked = is_asked(connection)
    return [
        Call(
            call_id=row["call_id"],
            title=row["title"],
            date=row["date"],
            account_id=row["account_id"],
            source=row["source"],
            file_name=row["file_name"],
            state=row["state"],
            duration_s=row["duration_s"],
            utterances_n=row["utterances_n"],
            engine=row["engine"],
            model=row["model"],
            has_audio=row["is_recording"],
            content_sha256=row["content_sha256"],
            created_at=_aware(row["created_at"]),
            speakers=tuple(voices.get(row["call_id"], ())),
            warnings=tuple(row["warnings"]),
            consent=row["consent"],
            waits_for_consent=asked and row["consent"] != "given",
            words_from=row["words_from"] or ("recording" if row["is_recording"] else "transcript"),
            transcript_file=row["transcript_file"],
            agreement=row["agreement"],
            offset_s=row["offset_s"],
        )
        for row in rows
    ]


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; everything is written in UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _speakers_by_call(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Speaker]]:
    found: dict[str, list[Speaker]] = {}
    query = sa.select(speakers).order_by(speakers.c.call_id, speakers.c.label)
    if len(ids) == 1:
        query = query.where(speakers.c.call_id == ids[0])
    for row in connection.execute(query).mappings():
        fields = {k: v for k, v in row.items() if k != "call_id"}
        found.setdefault(row["call_id"], []).append(Speaker(**fields))
    return found


def list_utterances(connection: sa.Connection, call_id: str) -> list[Utterance]:
    """The call's utterances in order."""
    query = sa.select(utterances).where(utterances.c.call_id == call_id).order_by(utterances.c.i)
    return [
        Utterance(**{k: v for k, v in row.items() if k != "call_id"})
        for row in connection.execute(query).mappings()
    ]


def spoken(
    connection: sa.Connection, keys: Collection[tuple[str, int]]
) -> dict[tuple[str, int], StoredUtterance]:
    """The utterances of calls that count, named by ``(call_id, i)``; those missing, or erased, are
    simply absent.
    """
    if not keys:
        return {}
    # Asking by call and cutting here keeps the statement short whatever the number of keys.
    by_call: dict[str, set[int]] = {}
    for call_id, i in keys:
        by_call.setdefault(call_id, set()).add(i)
    found: dict[tuple[str, int], StoredUtterance] = {}
    # Made once: with very many calls, making the statement costs more than running it.
    query = (
        _spoken_query()
        .where(
            utterances.c.call_id == sa.bindparam("call"),
            utterances.c.i.in_(sa.bindparam("numbers", expanding=True)),
        )
        .order_by(utterances.c.i)
    )
    for call_id, numbers in by_call.items():
        for row in connection.execute(query, {"call": call_id, "numbers": sorted(numbers)}):
            found[row.call_id, row.i] = StoredUtterance(*row)
    return found


def _spoken_query() -> sa.Select[
    str, int, str, str, Role, float, str | None, float | None, float | None
]:
    return (
        sa.select(
            utterances.c.call_id,
            utterances.c.i,
            utterances.c.text,
            speakers.c.name,
            speakers.c.role,
            speakers.c.doubt,
            calls.c.account_id,
            utterances.c.start_s,
            utterances.c.end_s,
        )
        .join(calls, calls.c.call_id == utterances.c.call_id)
        .join(
            speakers,
            sa.and_(
                speakers.c.call_id == utterances.c.call_id,
                speakers.c.label == utterances.c.speaker,
            ),
        )
        .where(counts(), utterances.c.text != ERASED)
    )


def insert_call(connection: sa.Connection, values: dict[str, object]) -> None:
    """A new row in ``calls``. Raises ``Conflict`` when the id is taken by other content."""
    call_id = str(values["call_id"])
    if connection.scalar(sa.select(calls.c.call_id).where(calls.c.call_id == call_id)):
        raise Conflict(
            f"A call {call_id} with other content is already here; "
            f"delete it first (`firsthand delete {call_id}`) or give the new one another call_id."
        )
    connection.execute(calls.insert().values(values))


def update_call(connection: sa.Connection, call_id: str, **values: object) -> None:
    connection.execute(calls.update().where(calls.c.call_id == call_id).values(**values))


def replace_words(
    connection: sa.Connection,
    call_id: str,
    voices: Sequence[Speaker],
    words: Sequence[Utterance],
) -> None:
    """Put ``voices`` and ``words`` in place of what the call has.

    What it says no longer is still known to have been its words, should it be erased.
    """
    before = list_utterances(connection, call_id)
    was, now = ([t for u in some for t in (u.text, u.original or "")] for some in (before, words))
    runs.note(connection, call_id, was, now)
    put_words(connection, call_id, voices, words)


def put_words(
    connection: sa.Connection,
    call_id: str,
    voices: Sequence[Speaker],
    words: Sequence[Utterance],
) -> None:
    """``replace_words`` without a trace of what the call had."""
    connection.execute(utterances.delete().where(utterances.c.call_id == call_id))
    put_speakers(connection, call_id, voices)
    if words:
        rows = [{"call_id": call_id, **u.model_dump()} for u in words]
        connection.execute(utterances.insert(), rows)


def put_speakers(connection: sa.Connection, call_id: str, voices: Sequence[Speaker]) -> None:
    """Put ``voices`` in place of the call's speakers."""
    connection.execute(speakers.delete().where(speakers.c.call_id == call_id))
    if voices:
        rows = [{"call_id": call_id, **s.model_dump()} for s in voices]
        connection.execute(speakers.insert(), rows)


def delete_call(connection: sa.Connection, call_id: str) -> set[str]:
    """Erase the call and everything that hangs on it. ``NotFound``.

    Gives the names in the media store that were its own: two recordings of the same sound may
    have the same copy to play.
    """
    names = {media_name(connection, call_id), playback_name(connection, call_id)}
    mine = call_transcripts.c.call_id == call_id
    names |= set(connection.scalars(sa.select(call_transcripts.c.media).where(mine)))
    connection.execute(calls.delete().where(calls.c.call_id == call_id))
    return {name for name in names if name} - files(connection)


def media_name(connection: sa.Connection, call_id: str) -> str:
    """The name of the call's file in the media store. Raises ``NotFound``."""
    found: str | None = connection.scalar(
        sa.select(calls.c.media).where(calls.c.call_id == call_id)
    )
    if found is None:
        raise NotFound(f"There is no call {call_id!r}; see `firsthand calls`.")
    return found


def files_of_calls(connection: sa.Connection) -> list[tuple[str, str]]:
    """Every file that a call names, with the call's id: its copy for playing too, and the
    transcript of a recording.
    """
    c, t = calls.c, call_transcripts.c
    came = sa.select(c.media, c.call_id).where(c.media != "")
    copied = sa.select(c.playback, c.call_id).where(c.playback != c.media)
    with_it = sa.select(t.media, t.call_id)
    found = [row for query in (came, copied, with_it) for row in connection.execute(query)]
    return [(name, call_id) for name, call_id in found]


def playback_name(connection: sa.Connection, call_id: str) -> str | None:
    """The name of what is played of the call, once that is known. Raises ``NotFound``."""
    media_name(connection, call_id)
    found: str | None = connection.scalar(
        sa.select(calls.c.playback).where(calls.c.call_id == call_id)
    )
    return found


def files(connection: sa.Connection) -> set[str]:
    """The names in the media store of all that is of a call."""
    of_files = (calls.c.media, calls.c.playback, call_transcripts.c.media)
    names = sa.union(*map(sa.select, of_files))
    return {name for name in connection.scalars(names) if name}


def people_of_account(connection: sa.Connection, account_id: str | None) -> list[str]:
    """Names of those whose names are known from the account's calls, in order."""
    query = (
        sa.select(speakers.c.name)
        .join(calls, calls.c.call_id == speakers.c.call_id)
        .where(calls.c.account_id == account_id, speakers.c.basis.in_(("person", "file", "domain")))
    )
    return sorted(set(connection.scalars(query)))


def known_people(connection: sa.Connection) -> dict[str, Role]:
    """Roles by lower-cased name and e-mail, of people whose role a file or a person settled.

    Somebody who has been both (a customer who joined the vendor) is left out, and so is a role
    that itself was inferred (doubt above 0.05): guesses must not breed.
    """
    query = sa.select(speakers.c.name, speakers.c.email, speakers.c.role).where(
        speakers.c.basis.in_(("person", "file", "domain")), speakers.c.doubt <= 0.05
    )
    roles: dict[str, set[Role]] = {}
    for name, email, role in connection.execute(query):
        for key in (name, email):
            if key:
                roles.setdefault(key.casefold(), set()).add(role)
    return {key: next(iter(seen)) for key, seen in roles.items() if len(seen) == 1}
