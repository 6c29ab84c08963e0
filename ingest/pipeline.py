"""From a file to a searchable call, in one straight line.

``receive`` stores the file and makes the call's row; ``process`` does the work, stage by stage
(``ingest.stages``): hear the recording or parse the transcript, settle who is who, read every
utterance into evidence, make passages and vectors, and put all of it in place in one transaction.
Until then the call is ``working`` and invisible to questions.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from ingest import erased_people, joined
from ingest.consent import Consent
from ingest.errors import Conflict
from ingest.library import Library
from ingest.listen import NOBODY, Watch
from ingest.media import Kept
from ingest.models import Call, Transcript, Utterance
from ingest.partners import Partner, partner
from ingest.stages import run, stages_of
from ingest.store import (
    call_by_content,
    files,
    get_call,
    insert_call,
    require_account,
    update_call,
)
from ingest.transcripts.clean import clean_title

TITLE_LIMIT = 300  # what a person may call a call
# Reads the recording at a path, of so many seconds at most, far enough to know that it can be used;
# gives its length where it says one. Raises ``BadInput`` and ``TooLarge``.
Look = Callable[[Path, float], float | None]


@dataclass(frozen=True, slots=True)
class About:
    """What a person says about a file when adding it; ``None`` leaves it to the file.

    ``erased_too``: it is taken in although somebody was erased from it.
    """

    account_id: str | None = None
    date: date | None = None
    title: str | None = None
    consent: Consent | None = None
    erased_too: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """``fresh`` is false when these bytes already are a call that needs no work; ``joined`` says
    that they became the second file of one that was here.
    """

    call_id: str
    fresh: bool
    joined: bool = False


def look_at(path: Path, limit_s: float) -> float | None:
    """``Look``, here and now: a decoder that breaks takes this process along."""
    from ingest.audio import check

    return check(path, limit_s=limit_s).duration_s


def receive(
    library: Library,
    path: Path,
    about: About,
    *,
    given: bool = False,
    sha256: str | None = None,
    look: Look = look_at,
    join: str | None = None,
    certain: bool = True,
) -> Received:
    """Store the file at ``path`` and make (or find) its call.

    The same bytes are one call: added again they only update what ``about`` says. A recording and
    the transcript of it are one call too: with ``join`` the file is added to that call (where that
    is not ``certain``, until what was said in both shows that it is not of it), without it to one
    that it is the other half of. ``given`` and ``sha256`` are as in ``Media.keep``, ``look`` is who
    looks at recordings. Raises ``BadInput``, ``TooLarge``, ``NotFound`` (account, call),
    ``Busy`` (its transcript is worked on), ``Conflict`` (call id taken, the call erased meanwhile
    or with two files already, or a person erased from this file) or what the store raises; nothing
    is left behind then.
    """
    with library.read() as connection:
        if about.account_id is not None:
            require_account(connection, about.account_id)
        if join is not None:
            get_call(connection, join)
    limit = library.options.max_file_bytes
    kept = library.media.keep(path, limit=limit, given=given, sha256=sha256)
    try:
        with library.read() as connection:
            known = call_by_content(connection, kept.sha256)
            if known is None and not about.erased_too:
                erased_people.refuse(connection, kept.sha256, path.name)
        # Looking takes its time: nobody waits to write for that.
        values, said = _row(library, path, kept, about, look) if known is None else (None, ())
        with library.change() as connection:
            there = call_by_content(connection, kept.sha256)
            if there is not None:
                if join not in (None, there.call_id):
                    raise Conflict(f"This file is call {there.call_id} already.")
                _update(connection, there.call_id, about)
                if kept.name not in files(connection):
                    library.media.erase(kept.name)  # the same bytes under another ending
                return Received(there.call_id, fresh=there.state != "ready")
            if values is None:
                raise Conflict("The call was erased meanwhile; add the file again.")
            if about.erased_too:
                erased_people.forget(connection, kept.sha256)
            erased_people.refuse(connection, kept.sha256, path.name)  # also by now
            if values["account_id"] is not None:
                require_account(connection, str(values["account_id"]))
            found = Partner(join)
            if join is None:
                found = partner(connection, values, said, erased_too=about.erased_too)
            if found.call_id is not None:
                asked = join is not None and certain
                told = None if asked else _said(about)
                joined.join(connection, found.call_id, values, asked=asked, said=told)
                if asked:
                    _update(connection, found.call_id, about)
                return Received(found.call_id, fresh=True, joined=True)
            insert_call(connection, values)
            if found.note is not None:
                joined.add_note(connection, str(values["call_id"]), found.note)
            return Received(str(values["call_id"]), fresh=True)
    except BaseException:
        if kept.new:
            _erase_unless_used(library, kept)
        raise


def _erase_unless_used(library: Library, kept: Kept) -> None:
    """Remove what was kept for nothing, unless another made a call of the same bytes meanwhile.

    Where the database cannot say, it stays: a file too many is found by the doctor.
    """
    with suppress(sa.exc.SQLAlchemyError), library.read() as connection:
        if call_by_content(connection, kept.sha256) is None:
            library.media.erase(kept.name)


def describe(library: Library, call_id: str, about: About) -> None:
    """Correct what is known about a call. Raises ``NotFound`` for the call or the account."""
    with library.change() as connection:
        get_call(connection, call_id)
        if about.account_id is not None:
            require_account(connection, about.account_id)
        _update(connection, call_id, about)


def _update(connection: sa.Connection, call_id: str, about: About) -> None:
    if said := _said(about):
        update_call(connection, call_id, **said)


def _said(about: About) -> dict[str, object]:
    title = clean_title(about.title or "", TITLE_LIMIT)
    given = {
        "account_id": about.account_id,
        "date": about.date,
        "title": title,
        "consent": about.consent,
    }
    return {name: value for name, value in given.items() if value is not None}


def _row(
    library: Library, path: Path, kept: Kept, about: About, look: Look
) -> tuple[dict[str, object], tuple[Utterance, ...]]:
    """The new call's row, and what a transcript says; reading the file far enough to know that it
    can be used.
    """
    from ingest.transcripts import is_transcript, parse
    from ingest.transcripts.dates import date_in_name

    title = clean_title(about.title or "", TITLE_LIMIT)
    recording = not is_transcript(path)
    stated_s: float | None = None
    if recording:
        stated_s = look(path, library.options.max_duration_s)
        told = Transcript(source="recording", date=date_in_name(path.name), utterances=())
    else:
        told = parse(path)
    row: dict[str, object] = {
        "call_id": told.call_id or f"call-{kept.sha256[:12]}",
        "title": title or told.title or clean_title(path.stem) or "Untitled call",
        "date": about.date or told.date,
        "account_id": about.account_id or told.account_id,
        "source": told.source,
        "state": "working",
        "file_name": path.name[-255:].encode("utf-8", "replace").decode(),
        "duration_s": stated_s,  # until it is heard
        "media": kept.name,
        "media_type": mimetypes.guess_type(kept.name)[0] or "application/octet-stream",
        "is_recording": recording,
        "content_sha256": kept.sha256,
        "warnings": [],
        "consent": about.consent,
        "created_at": datetime.now(UTC),
    }
    return row, told.utterances


def process(
    library: Library, call_id: str, *, transcriber: str | None = None, watch: Watch = NOBODY
) -> Call:
    """Do all stages of a received call here and now; afterwards it is ``ready`` and searchable.

    On a call that is ready already the file is heard anew (by ``transcriber``, or as the settings
    say) and people's corrections are kept where the words still match. Raises what the stages
    raise, ``Cancelled`` among it; the call is then as it was before, and goes on from there.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
    for stage in stages_of(call):
        run(library, call_id, stage, transcriber=transcriber, watch=watch)
    with library.read() as connection:
        return get_call(connection, call_id)
