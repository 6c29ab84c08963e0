"""The naive baseline: what most people would build first, from the parts they would build it with.

LangChain's ``RecursiveCharacterTextSplitter`` at 1,000 characters and 200 of overlap, the same
all-MiniLM-L6-v2 that search uses, and Chroma through ``langchain-chroma``, a collection per call.
The first meeting of QMSum val, for example, becomes 105 chunks.

The count is kind to it: chunks are read word by word until 1,000 words of speech are reached, cut
there, words that overlapping chunks repeat count once, and speakers' names cost nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.embed import Embedder
from ingest.models import Speaker, Utterance

SIZE, OVERLAP = 1_000, 200  # characters
_CHUNKS = 60  # asked for: at least 1,000 words, however much they overlap


class AsLangChain(Embeddings):
    """Our embedder behind LangChain's interface."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._embedder.embed(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@dataclass(frozen=True, slots=True)
class Script:
    """A call as one text, a line per utterance, and where each spoken word starts in it.

    ``owner`` is each word's utterance; speakers' names are no words.
    """

    text: str
    starts: Sequence[int]
    owner: Sequence[int]


def script(utterances: Sequence[Utterance], speakers: Sequence[Speaker]) -> Script:
    """The call as it would be written into a file."""
    names = {speaker.label: speaker.name for speaker in speakers}
    lines, starts, owner = [], [], []
    at = 0
    for utterance in utterances:
        line = f"{names[utterance.speaker]}: "
        for word in utterance.text.split():
            starts.append(at + len(line))
            owner.append(utterance.i)
            line += word + " "
        lines.append(line.rstrip())
        at += len(lines[-1]) + 1
    return Script("\n".join(lines), starts, owner)


class Naive:
    """One call in a Chroma collection of its own, in memory; ``close`` drops it."""

    def __init__(self, told: Script, embedder: Embedder) -> None:
        import chromadb
        from chromadb.config import Settings

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True
        )
        self._told = told
        self._store = Chroma(
            collection_name=f"naive-{uuid4().hex}",
            embedding_function=AsLangChain(embedder),
            client=chromadb.EphemeralClient(Settings(anonymized_telemetry=False)),
        )
        self._store.add_documents(splitter.create_documents([told.text]))

    def find(self, question: str, words: int) -> dict[int, int]:
        """How many words of each utterance stand in the first ``words`` words found."""
        taken: dict[int, None] = {}
        for chunk in self._store.similarity_search(question, k=_CHUNKS):
            first, last = self._within(chunk)
            taken |= dict.fromkeys(range(first, last))
            if len(taken) >= words:
                break
        found: dict[int, int] = {}
        for word in list(taken)[:words]:
            found[self._told.owner[word]] = found.get(self._told.owner[word], 0) + 1
        return found

    def close(self) -> None:
        self._store.delete_collection()

    def _within(self, chunk: Document) -> tuple[int, int]:
        """The words whose first letter lies in the chunk, as a half-open range."""
        start: int = chunk.metadata["start_index"]
        end = start + len(chunk.page_content)
        starts = self._told.starts
        return bisect_left(starts, start), bisect_right(starts, end - 1)
