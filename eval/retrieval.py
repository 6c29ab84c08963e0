"""``python -m eval retrieval FILE``: how well what was said is found.

QMSum (Zhong et al., NAACL 2021) asks of real meetings; the gold is turns. The figure is the mean
share of a question's gold words that stand in the first 1,000 words found, beside the naive
baseline of ``eval.naive`` in the same run, and how often the utterance to be quoted is a gold one.
One example, of the first meeting: "What was said on speech overlap?", gold turns 193 to 300.

A folder in Larkspur's shape is taken as well: its look-up questions each have one answer, asked of
the account's own calls and of all calls. There the utterance quoted counts (hit@1, hit@5).
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from eval.bootstrap import Draws, Floats, Row, estimate, ratio
from eval.naive import Naive, script
from ingest.database import open_database
from ingest.embed import Embedder, open_embedder
from ingest.index import Index
from ingest.models import Role, Speaker, Utterance
from ingest.passages import passages
from ingest.search import Hit, search
from ingest.store import insert_call, replace_words
from ingest.tables import calls
from ingest.tables import passages as stored

WORDS = 1_000
_HITS = 60

Place = tuple[str, int]  # call id, utterance


@dataclass(frozen=True, slots=True)
class Question:
    """``call_ids`` is the scope, ``None`` for all; ``group`` is what it is reported under."""

    text: str
    call_ids: tuple[str, ...] | None
    gold: frozenset[Place]
    group: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Calls as (call id, utterances, speakers), and what is asked of them."""

    calls: Sequence[tuple[str, Sequence[Utterance], Sequence[Speaker]]]
    questions: Sequence[Question]

    def words(self) -> dict[Place, int]:
        """How many words every utterance has."""
        return {(c, u.i): len(u.text.split()) for c, us, _ in self.calls for u in us}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one question: ``share`` of its gold words within ``WORDS``, and the baseline's.

    ``rank`` is that of the first gold utterance quoted, from 0; ``cpu_s`` what the search cost.
    """

    question: Question
    share: float
    rank: int | None
    cpu_s: float
    naive: float | None = None

    def quoted(self, within: int) -> bool:
        return self.rank is not None and self.rank < within


def run(path: Path, home: Path | None = None) -> list[Outcome]:
    """Ask every question of a QMSum file or of a corpus folder; ``home`` is kept for the next time.

    For QMSum the naive baseline is asked in the same run.
    """
    embedder = open_embedder()
    with tempfile.TemporaryDirectory() as folder:
        held = (home or Path(folder)) / path.stem
        if path.is_dir():
            corpus = read_lookups(path)
            everywhere = [replace(q, call_ids=None, group="all calls") for q in corpus.questions]
            return ask(replace(corpus, questions=[*corpus.questions, *everywhere]), held, embedder)
        corpus = read_qmsum(path)
        return ask_naively(corpus, ask(corpus, held, embedder), embedder)


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown, a row per group; intervals of 95 % by drawing questions anew, seeded."""
    groups = dict.fromkeys(outcome.question.group for outcome in outcomes)
    lines = [
        f"| questions | | gold words in {WORDS:,} words | naive | ratio | hit@1 | hit@5 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in ["all", *groups] if len(groups) > 1 else groups:
        own = [o for o in outcomes if name in ("all", o.question.group)]
        draws = Draws(str(n) for n in range(len(own)))
        found = _mean(draws, [o.share for o in own])
        naive = _mean(draws, [o.naive for o in own if o.naive is not None])
        cells = [found, naive, found / naive] if len(naive) else [found]
        told = [_interval(cell) for cell in cells] + ["–"] * (3 - len(cells))
        hits = [_interval(_mean(draws, [float(o.quoted(n)) for o in own])) for n in (1, 5)]
        lines.append(f"| {name} | {len(own)} | {' | '.join([*told, *hits])} |")
    p95 = 1000 * float(np.percentile([o.cpu_s for o in outcomes], 95))
    return "\n".join([*lines, "", f"A search costs {p95:.0f} ms of CPU (p95)."])


def _mean(draws: Draws, values: Sequence[float]) -> Floats:
    rows = [Row((str(n),), value, 1) for n, value in enumerate(values)]
    return ratio(draws, rows) if rows else np.empty(0)


def _interval(samples: Floats) -> str:
    found = estimate(samples)
    return f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"


# --- asking ---------------------------------------------------------------------------------------


def ask(corpus: Corpus, home: Path, embedder: Embedder) -> list[Outcome]:
    """Index the corpus under ``home`` and ask every question within its scope."""
    home.mkdir(parents=True, exist_ok=True)
    engine = open_database(f"sqlite:///{home / 'firsthand.db'}")
    index = Index(home / "vectors", embedder.name)
    words = corpus.words()
    try:
        _fill(engine, index, embedder, corpus)
        with engine.connect() as connection:
            return [_ask(connection, index, embedder, words, q) for q in corpus.questions]
    finally:
        engine.dispose()


def _ask(
    connection: sa.Connection,
    index: Index,
    embedder: Embedder,
    words: Mapping[Place, int],
    question: Question,
) -> Outcome:
    start = time.process_time()
    scope = question.call_ids
    hits = search(connection, index, embedder, question.text, call_ids=scope, limit=_HITS)
    cost = time.process_time() - start
    ranks = (n for n, hit in enumerate(hits) if (hit.call_id, hit.utterance) in question.gold)
    found = share(question.gold, reading(hits, words), words)
    return Outcome(question, found, next(ranks, None), cost)


def ask_naively(corpus: Corpus, outcomes: Sequence[Outcome], embedder: Embedder) -> list[Outcome]:
    """The outcomes with the baseline's share; every question has to ask one call."""
    words = corpus.words()
    shares: dict[Question, float] = {}
    for call_id, spoken, voices in corpus.calls:
        baseline = Naive(script(spoken, voices), embedder)
        for question in corpus.questions:
            if question.call_ids == (call_id,):
                found = baseline.find(question.text, WORDS)
                places = {(call_id, i): count for i, count in found.items()}
                shares[question] = share(question.gold, places, words)
        baseline.close()
    return [replace(outcome, naive=shares[outcome.question]) for outcome in outcomes]


def share(gold: Iterable[Place], found: Mapping[Place, int], words: Mapping[Place, int]) -> float:
    """Words of the gold utterances that were found, of all words of the gold utterances."""
    wanted = {key for key in gold if key in words}
    return sum(found.get(k, 0) for k in wanted) / max(1, sum(words[k] for k in wanted))


def reading(hits: Sequence[Hit], words: Mapping[Place, int]) -> dict[Place, int]:
    """The utterances of the hits' runs, best stretch first, as many as fit into ``WORDS``."""
    taken: dict[Place, int] = {}
    left = WORDS
    for hit in sorted(hits, key=lambda hit: -hit.stretch):
        for place in ((hit.call_id, i) for i in range(hit.first, hit.last + 1)):
            if place not in taken and 0 < words.get(place, 0) <= left:
                taken[place] = words[place]
                left -= words[place]
    return taken


def _fill(engine: sa.Engine, index: Index, embedder: Embedder, corpus: Corpus) -> None:
    """Store what is not there, and cut again what is cut differently by now."""
    with engine.connect() as connection:
        there = set(connection.scalars(sa.select(calls.c.call_id)))
        known = set(connection.scalars(sa.select(stored.c.passage_id)))
    for call_id, spoken, voices in corpus.calls:
        cut = passages(call_id, spoken, voices)
        if known.issuperset(p.passage_id for p in cut):
            continue
        vectors = embedder.embed([p.text for p in cut])
        with engine.execution_options(writes=True).begin() as connection:
            if call_id not in there:
                insert_call(connection, _row(call_id))
            replace_words(connection, call_id, voices, spoken)
            index.put(connection, call_id, cut, vectors)


def _row(call_id: str) -> dict[str, object]:
    return {
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


# --- reading --------------------------------------------------------------------------------------


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
        kind = domain([voice.name for voice in voices])
        for asked in meeting["specific_query_list"]:
            spans = [(int(a), int(b)) for a, b in asked["relevant_text_span"]]
            gold = frozenset((call_id, i) for a, b in spans for i in range(a, b + 1))
            questions.append(Question(asked["query"], (call_id,), gold, kind))
    return Corpus(meetings, questions)


def domain(names: Iterable[str]) -> str:
    """QMSum's domain of a meeting, which its files do not tell, from what the speakers are called.

    AMI's product meetings and ICSI's academic ones call people by their part; in committees of
    parliament they have names.
    """
    told = set(names)
    if "Project Manager" in told:
        return "product"
    academic = any(re.match(r"(?:Professor|PhD|Grad|Postdoc)\b", name) for name in told)
    return "academic" if academic else "committee"


def read_lookups(folder: Path) -> Corpus:
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
            questions.append(Question(asked["question"], scope, frozenset(gold), "in scope"))
    return Corpus(held, questions)


def _plain(content: str) -> str:
    """Without the transcribers' marks ("{vocalsound}") and the spaces before punctuation."""
    return re.sub(r"\s+([.,?!'])", r"\1", re.sub(r"\{\w+\}", "", content)).strip()


def _utterance(i: int, speaker: str, text: str) -> Utterance:
    return Utterance(i=i, speaker=speaker, start_s=None, end_s=None, text=text)


def _speaker(name: str, role: Role) -> Speaker:
    return Speaker(label=name, name=name, role=role, basis="file")
