"""The stages of a call's work, each done once: its result is kept until the call is ready.

``run`` does one stage, or nothing when its result is kept. A stage asks for what it rests on, so
that whatever was lost is made again. The last one puts everything in place in one transaction;
until then the call is invisible to questions. Any of them may be killed at any instant and run
again, here or on another machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from ingest import correction_log, joined, joining, outbox, stage_store
from ingest.carrying import carry
from ingest.correction_log import Lost
from ingest.derive import Derived, derive
from ingest.errors import BadInput, shown
from ingest.facts import internal_domains
from ingest.library import Library
from ingest.listen import (
    NOBODY,
    Heard,
    Sound,
    Watch,
    Words,
    find_speech,
    recognise,
    tell_apart,
)
from ingest.marks import follow, roles_of
from ingest.models import Call, Speaker, Utterance, Word
from ingest.playback import prepare
from ingest.readings import load
from ingest.stage_forms import (
    DERIVED,
    SETTLED,
    SOUND,
    TOLD,
    WORDS,
    Form,
    Settled,
    Told,
    as_list,
    speaker_of,
    words_from,
)
from ingest.store import (
    get_call,
    known_people,
    list_accounts,
    list_utterances,
    media_name,
    people_of_account,
    playback_name,
    replace_words,
    update_call,
)

STAGES = ("store", "decode", "transcribe", "diarize", "speakers", "evidence", "index")
_OF_A_TRANSCRIPT = ("store", "decode", "speakers", "evidence", "index")

T = TypeVar("T")


def stages_of(call: Call) -> tuple[str, ...]:
    """The stages of this call's work, in order."""
    return STAGES if call.has_audio else _OF_A_TRANSCRIPT


def run(
    library: Library,
    call_id: str,
    stage: str,
    *,
    transcriber: str | None = None,
    watch: Watch = NOBODY,
) -> None:
    """Do one stage of a received call. ``transcriber`` names an engine other than the settings'.

    Raises ``NotFound`` once the call is erased, and what the steps raise, ``Cancelled`` among it.
    """
    work = _Work(library, call_id, transcriber, watch)
    work.by_name[stage]()


@dataclass(slots=True)
class _Work:
    library: Library
    call_id: str
    transcriber: str | None
    watch: Watch

    @property
    def by_name(self) -> dict[str, Callable[[], object]]:
        return {
            "store": self.store,
            "decode": self.decode,
            "transcribe": self.words,
            "diarize": self.told,
            "speakers": self.settled,
            "evidence": self.derived,
            "index": self.publish,
        }

    def call(self) -> Call:
        with self.library.read() as connection:
            return get_call(connection, self.call_id)

    # --- stages ----------------------------------------------------------------------------------

    def store(self) -> None:
        """The file lies in the media store, or there is no use in going on."""
        self.watch.progress("store", 0.0)
        self._with_file(lambda _path: None)
        self.watch.progress("store", 1.0)

    def decode(self) -> object:
        return self.sound() if self.call().has_audio else self.told()

    def sound(self) -> Sound:
        return self._once("decode", SOUND, lambda: self._with_file(self._decoded))

    def words(self) -> Words:
        return self._once("transcribe", WORDS, self._recognised)

    def told(self) -> Told:
        call = self.call()
        if not call.has_audio:
            return self._once("decode", TOLD, self._parsed)
        heard = self._once("diarize", TOLD, self._told_apart)
        with self.library.read() as connection:
            other = joined.joined(connection, self.call_id)
        if other is None:
            return heard
        told = self._once("joined", TOLD, lambda: self._joined(heard, other))
        if told.apart is None:
            return told
        with self.library.change() as connection:
            # Somebody may have taken it off meanwhile.
            if joined.joined(connection, self.call_id) == other:
                joined.part(connection, other, told.apart)
        return self.told()

    def settled(self) -> Settled:
        return self._once("speakers", SETTLED, self._settle)

    def derived(self) -> Derived:
        return self._once("evidence", DERIVED, self._derive)

    def publish(self) -> None:
        """Put all of it in place. Once that is done there is nothing kept, and nothing to do."""
        with self.library.read() as connection:
            kept = stage_store.kept(connection, self.call_id, "evidence") is not None
            ready = get_call(connection, self.call_id).state == "ready"
        if ready and not kept:
            return
        told, settled, derived = self.told(), self.settled(), self.derived()
        self.watch.progress("index", 0.0)
        self.watch.stop_if_asked(self.call().title)
        with self.library.change() as connection:
            call = get_call(connection, self.call_id)
            before = list_utterances(connection, self.call_id)
            other = joined.joined(connection, self.call_id)
            late = _digest(before, call.speakers, other) != settled.over
            if not late:
                self._put(connection, call, before, told, settled, derived)
        if late:  # corrected while it was heard, or its transcript came: settle it over that
            with self.library.change() as connection:
                stage_store.forget(connection, self.call_id, ("joined", "speakers", "evidence"))
            self.derived()
            self.publish()
            return
        self.watch.progress("index", 1.0)

    def _put(
        self,
        connection: sa.Connection,
        call: Call,
        before: Sequence[Utterance],
        told: Told,
        settled: Settled,
        derived: Derived,
    ) -> None:
        replace_words(connection, self.call_id, settled.speakers, settled.words)
        derived.write(connection, self.library.index)
        if call.state != "ready":  # what is heard anew is no news
            outbox.note(connection, "call.ready", {"call_id": self.call_id})
        update_call(
            connection,
            self.call_id,
            state="ready",
            duration_s=told.duration_s,
            engine=told.engine,
            model=told.model,
            speakers_doubt=told.speakers_doubt,
            warnings=[
                *told.warnings,
                *_left_out(settled.lost),
                *joined.notes_of(connection, self.call_id),
            ],
        )
        other = joined.joined(connection, self.call_id)
        if other is not None and told.words_from is not None:
            joined.decide(
                connection,
                other,
                words_from=told.words_from,
                agreement=told.agreement or 0.0,
                offset_s=told.offset_s,
            )
        correction_log.heard_anew(connection, self.call_id, settled.lost)
        follow(self.library, connection, self.call_id, roles=roles_of(call, before))
        stage_store.forget(connection, self.call_id)

    # --- how each is done ------------------------------------------------------------------------

    def _once(self, stage: str, form: Form[T], make: Callable[[], T]) -> T:
        """What is kept of the stage, else what ``make`` gives, kept from now on."""
        with self.library.read() as connection:
            body = stage_store.kept(connection, self.call_id, stage)
        if body is not None:
            return form.load(body)
        result = make()
        with self.library.change() as connection:
            get_call(connection, self.call_id)  # erased meanwhile: nothing of it is kept
            stage_store.keep(connection, self.call_id, stage, form.dump(result), stage_store.WHOLE)
        return result

    def _with_file(self, use: Callable[[Any], T]) -> T:
        """The store names a file by its content; people know it by its own name."""
        with self.library.read() as connection:
            name = shown(get_call(connection, self.call_id).file_name)
            media = media_name(connection, self.call_id)
        with self.library.media.local(media) as path:
            try:
                return use(path)
            except BadInput as problem:
                raise type(problem)(str(problem).replace(path.name, name)) from problem

    def _decoded(self, path: Path) -> Sound:
        """Where somebody speaks; and a copy to play, where the recording is not fit for it."""
        limit_s, tell = self.library.options.max_duration_s, self.watch.progress
        half = Watch(lambda stage, done: tell(stage, done / 2), self.watch.cancelled)
        sound = find_speech(path, limit_s=limit_s, watch=half)
        with self.library.read() as connection:
            there = playback_name(connection, self.call_id)
        if there is None:
            prepare(self.library, self.call_id, path, watch=self.watch)
        tell("decode", 1.0)
        return sound

    def _parsed(self) -> Told:
        from ingest.transcripts import parse

        self.watch.progress("decode", 0.0)
        told = self._with_file(parse)
        ends = [u.end_s for u in told.utterances if u.end_s is not None]
        self.watch.progress("decode", 1.0)
        return Told(
            utterances=told.utterances,
            participants=told.participants,
            duration_s=max(ends, default=None),
        )

    def _recognised(self) -> Words:
        from ingest.transcribe import open_transcriber

        sound = self.sound()
        engine = open_transcriber(self.library.options, self.transcriber)
        with self.library.read() as connection:
            before = stage_store.windows(connection, self.call_id, "transcribe")
        kept = [words_from(json.loads(body)) for body in before]
        # Who an engine says is speaking holds within one hearing only.
        goes_on = not any(speaker_of(word) for words in kept for word in words)
        return self._with_file(
            lambda path: recognise(
                path,
                sound,
                engine,
                vocabulary=self._vocabulary(),
                kept=kept if goes_on else (),
                keep=self._keep_window,
                watch=self.watch,
            )
        )

    def _keep_window(self, n: int, words: Sequence[Word]) -> None:
        body = json.dumps([as_list(word) for word in words]).encode()
        with self.library.change() as connection:
            get_call(connection, self.call_id)
            stage_store.keep(connection, self.call_id, "transcribe", body, n + 1)

    def _told_apart(self) -> Told:
        sound, words = self.sound(), self.words()
        heard: Heard = self._with_file(
            lambda path: tell_apart(path, sound, words, watch=self.watch)
        )
        return Told(
            utterances=heard.utterances,
            duration_s=heard.duration_s,
            channels_apart=heard.channels_apart,
            engine=heard.engine,
            model=None if heard.model is None else heard.model[:200],
            speakers_doubt=heard.speakers_doubt,
            warnings=heard.warnings,
        )

    def _joined(self, heard: Told, other: joined.Joined) -> Told:
        from ingest.transcripts import parse

        spoken = [word for side in self.words().words for word in side]
        with self.library.media.local(other.media) as path:
            transcript = parse(path)
        return joining.told(heard, spoken, transcript, other)

    def _settle(self) -> Settled:
        from ingest.roles import settle

        told = self.told()
        self.watch.progress("speakers", 0.0)
        with self.library.read() as connection:
            call = get_call(connection, self.call_id)
            before = list_utterances(connection, self.call_id)
            other = joined.joined(connection, self.call_id)
            names = {a.account_id: a.name for a in list_accounts(connection)}
            people = known_people(connection)
            domains = internal_domains(connection) | set(self.library.options.internal_domains)
        voices = settle(
            told.utterances,
            told.participants,
            internal_domains=domains,
            account_name=names.get(call.account_id or ""),
            internal_people=people,
            channels_apart=told.channels_apart,
        )
        earlier = joining.on_the_clock(before, told, other)
        carried = carry(earlier, call.speakers, told.utterances, voices)
        self.watch.progress("speakers", 1.0)
        return Settled(
            words=carried.words,
            speakers=carried.speakers,
            over=_digest(before, call.speakers, other),
            lost=carried.lost,
        )

    def _derive(self) -> Derived:
        settled = self.settled()
        self.watch.progress("evidence", 0.0)
        with self.library.read() as connection:
            reading = load(connection, self.call_id)

        def told(fraction: float) -> None:
            self.watch.stop_if_asked(self.call_id)
            self.watch.progress("evidence", fraction)

        return derive(
            self.library.embedder,
            self.call_id,
            settled.words,
            settled.speakers,
            told,
            reading=reading,
        )

    def _vocabulary(self) -> tuple[str, ...]:
        """Names the engine may hear: the account's, and of people known from its other calls."""
        call = self.call()
        with self.library.read() as connection:
            names = {a.account_id: a.name for a in list_accounts(connection)}
            people = people_of_account(connection, call.account_id)
        return tuple(filter(None, (names.get(call.account_id or ""), *people)))


def _left_out(lost: Sequence[Lost]) -> list[str]:
    if not lost:
        return []
    n = len(lost)
    return [
        f"Heard anew: {n} of your corrections no longer fitted and {'was' if n == 1 else 'were'} "
        "left out; the list of corrections has the words."
    ]


def _digest(
    words: Sequence[Utterance], speakers: Sequence[Speaker], other: joined.Joined | None
) -> str:
    told = [*(u.model_dump_json() for u in words), *(s.model_dump_json() for s in speakers)]
    if other is not None:
        told.append(other.content_sha256)
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()
