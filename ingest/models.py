"""The nouns of the ingest floor: what is stored, served and passed from one step to the next.

Pydantic models are frozen and are at once the JSON, the API schema and the fixture. Slotted
dataclasses are for what is made by the hundred thousand. Times are seconds from the start of the
recording; samples are float32 in [-1, 1] at ``RATE`` hertz.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

RATE = 16_000

Role = Literal["customer", "internal"]
# How a role came about, surest first: a person said so, the file says so, the e-mail domain, the
# channel of a stereo recording, the way of speaking.
RoleBasis = Literal["person", "file", "domain", "channel", "speech"]
CallState = Literal["working", "ready", "failed"]
Samples = NDArray[np.float32]


class Frozen(BaseModel):
    """Base of everything stored or served: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- sound, by the hundred thousand -----------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of one channel short enough for a recogniser (at most 30 s).

    ``speech`` are the spans in which the voice activity detector heard a voice, in seconds from
    the start of the *recording*, in order, inside the piece.
    """

    channel: int
    start_s: float
    samples: Samples
    speech: tuple[tuple[float, float], ...]

    @property
    def end_s(self) -> float:
        return self.start_s + len(self.samples) / RATE


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word as written (with its punctuation), and how sure the recogniser was."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One voice speaking without a break. ``speaker`` is a label such as ``S1``."""

    speaker: str
    start_s: float
    end_s: float


# --- calls ------------------------------------------------------------------------------------


class Participant(Frozen):
    """Somebody the file itself names. Everything but the name may be unknown."""

    name: str
    role: Role | None = None
    title: str | None = None
    email: str | None = None
    company: str | None = None


class Utterance(Frozen):
    """One speaker, one stretch: the citable unit. ``i`` counts from 0 within the call.

    ``start_s`` and ``end_s`` are ``None`` where the transcript carries no times.
    ``confidence`` (0 to 1) is ``None`` for imported transcripts; 0 where the call has a recording
    too and not a word of the utterance was heard in it: its times are guessed. ``original`` is the
    text before a person corrected it, ``original_speaker`` the label before a person moved it.
    """

    i: int
    speaker: str
    start_s: float | None
    end_s: float | None
    text: str
    confidence: float | None = None
    original: str | None = None
    original_speaker: str | None = None


class Speaker(Frozen):
    """A voice of one call. ``label`` is what utterances refer to and never changes.

    ``doubt`` is the estimated chance (0 to 1) that the *role* is wrong, whatever it is based on.
    """

    label: str
    name: str
    role: Role
    basis: RoleBasis
    doubt: Annotated[float, Field(ge=0, le=1)] = 0.0
    title: str | None = None
    email: str | None = None
    named_by_person: bool = False


class Transcript(Frozen):
    """What a parser or the speech part hands over: everything known before roles are settled.

    ``utterances[].speaker`` is a label; for files that name their speakers the label is the name.
    """

    call_id: str | None = None
    title: str | None = None
    date: dt.date | None = None
    account_id: str | None = None
    source: str
    participants: tuple[Participant, ...] = ()
    utterances: tuple[Utterance, ...]


class Account(Frozen):
    """A customer as the CRM has it. Only the id and the name are certain."""

    account_id: str
    name: str
    arr_usd: float | None = None
    tier: str | None = None
    segment: str | None = None
    region: str | None = None
    renewal_date: dt.date | None = None
    health: str | None = None
    owner: str | None = None


class Call(Frozen):
    """A call as listed. ``engine``/``model`` say who heard it, ``None`` for a transcript.

    ``consent`` is whether the customer agreed to be quoted, ``None`` while nobody asked; a
    call that ``waits_for_consent`` counts nowhere. ``transcript_file`` is the name of the
    transcript that came with a recording; ``agreement`` is which share of its words was heard alike
    in the recording, ``offset_s`` what was added to its times.
    """

    call_id: str
    title: str
    date: dt.date | None
    account_id: str | None
    source: str
    file_name: str
    state: CallState
    duration_s: float | None
    utterances_n: int
    engine: str | None
    model: str | None
    has_audio: bool
    content_sha256: str
    created_at: dt.datetime
    speakers: tuple[Speaker, ...] = ()
    warnings: tuple[str, ...] = ()
    consent: Literal["given", "refused"] | None = None
    waits_for_consent: bool = False
    words_from: Literal["recording", "transcript"] | None = None
    transcript_file: str | None = None
    agreement: float | None = None
    offset_s: float | None = None
