"""Erasing a person from all calls: what they said, their voice, their name.

A call with nobody else's words in it is erased whole. In any other their utterances stay as empty
places (``ingest.erased``), the recording is written anew without their voice, and a transcript is
replaced by one without their words, so that reading it again brings nothing back. Where nothing
tells when they spoke in the recording of a transcript, only the transcript stays. Each call is
changed in one transaction; done again after it broke off, it goes on with what is left.
"""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import sqlalchemy as sa

from ingest import erased_files, erased_people, erasures, joined, stage_store
from ingest.derive import Derived, derive
from ingest.embed import Spread
from ingest.erased import ERASED, emptied, in_recording
from ingest.errors import Conflict, NotFound
from ingest.feeding import note_erased
from ingest.library import Library
from ingest.marks import follow
from ingest.media import Kept
from ingest.media.port import clear
from ingest.models import Call, Speaker, Utterance
from ingest.store import (
    content_of,
    files,
    get_call,
    list_utterances,
    media_name,
    playback_name,
    put_words,
    update_call,
)
from ingest.tables import (
    jobs,
    placements,
    readings,
)
from service.access.person import Person, at_the_machine
from service.call_files import render
from service.erase import erase_noted, note_words, settle, withdraw
from service.erase_name import (
    erase_name,
    forget_corrections,
    forget_marks,
    is_anywhere,
    mask_jobs,
)
from service.gone import Gone, said_in
from service.jobs import OPEN
from service.person_begun import begin, finish, is_begun
from service.person_erasure import PersonErasure, counted
from service.person_found import Found, Masks, find, wanted
from service.reading import CallText
from service.silencing import silence
from service.upload_folder import forget_uploads

_VOICE_GONE = (
    "The recording of this call was erased: when in it a person who was erased spoke could not be "
    "told. The transcript is left."
)


def erase_person(
    library: Library,
    name: str,
    *,
    emails: Iterable[str] = (),
    also: Iterable[str] = (),
    by: Person | None = None,
) -> PersonErasure:
    """Erase the person; what was taken, as it was told before. ``by``: else whoever is here.

    ``emails`` are addresses of theirs and ``also`` other names, each to be taken for the same
    person. Raises ``BadInput`` for a name of one word, ``NotFound`` when they are nowhere,
    ``Conflict`` while a call of theirs is being worked on, and what the store raises.
    """
    who = wanted(name, emails, also)
    with library.read() as connection:
        found = find(connection, who)
        told = counted(connection, found)
        here = found.spoke or found.named or is_begun(connection, who.name)
        if not here and not is_anywhere(connection, found.masks.full):
            raise NotFound(f"Nobody called {who.name} is in this home.")
        calls = [*(one.call for one in found.spoke), *found.named]
        _refuse_while_at_work(connection, {c.call_id for c in calls})
    with library.change() as connection:
        begin(connection, found.wanted.name, found.wanted.emails | found.addresses)
    try:
        _erase(library, found, by or at_the_machine())
        with library.change() as connection:
            finish(connection, who.name)
    finally:
        settle(library)
    return told


def _erase(library: Library, found: Found, by: Person) -> None:
    for one in found.spoke:
        if one.only:
            with library.change() as connection:
                _note_files(connection, one.call.call_id)
            erase_noted(library, one.call.call_id, by)
    for one in found.spoke:
        if not one.only:
            _erase_in(library, one.call.call_id, one.labels, found.masks)
    for call in found.named:
        _erase_in(library, call.call_id, frozenset(), found.masks)
    erase_name(library, found.masks)


def _note_files(connection: sa.Connection, call_id: str) -> None:
    """Added again, none of the files that the call was made of brings them back."""
    erased_people.note(connection, content_of(connection, call_id))
    if (other := joined.joined(connection, call_id)) is not None:
        erased_people.note(connection, other.content_sha256)


# --- in one call ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _After:
    """A call as it will be."""

    going: frozenset[int]
    voices: tuple[Speaker, ...]
    words: tuple[Utterance, ...]


def _erase_in(library: Library, call_id: str, labels: frozenset[str], masks: Masks) -> None:
    """``labels`` are those of the person; none where others only name them."""
    while True:
        with library.change() as connection:
            _refuse_while_at_work(connection, [call_id])
            _without_undecided(connection, call_id)
            call = get_call(connection, call_id)
            words = list_utterances(connection, call_id)
        after = _after(call, words, labels, masks)
        derived = derive(Spread(library.embedder), call_id, after.words, after.voices)
        kept = _files_without(library, call, words, after, masks)
        try:
            with library.change() as connection:
                same = (get_call(connection, call_id), list_utterances(connection, call_id))
                if same == (call, words):
                    _put(library, connection, call, labels, after, derived, kept, masks)
                    break
        except BaseException:
            _discard(library, kept)
            raise
        _discard(library, kept)
    forget_uploads(library.home / "uploads", call_id)


def _without_undecided(connection: sa.Connection, call_id: str) -> None:
    """What a second file says of which nothing is decided nobody knows: it goes."""
    other = joined.joined(connection, call_id)
    if other is None or other.words_from is not None:
        return
    came_last = other.content_sha256
    if other.came_last == "recording":
        came_last = content_of(connection, call_id)
    erased_people.note(connection, came_last)
    erased_files.note(connection, joined.undo(connection, call_id) - files(connection))


def _after(call: Call, words: Sequence[Utterance], labels: frozenset[str], masks: Masks) -> _After:
    mask = masks.of(call.call_id)
    new = _labels(call, labels)
    going = frozenset(u.i for u in words if u.speaker in labels)
    voices = []
    for voice in call.speakers:
        if voice.label in labels:
            voices.append(_nobody(voice, new[voice.label]))
        else:
            voices.append(voice.model_copy(update={"title": voice.title and mask(voice.title)}))
    left = []
    for u in words:
        if u.i in going:
            left.append(emptied(u, new[u.speaker]))
            continue
        heard_as = new.get(u.original_speaker or "", u.original_speaker)
        masked = {"text": mask(u.text), "original": u.original and mask(u.original)}
        left.append(u.model_copy(update={**masked, "original_speaker": heard_as}))
    return _After(going, tuple(voices), tuple(left))


def _labels(call: Call, labels: frozenset[str]) -> dict[str, str]:
    """A new label for each of the person's: in a transcript the label is the name."""
    taken = {s.label for s in call.speakers}
    new: dict[str, str] = {}
    for label in sorted(labels):
        n, made = 1, ERASED
        while made in taken:
            n += 1
            made = f"{ERASED} ({n})"
        new[label] = made
        taken.add(made)
    return new


def _nobody(voice: Speaker, label: str) -> Speaker:
    return Speaker(label=label, name=label, role=voice.role, basis=voice.basis, doubt=voice.doubt)


@dataclass(frozen=True, slots=True)
class _Files:
    """What takes the place of the files that came; none where one may stay. ``voice_gone``: of a
    recording and its transcript only the latter is left.
    """

    media: Kept | None = None
    transcript: Kept | None = None  # of a recording
    voice_gone: bool = False


def _discard(library: Library, kept: _Files) -> None:
    erased_files.discard(library, kept.media)
    erased_files.discard(library, kept.transcript)


def _files_without(
    library: Library, call: Call, words: Sequence[Utterance], after: _After, masks: Masks
) -> _Files:
    if call.state != "ready":
        return _Files()  # nobody knows yet what is said there
    clear(library.home, ".without-*")
    with tempfile.TemporaryDirectory(dir=library.home, prefix=".without-") as folder:
        written = Path(folder) / "without.json"
        written.write_bytes(render(_text(call, after, masks), "json"))

        def keep(path: Path) -> Kept:
            return library.media.keep(path, limit=path.stat().st_size, given=True)

        if not call.has_audio:
            return _Files(media=keep(written))
        transcript = keep(written) if call.transcript_file is not None else None
        if not after.going:  # what others say of them is still to be heard
            return _Files(transcript=transcript)
        spans = in_recording(call, words, after.going)
        if spans is None:
            return _Files(transcript=transcript, voice_gone=True)
        try:
            with library.read() as connection:
                media = media_name(connection, call.call_id)
            out = Path(folder) / "without.m4a"
            with library.media.local(media) as path:
                silence(path, out, spans, call.file_name)
            return _Files(keep(out), transcript)
        except BaseException:
            erased_files.discard(library, transcript)
            raise


def _text(call: Call, after: _After, masks: Masks) -> CallText:
    told = {**dict(call), "title": masks.of(call.call_id)(call.title)}
    return CallText.model_validate({**told, "speakers": after.voices, "utterances": after.words})


def _put(
    library: Library,
    connection: sa.Connection,
    call: Call,
    labels: frozenset[str],
    after: _After,
    derived: Derived,
    kept: _Files,
    masks: Masks,
) -> None:
    """Put the call as it will be in its place; files that are nobody's any more are to go."""
    call_id, mask = call.call_id, masks.of(call.call_id)
    _refuse_while_at_work(connection, [call_id])
    names = [s.name for s in call.speakers if s.label in labels]
    said = said_in(connection, call_id, after.going, names) if after.going else frozenset()
    gone = Gone(
        call_id,
        utterances=after.going,
        said=said,
        named=masks.full,
        wide=mask,
        quoted=lambda other, text: masks.of(other)(text),
    )
    withdraw(connection, gone)
    for table in (readings, placements):
        connection.execute(table.delete().where(table.c.call_id == call_id))
    stage_store.forget(connection, call_id)
    forget_marks(connection, gone)
    forget_corrections(connection, call_id, names, gone)
    before = {media_name(connection, call_id), playback_name(connection, call_id) or ""}
    if (other := joined.joined(connection, call_id)) is not None:
        before.add(other.media)
    put_words(connection, call_id, after.voices, after.words)
    derived.write(connection, library.index)
    told: dict[str, object] = {
        "title": mask(call.title),
        "file_name": mask(call.file_name),
        "warnings": [mask(warning) for warning in call.warnings],
        "notes": [mask(note) for note in joined.notes_of(connection, call_id)],
    }
    if kept.media is not None:
        erased_people.note(connection, content_of(connection, call_id))
        told |= {
            "file_name": _renamed(mask(call.file_name), kept.media),
            "media": kept.media.name,
            "media_type": mimetypes.guess_type(kept.media.name)[0] or "application/octet-stream",
            "content_sha256": kept.media.sha256,
            "playback": kept.media.name if call.has_audio else None,
        }
    if kept.voice_gone and kept.transcript is not None:
        _note_files(connection, call_id)
        joined.forget(connection, call_id)
        told |= {
            "file_name": _renamed(mask(call.transcript_file or ""), kept.transcript),
            "media": kept.transcript.name,
            "media_type": mimetypes.guess_type(kept.transcript.name)[0]
            or "application/octet-stream",
            "content_sha256": kept.transcript.sha256,
            "is_recording": False,
            "playback": None,
            "warnings": [*map(mask, call.warnings), _VOICE_GONE],
            "notes": [*map(mask, joined.notes_of(connection, call_id)), _VOICE_GONE],
        }
    elif kept.transcript is not None and other is not None:
        erased_people.note(connection, other.content_sha256)
        name = _renamed(mask(call.transcript_file or ""), kept.transcript)
        joined.replace(connection, call_id, kept.transcript, name)
    update_call(connection, call_id, **told)
    follow(library, connection, call_id)
    mask_jobs(connection, mask, jobs.c.call_id == call_id)
    note_words(connection)
    erasures.count(connection, people=1)
    note_erased(library, connection)
    erased_files.note(connection, before - {""} - files(connection))


def _renamed(name: str, kept: Kept) -> str:
    return str(PurePath(name).with_suffix(PurePath(kept.name).suffix))


def _refuse_while_at_work(connection: sa.Connection, call_ids: Collection[str]) -> None:
    """Raises ``Conflict`` while a job has their words in hand: it would put them back."""
    at_work = jobs.c.call_id.in_(sorted(call_ids)) | jobs.c.kind.in_(("read", "memo"))
    job = connection.execute(
        sa.select(jobs.c.kind, jobs.c.call_id).where(jobs.c.state.in_(OPEN), at_work).limit(1)
    ).first()
    if job is not None:
        what = f"call {job.call_id}" if job.call_id else f"a {job.kind} job"
        raise Conflict(
            f"Nobody can be erased while {what} is being worked on: wait until it is done, or stop "
            "it."
        )
