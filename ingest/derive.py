"""What is computed from a call's words and speakers: passages, evidence and their vectors.

All of it follows from the utterances and can be made again at any time; when a speaker's role is
corrected, it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import evidence as ledger
from ingest.embed import Embedder
from ingest.erased import spoken_still
from ingest.evidence import EvidenceItem
from ingest.index import Index
from ingest.models import Speaker, Utterance
from ingest.passages import Passage
from ingest.passages import passages as cut_into
from ingest.readings import Reading, laid_over
from ingest.tables import evidence, passages

BATCH = 32  # texts embedded between two signs of progress


@dataclass(frozen=True, slots=True)
class Derived:
    """A call's passages and evidence, each with a row of its matrix of unit vectors."""

    call_id: str
    passages: Sequence[Passage]
    passage_vectors: NDArray[np.float32]
    evidence: Sequence[EvidenceItem]
    evidence_vectors: NDArray[np.float32]

    def write(self, connection: sa.Connection, index: Index) -> None:
        """Put all of it in place of what the call has."""
        index.put(connection, self.call_id, self.passages, self.passage_vectors)
        ledger.write(connection, self.call_id, self.evidence, self.evidence_vectors)


def derive(
    embedder: Embedder,
    call_id: str,
    words: Sequence[Utterance],
    voices: Sequence[Speaker],
    progress: Callable[[float], None] = lambda _fraction: None,
    *,
    reading: Reading | None = None,
    known: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
) -> Derived:
    """Read every utterance once. ``progress`` hears the fraction done, and may raise to stop.

    ``reading`` is what a language model read in the call before. ``known`` are vectors that this
    embedder made, by their texts: those texts are not embedded again.
    """
    words = spoken_still(words)
    windows = cut_into(call_id, words, voices)
    items = laid_over(ledger.read(words, voices), reading, words, voices)
    by_number = {u.i: u for u in words}
    texts = [p.text for p in windows]
    texts += [by_number[e.utterance].text[e.first_char : e.end_char] for e in items]
    new = [text for text in dict.fromkeys(texts) if text not in known]
    made = dict(known)
    for start in range(0, len(new), BATCH):
        some = new[start : start + BATCH]
        made.update(zip(some, embedder.embed(some), strict=True))
        progress(min(1.0, (start + BATCH) / len(new)))
    vectors = np.zeros((len(texts), embedder.dim), np.float32)
    for row, text in enumerate(texts):
        vectors[row] = made[text]
    split = len(windows)
    return Derived(call_id, windows, vectors[:split], items, vectors[split:])


def vectors_of(
    connection: sa.Connection, call_id: str, words: Sequence[Utterance], dim: int
) -> dict[str, NDArray[np.float32]]:
    """The vectors that the call's passages and evidence have, by their texts.

    A text has the same vector wherever it stands; ``words`` are the call's as they are stored.
    Those that are no vectors of ``dim`` numbers are left out.
    """
    told = {u.i: u.text for u in words}
    of_passages = sa.select(passages.c.text, passages.c.vector)
    c = evidence.c
    of_evidence = sa.select(c.utterance, c.first_char, c.end_char, c.vector)
    found = [
        *connection.execute(of_passages.where(passages.c.call_id == call_id)),
        *(
            (told.get(i, "")[first:end], vector)
            for i, first, end, vector in connection.execute(of_evidence.where(c.call_id == call_id))
        ),
    ]
    return {
        text: np.frombuffer(vector, "<f4").astype(np.float32)
        for text, vector in found
        if len(vector) == 4 * dim
    }
