"""A small home with calls in it, for the tests of index and search."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from ingest.embed import Embedder, Vectors
from ingest.library import Library, Options
from ingest.models import Speaker, Utterance
from ingest.passages import Passage, passages
from ingest.store import insert_call, replace_words

VOICES = (
    Speaker(label="C", name="Ana Ruiz", role="customer", basis="file"),
    Speaker(label="V", name="Ben Okoye", role="internal", basis="file"),
)


class Home(Library):
    """A library of one's own, with a sentence model that many share."""

    def __init__(self, folder: Path, embedder: Embedder, vectors_url: str | None = None) -> None:
        super().__init__(folder, Options(models=folder, vectors_url=vectors_url))
        self._embedder = embedder

    def add(
        self,
        call_id: str,
        turns: Sequence[tuple[str, str]],
        *,
        state: str = "ready",
        voices: Sequence[Speaker] = VOICES,
    ) -> None:
        """A call of (label, text) turns, stored and indexed in one transaction."""
        words = [
            Utterance(i=i, speaker=label, start_s=None, end_s=None, text=text)
            for i, (label, text) in enumerate(turns)
        ]
        with self.change() as connection:
            known = connection.scalar(
                sa.text("SELECT count(*) FROM calls WHERE call_id = :c"), {"c": call_id}
            )
            if not known:
                insert_call(connection, call_row(call_id, state))
            replace_words(connection, call_id, voices, words)
            self.put(connection, call_id, words, voices)

    def put(
        self,
        connection: sa.Connection,
        call_id: str,
        words: Sequence[Utterance],
        voices: Sequence[Speaker] = VOICES,
    ) -> None:
        cut = passages(call_id, words, voices)
        vectors = self.embedder.embed([p.text for p in cut])
        self.index.put(connection, call_id, cut, vectors)


def call_row(call_id: str, state: str) -> dict[str, object]:
    return {
        "call_id": call_id,
        "title": call_id,
        "source": "test",
        "state": state,
        "media": "",
        "media_type": "",
        "is_recording": False,
        "content_sha256": call_id,
        "warnings": [],
        "created_at": datetime(2026, 5, 1, tzinfo=UTC),
    }


def fill(home: Home, call_ids: Sequence[str], passages_n: int = 6, state: str = "ready") -> None:
    """Calls of so many passages of each role, with random vectors: nothing is embedded."""
    with home.change() as connection:
        for call_id in call_ids:
            digest = hashlib.sha256(call_id.encode()).hexdigest()[:16]
            known = connection.scalar(
                sa.text("SELECT count(*) FROM calls WHERE call_id = :c"), {"c": call_id}
            )
            if not known:
                insert_call(connection, call_row(call_id, state))
            cut = [
                Passage(
                    f"{call_id}:{digest}:{n:05}",
                    call_id,
                    "customer" if n < passages_n else "internal",
                    "small",
                    n,
                    n,
                    f"Ana Ruiz: word{n} of {call_id}",
                )
                for n in range(2 * passages_n)
            ]
            home.index.put(connection, call_id, cut, random_vectors(len(cut), call_id))


def random_vectors(count: int, seed: str) -> Vectors:
    """Unit vectors, the same for the same seed."""
    vectors = np.random.default_rng(list(seed.encode())).normal(size=(count, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)
