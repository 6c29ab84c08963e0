"""A small home with calls in it, for the tests of index and search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from ingest.database import open_database
from ingest.embed import Embedder
from ingest.index import Index
from ingest.models import Speaker, Utterance
from ingest.passages import passages
from ingest.store import insert_call, replace_words

VOICES = (
    Speaker(label="C", name="Ana Ruiz", role="customer", basis="file"),
    Speaker(label="V", name="Ben Okoye", role="internal", basis="file"),
)


class Home:
    """A database and an index under one folder."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.embedder = embedder
        self.folder = folder
        self.engine: sa.Engine = open_database(f"sqlite:///{folder / 'firsthand.db'}")
        self.index = Index(folder / "vectors", embedder.name)

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
        with self.engine.execution_options(writes=True).begin() as connection:
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
