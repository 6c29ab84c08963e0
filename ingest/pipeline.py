"""From a file to a searchable call, in one straight line.

``receive`` stores the file and makes the call's row; ``process`` does the work: hear the recording
or parse the transcript, settle who is who, read every utterance into evidence, make passages and
vectors, and put all of it in place in one transaction. Until then the call is ``working`` and
invisible to questions.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from ingest.corrections import carry
from ingest.derive import derive
from ingest.errors import BadInput, Cancelled
from ingest.facts import internal_domains
from ingest.library import Library
from ingest.marks import follow, roles_of
from ingest.media import Kept
from ingest.models import Call, Speaker, Transcript
from ingest.readings import load
from ingest.store import (
    call_by_content,
    get_call,
    insert_call,
    known_people,
    list_accounts,
    list_utterances,
    media_name,
    people_of_account,
    replace_words,
    require_account,
    update_call,
)
from ingest.transcripts.clean import clean_title

TITLE_LIMIT = 300  # what a person may call a call
STAGES = ("store", "decode", "transcribe", "diarize", "speakers", "evidence", "index")

Progress = Callable[[str, float], None]  # stage, fraction of it from 0 to 1


@dataclass(frozen=True, slots=True)
class About:
    """What a person says about a file when adding it; ``None`` leaves it to the file."""

    account_id: str | None = None
    date: date | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """``fresh`` is false when these bytes already are a call that needs no work."""

    call_id: str
    fresh: bool


def receive(library: Library, path: Path, about: About) -> Received:
    """Store the file at ``path`` and make (or find) its call.

    The same bytes are one call: added again they only update what ``about`` says. Raises
    ``BadInput``, ``TooLarge``, ``NotFound`` (account) or ``Conflict`` (call id taken); nothing is
    left behind then.
    """
    if about.account_id is not None:
        with library.read() as connection:
            require_account(connection, about.account_id)
    kept = library.media.keep(path, limit=library.options.max_file_bytes)
    try:
        with library.change() as connection:
            there = call_by_content(connection, kept.sha256)
            if there is not None:
                _update(connection, there.call_id, about)
                return Received(there.call_id, fresh=there.state != "ready")
            values = _row(library, path, kept, about)
            if values["account_id"] is not None:
                require_account(connection, str(values["account_id"]))
            insert_call(connection, values)
            return Received(str(values["call_id"]), fresh=True)
    except BaseException:
        if kept.new:
            library.media.erase(kept.name)
        raise


def describe(library: Library, call_id: str, about: About) -> None:
    """Correct what is known about a call. Raises ``NotFound`` for the call or the account."""
    with library.change() as connection:
        get_call(connection, call_id)
        if about.account_id is not None:
            require_account(connection, about.account_id)
        _update(connection, call_id, about)


def _update(connection: sa.Connection, call_id: str, about: About) -> None:
    title = clean_title(about.title or "", TITLE_LIMIT)
    given = {"account_id": about.account_id, "date": about.date, "title": title}
    said = {name: value for name, value in given.items() if value is not None}
    if said:
        update_call(connection, call_id, **said)


def _row(library: Library, path: Path, kept: Kept, about: About) -> dict[str, object]:
    """The new call's row; reading the file far enough to know that it can be used."""
    from ingest.transcripts import is_transcript, parse
    from ingest.transcripts.dates import date_in_name

    title = clean_title(about.title or "", TITLE_LIMIT)
    recording = not is_transcript(path)
    if recording:
        from ingest.audio import check

        check(path, limit_s=library.options.max_duration_s)
        told = Transcript(source="recording", date=date_in_name(path.name), utterances=())
    else:
        told = parse(path)
    return {
        "call_id": told.call_id or f"call-{kept.sha256[:12]}",
        "title": title or told.title or clean_title(path.stem) or "Untitled call",
        "date": about.date or told.date,
        "account_id": about.account_id or told.account_id,
        "source": told.source,
        "state": "working",
        "file_name": path.name[-255:].encode("utf-8", "replace").decode(),
        "media": kept.name,
        "media_type": mimetypes.guess_type(kept.name)[0] or "application/octet-stream",
        "is_recording": recording,
        "content_sha256": kept.sha256,
        "warnings": [],
        "created_at": datetime.now(UTC),
    }


def process(
    library: Library,
    call_id: str,
    *,
    transcriber: str | None = None,
    progress: Progress = lambda _stage, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Call:
    """Do the work on a received call; afterwards it is ``ready`` and searchable.

    On a call that is ready already the file is heard anew (by ``transcriber``, or as the settings
    say) and people's corrections are kept where the words still match. Raises what the steps
    raise, ``Cancelled`` among it; the call is then as it was before.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
        before = list_utterances(connection, call_id)
        path = library.media.path(media_name(connection, call_id))
        reading = load(connection, call_id)
    heard = _hear(library, call, path, transcriber, progress, cancelled)
    progress("speakers", 0.0)
    voices = _settle(library, call, heard)
    words, settled = carry(before, call.speakers, heard.transcript.utterances, voices)
    progress("evidence", 0.0)
    derived = derive(
        library.embedder,
        call_id,
        words,
        settled,
        lambda fraction: progress("index", fraction),
        reading=reading,
    )
    if cancelled():
        raise Cancelled(f"The work on {call.title!r} was stopped.")
    with library.change() as connection:
        replace_words(connection, call_id, settled, words)
        derived.write(connection, library.index)
        update_call(
            connection,
            call_id,
            state="ready",
            duration_s=heard.duration_s,
            engine=heard.engine,
            model=None if heard.model is None else heard.model[:200],
            speakers_doubt=heard.speakers_doubt,
            warnings=list(heard.warnings),
        )
        follow(library, connection, call_id, roles=roles_of(call, before))
        done = get_call(connection, call_id)
    progress("index", 1.0)
    return done


@dataclass(frozen=True, slots=True)
class _Heard:
    transcript: Transcript
    duration_s: float | None
    channels_apart: bool = False
    engine: str | None = None
    model: str | None = None
    speakers_doubt: float = 0.0
    warnings: tuple[str, ...] = ()


def _hear(
    library: Library,
    call: Call,
    path: Path,
    transcriber: str | None,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> _Heard:
    """The words of a call, from its recording or its transcript."""
    if not call.has_audio:
        from ingest.transcripts import parse

        progress("decode", 0.0)
        told = parse(path)
        ends = [u.end_s for u in told.utterances if u.end_s is not None]
        return _Heard(told, duration_s=max(ends, default=None))
    from ingest.listen import hear
    from ingest.transcribe import open_transcriber

    options = library.options
    engine = open_transcriber(options, transcriber)
    try:
        heard = hear(
            path,
            engine,
            vocabulary=_vocabulary(library, call),
            limit_s=options.max_duration_s,
            progress=progress,
            cancelled=cancelled,
        )
    except BadInput as problem:
        # The store names a file by its content; people know it by its own name.
        raise type(problem)(str(problem).replace(path.name, call.file_name)) from problem
    return _Heard(
        Transcript(source="recording", utterances=heard.utterances),
        duration_s=heard.duration_s,
        channels_apart=heard.channels_apart,
        engine=engine.name,
        model=engine.model,
        speakers_doubt=heard.speakers_doubt,
        warnings=heard.warnings,
    )


def _vocabulary(library: Library, call: Call) -> tuple[str, ...]:
    """Names the engine may hear: the account's, and of people known from its other calls."""
    with library.read() as connection:
        names = {a.account_id: a.name for a in list_accounts(connection)}
        people = people_of_account(connection, call.account_id)
    return tuple(filter(None, (names.get(call.account_id or ""), *people)))


def _settle(library: Library, call: Call, heard: _Heard) -> tuple[Speaker, ...]:
    from ingest.roles import settle

    with library.read() as connection:
        names = {a.account_id: a.name for a in list_accounts(connection)}
        people = known_people(connection)
        domains = internal_domains(connection) | set(library.options.internal_domains)
    return settle(
        heard.transcript.utterances,
        heard.transcript.participants,
        internal_domains=domains,
        account_name=names.get(call.account_id or ""),
        internal_people=people,
        channels_apart=heard.channels_apart,
    )
