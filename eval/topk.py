"""Plain top-k retrieval over a corpus, from the parts that most people would take.

Those of ``eval.naive``, over all calls at once: LangChain's splitter at 1,000 characters, Chroma
through ``langchain-chroma``, the sentence model that the product uses as well. One chunk holds
several utterances, and all of them that are customers' count as cited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from eval.cases import Corpus
from eval.gold import Place
from ingest.embed import open_embedder


class TopK:
    """The calls in one Chroma collection, in memory."""

    def __init__(self, corpus: Corpus) -> None:
        import chromadb
        from chromadb.config import Settings
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from eval.naive import OVERLAP, SIZE, AsLangChain

        self._corpus = corpus
        self._lines = {call: list(_lines(corpus, call)) for call in corpus.account_of}
        splitter = RecursiveCharacterTextSplitter(
            chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True
        )
        self._store = Chroma(
            collection_name="corpus",
            embedding_function=AsLangChain(open_embedder(threads=2)),
            client=chromadb.EphemeralClient(Settings(anonymized_telemetry=False)),
        )
        texts = ["".join(line for _, line in lines) for lines in self._lines.values()]
        named = [{"call_id": call} for call in self._lines]
        self._store.add_documents(splitter.create_documents(texts, named))

    def find(self, question: str, calls: Iterable[str], k: int) -> list[frozenset[Place]]:
        """Of the ``k`` nearest chunks of these calls, what customers say in each, nearest first."""
        within = cast(dict[str, str], {"call_id": {"$in": sorted(calls)}})  # as Chroma has it
        found = []
        for chunk in self._store.similarity_search(question, k=k, filter=within):
            call, first = chunk.metadata["call_id"], chunk.metadata["start_index"]
            found.append(frozenset(self._inside(call, first, first + len(chunk.page_content))))
        return found

    def close(self) -> None:
        self._store.delete_collection()

    def _inside(self, call: str, first: int, end: int) -> Iterator[Place]:
        """Customers' utterances of which at least half stands in the chunk, or all of the chunk."""
        at = 0
        for place, line in self._lines[call]:
            shared = min(end, at + len(line)) - max(first, at)
            at += len(line)
            much = shared * 2 >= len(line) or shared * 2 >= end - first
            if much and self._corpus.roles[place] == "customer":
                yield place


@contextmanager
def top_k(corpus: Corpus) -> Iterator[TopK]:
    held = TopK(corpus)
    try:
        yield held
    finally:
        held.close()


def _lines(corpus: Corpus, call: str) -> Iterator[tuple[Place, str]]:
    """The call as it would stand in a file, a line per utterance."""
    for place, text in corpus.texts.items():
        if place[0] == call:
            yield place, f"{corpus.speakers[place]}: {text}\n"
