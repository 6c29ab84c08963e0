"""What is computed from a call's words and speakers: passages, evidence and their vectors.

All of it follows from the utterances and can be made again at any time; when a speaker's role is
corrected, it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import evidence as ledger
from ingest.embed import Embedder
from ingest.evidence import EvidenceItem
from ingest.index import Index
from ingest.models import Speaker, Utterance
from ingest.passages import Passage, passages
from ingest.readings import Reading, laid_over

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
) -> Derived:
    """Read every utterance once. ``progress`` hears the fraction done, and may raise to stop.

    ``reading`` is what a language model read in the call before.
    """
    windows = passages(call_id, words, voices)
    items = laid_over(ledger.read(words, voices), reading, words, voices)
    by_number = {u.i: u for u in words}
    texts = [p.text for p in windows]
    texts += [by_number[e.utterance].text[e.first_char : e.end_char] for e in items]
    vectors = np.zeros((len(texts), embedder.dim), np.float32)
    for start in range(0, len(texts), BATCH):
        vectors[start : start + BATCH] = embedder.embed(texts[start : start + BATCH])
        progress(min(1.0, (start + BATCH) / len(texts)))
    split = len(windows)
    return Derived(call_id, windows, vectors[:split], items, vectors[split:])
