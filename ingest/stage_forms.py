"""How what a stage came to is written down, to be read again by another process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import TypeAdapter

from ingest.correction_log import Lost
from ingest.derive import Derived
from ingest.evidence import EvidenceItem
from ingest.listen import Sound, Words
from ingest.models import Frozen, Participant, Speaker, Utterance, Word
from ingest.passages import Passage

T = TypeVar("T")


class Told(Frozen):
    """What a call says before anybody is settled, from its recording or its transcript.

    Of a call that has both, ``words_from`` says which of them has the words, ``agreement`` and
    ``offset_s`` are as in ``ingest.agreement``; ``apart`` says why they are not of one call.
    """

    utterances: tuple[Utterance, ...]
    participants: tuple[Participant, ...] = ()
    duration_s: float | None = None
    channels_apart: bool = False
    engine: str | None = None
    model: str | None = None
    speakers_doubt: float = 0.0
    warnings: tuple[str, ...] = ()
    words_from: Literal["recording", "transcript"] | None = None
    agreement: float | None = None
    offset_s: float | None = None
    apart: str | None = None


class Settled(Frozen):
    """Words and speakers as they will be stored; ``over`` is a digest of what they replace.

    ``lost`` are people's corrections of what they replace that do not fit.
    """

    words: tuple[Utterance, ...]
    speakers: tuple[Speaker, ...]
    over: str
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a result is written down, and read again."""

    dump: Callable[[T], bytes]
    load: Callable[[bytes], T]


def _json(kind: type[T]) -> Form[T]:
    adapter = TypeAdapter(kind)
    return Form(adapter.dump_json, adapter.validate_json)


def speaker_of(word: Word) -> str | None:
    return getattr(word, "speaker", None)


def as_list(word: Word) -> list[object]:
    return [word.text, word.start_s, word.end_s, word.confidence, speaker_of(word)]


def words_from(rows: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    from ingest.transcribe import VoicedWord

    return tuple(Word(*row[:4]) if row[4] is None else VoicedWord(*row) for row in rows)


def _dump_words(words: Words) -> bytes:
    sides = [[as_list(word) for word in side] for side in words.words]
    return json.dumps({"words": sides, "engine": words.engine, "model": words.model}).encode()


def _load_words(body: bytes) -> Words:
    kept = json.loads(body)
    first, second = map(words_from, kept["words"])
    return Words((first, second), kept["engine"], kept["model"])


_PASSAGES = TypeAdapter(list[Passage])
_ITEMS = TypeAdapter(list[EvidenceItem])


def _dump_derived(derived: Derived) -> bytes:
    held = io.BytesIO()
    np.savez(
        held,
        call_id=np.array(derived.call_id),
        passages=_bytes(_PASSAGES.dump_json(list(derived.passages))),
        evidence=_bytes(_ITEMS.dump_json(list(derived.evidence))),
        passage_vectors=derived.passage_vectors,
        evidence_vectors=derived.evidence_vectors,
    )
    return held.getvalue()


def _bytes(text: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(text, np.uint8)


def _load_derived(body: bytes) -> Derived:
    with np.load(io.BytesIO(body), allow_pickle=False) as kept:
        return Derived(
            str(kept["call_id"]),
            _PASSAGES.validate_json(kept["passages"].tobytes()),
            kept["passage_vectors"],
            _ITEMS.validate_json(kept["evidence"].tobytes()),
            kept["evidence_vectors"],
        )


SOUND, TOLD, SETTLED = _json(Sound), _json(Told), _json(Settled)
WORDS = Form(_dump_words, _load_words)
DERIVED = Form(_dump_derived, _load_derived)
