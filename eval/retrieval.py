"""How well what was said is found: QMSum's meetings, and Larkspur's look-up questions.

QMSum (Zhong et al., NAACL 2021) asks of real meetings; the gold is turns. The figure is the mean
share of a question's gold words that stand in the first 1,000 words found, beside a naive baseline
(1,000-character chunks, 200 of overlap, the nearest by vector), and how often the utterance to be
quoted is a gold one. One example, of the first meeting: "What was said on speech overlap?", gold
turns 193 to 300. Larkspur asks for one utterance (hit@1, hit@5). Tune on QMSum, check on Larkspur.

    python -m eval.retrieval ../shared --home /tmp/retrieval
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from ingest.database import open_database
from ingest.embed import Embedder, Vectors, open_embedder
from ingest.index import Index
from ingest.models import Role, Speaker, Utterance
from ingest.passages import passages
from ingest.search import Hit, search
from ingest.store import insert_call, replace_words
from ingest.tables import calls

WORDS = 1_000
_HITS = 60


@dataclass(frozen=True, slots=True)
class Question:
    """``gold`` are (call id, utterance) pairs; ``call_ids`` is the scope, ``None`` for all."""

    text: str
    call_ids: tuple[str, ...] | None
    gold: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Calls as (call id, utterances, speakers), and what is asked of them."""

    calls: Sequence[tuple[str, Sequence[Utterance], Sequence[Speaker]]]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Figures:
    """``share`` is the mean share of gold words found within ``WORDS``; times are CPU seconds."""

    questions: int
    hit_1: float
    hit_5: float
    share: float
    query_p95_s: float


def measure(corpus: Corpus, home: Path, *, anywhere: bool = False) -> Figures:
    """Index the corpus under ``home`` (kept for the next time) and ask every question.

    ``anywhere`` asks without the questions' scope.
    """
    embedder = open_embedder()
    home.mkdir(parents=True, exist_ok=True)
    engine = open_database(f"sqlite:///{home / 'firsthand.db'}")
    index = Index(home / "vectors", embedder.name)
    words = {(c, u.i): len(u.text.split()) for c, us, _ in corpus.calls for u in us}
    firsts, fives, shares, times = [], [], [], []
    try:
        _fill(engine, index, embedder, corpus)
        with engine.connect() as connection:
            for question in corpus.questions:
                start = time.process_time()
                scope = None if anywhere else question.call_ids
                hits = search(
                    connection, index, embedder, question.text, call_ids=scope, limit=_HITS
                )
                times.append(time.process_time() - start)
                quoted = [(hit.call_id, hit.utterance) in question.gold for hit in hits]
                firsts.append(any(quoted[:1]))
                fives.append(any(quoted[:5]))
                shares.append(share(question.gold, reading(hits, words), words))
    finally:
        engine.dispose()
    return Figures(
        len(corpus.questions),
        float(np.mean(firsts)),
        float(np.mean(fives)),
        float(np.mean(shares)),
        float(np.percentile(times, 95)),
    )


def measure_naive(corpus: Corpus, embedder: Embedder) -> float:
    """The baseline's mean share: what most people would build first."""
    shares = []
    for call_id, utterances, speakers in corpus.calls:
        names = {s.label: s.name for s in speakers}
        asked = [q for q in corpus.questions if q.call_ids == (call_id,)]
        chunks = list(_chunks([(u.i, f"{names[u.speaker]}: {u.text}") for u in utterances]))
        vectors = embedder.embed(["\n".join(text for _, text in chunk) for chunk in chunks])
        words = {(call_id, u.i): len(u.text.split()) for u in utterances}
        for question in asked:
            order = np.argsort(-(vectors @ embedder.embed([question.text])[0]), kind="stable")
            found = ((call_id, i) for n in order for i, _ in chunks[n])
            shares.append(share(question.gold, _fit(found, words), words))
    return float(np.mean(shares))


def share(
    gold: Iterable[tuple[str, int]],
    found: Iterable[tuple[str, int]],
    words: Mapping[tuple[str, int], int],
) -> float:
    """Words of the gold utterances that were found, of all words of the gold utterances."""
    wanted = {key for key in gold if key in words}
    got = wanted & set(found)
    return sum(words[k] for k in got) / max(1, sum(words[k] for k in wanted))


def reading(hits: Sequence[Hit], words: Mapping[tuple[str, int], int]) -> list[tuple[str, int]]:
    """The utterances of the hits' runs, best stretch first, as many as fit into ``WORDS``."""
    best = sorted(hits, key=lambda hit: -hit.stretch)
    return _fit(((h.call_id, i) for h in best for i in range(h.first, h.last + 1)), words)


def _fit(
    found: Iterable[tuple[str, int]], words: Mapping[tuple[str, int], int]
) -> list[tuple[str, int]]:
    total = 0
    taken: dict[tuple[str, int], None] = {}
    for key in found:
        if key not in taken and key in words and total + words[key] <= WORDS:
            taken[key] = None
            total += words[key]
    return list(taken)


def read_qmsum(path: Path) -> Corpus:
    """The file's meetings, every speaker a customer; each question asks its own meeting."""
    meetings, questions = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        meeting = json.loads(line)
        call_id = f"meeting-{number}"
        turns = meeting["meeting_transcripts"]
        spoken = [_utterance(i, t["speaker"], _plain(t["content"])) for i, t in enumerate(turns)]
        voices = [_speaker(name, "customer") for name in dict.fromkeys(u.speaker for u in spoken)]
        meetings.append((call_id, spoken, voices))
        for asked in meeting["specific_query_list"]:
            spans = [(int(a), int(b)) for a, b in asked["relevant_text_span"]]
            gold = frozenset((call_id, i) for a, b in spans for i in range(a, b + 1))
            questions.append(Question(asked["query"], (call_id,), gold))
    return Corpus(meetings, questions)


def read_larkspur(folder: Path) -> Corpus:
    """The calls with their own names and roles, and the look-up questions."""
    held, of_account = [], dict[str, list[str]]()
    for path in sorted((folder / "calls").glob("*.json")):
        call = json.loads(path.read_text("utf-8"))
        spoken = [_utterance(u["i"], u["speaker"], u["text"]) for u in call["utterances"]]
        voices = [_speaker(p["name"], p["role"]) for p in call["participants"]]
        held.append((call["call_id"], spoken, voices))
        of_account.setdefault(call["account_id"], []).append(call["call_id"])
    questions = []
    for asked in json.loads((folder / "questions.json").read_text("utf-8")):
        if asked["kind"] == "lookup":
            scope = tuple(c for a in asked["filters"]["accounts"] for c in of_account[a])
            gold = ((g["call_id"], i) for g in asked["gold_evidence"] for i in g["utterances"])
            questions.append(Question(asked["question"], scope, frozenset(gold)))
    return Corpus(held, questions)


def _plain(content: str) -> str:
    """Without the transcribers' marks ("{vocalsound}") and the spaces before punctuation."""
    return re.sub(r"\s+([.,?!'])", r"\1", re.sub(r"\{\w+\}", "", content)).strip()


def _utterance(i: int, speaker: str, text: str) -> Utterance:
    return Utterance(i=i, speaker=speaker, start_s=None, end_s=None, text=text)


def _speaker(name: str, role: Role) -> Speaker:
    return Speaker(label=name, name=name, role=role, basis="file")


def _fill(engine: sa.Engine, index: Index, embedder: Embedder, corpus: Corpus) -> None:
    with engine.connect() as connection:
        there = set(connection.scalars(sa.select(calls.c.call_id)))
    for call_id, spoken, voices in corpus.calls:
        if call_id in there:
            continue
        cut = passages(call_id, spoken, voices)
        vectors: Vectors = embedder.embed([p.text for p in cut])
        values = {
            "call_id": call_id,
            "title": call_id,
            "source": "evaluation",
            "state": "ready",
            "media": "",
            "media_type": "",
            "is_recording": False,
            "content_sha256": call_id,
            "warnings": [],
            "created_at": datetime.now(UTC),
        }
        with engine.execution_options(writes=True).begin() as connection:
            insert_call(connection, values)
            replace_words(connection, call_id, voices, spoken)
            index.put(connection, call_id, cut, vectors)


def _chunks(lines: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Lines joined up to 1,000 characters, the next chunk repeating up to 200 of them.

    That is what LangChain's RecursiveCharacterTextSplitter makes of lines; a longer line stays
    whole here, which helps the baseline.
    """
    chunk: list[tuple[int, str]] = []
    for line in lines:
        if chunk and sum(len(t) + 1 for _, t in chunk) + len(line[1]) > 1_000:
            yield list(chunk)
            while chunk and sum(len(t) + 1 for _, t in chunk) > 200:
                chunk.pop(0)
        chunk.append(line)
    if chunk:
        yield chunk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--naive", action="store_true", help="measure the baseline as well")
    given = parser.parse_args()
    qmsum = read_qmsum(given.shared / "qmsum" / "val.jsonl")
    larkspur = read_larkspur(given.shared / "corpora" / "larkspur")
    print("larkspur in scope  ", measure(larkspur, given.home / "larkspur"))
    print("larkspur anywhere  ", measure(larkspur, given.home / "larkspur", anywhere=True))
    print("qmsum              ", measure(qmsum, given.home / "qmsum"))
    if given.naive:
        print("qmsum, naive: share", measure_naive(qmsum, open_embedder()))


if __name__ == "__main__":
    main()
