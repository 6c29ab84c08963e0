"""What the product has to beat: answers that take no understanding, scored by the same functions.

- longest: of every account in scope its longest turns, whatever is asked;
- shuffled: turns of customers in scope at random (seeded), a floor for every figure;
- top-k: plain retrieval (``eval.topk``); a whole chunk with gold in it is a hit, which is kind;
- BERTopic, where it is installed: topics of customers' turns as candidate themes.

None of them ever abstains or counts, so only citations, accounts and themes are scored.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from eval import citing, covering, needs
from eval.bootstrap import Draws
from eval.cases import Corpus
from eval.citing import Cited
from eval.figures import Figure
from eval.filling import fingerprint
from eval.gold import GoldQuestion, Place
from eval.need_cases import Found
from eval.observed import EVERYONE
from eval.topk import top_k

EACH = 3  # turns of an account, as the product's answers have
CHUNKS = 4  # LangChain's default k
BROAD_CHUNKS = 10  # for questions and codes that many accounts can speak to
QUOTES = 8  # shown under a theme

Values = dict[str, float | None]


def run(corpus: Corpus, draws: Draws, kept: Path | None) -> dict[str, Values | None]:
    """Every baseline's figures by name; ``None`` for one that is not installed.

    They do not hang on the product: with ``kept`` they stay there until corpus or code change.
    """
    file = None if kept is None else kept / f"{corpus.name}-baselines.json"
    stamp = _stamp(corpus)
    if file is not None and file.exists():
        held = json.loads(file.read_text("utf-8"))
        if held["stamp"] == stamp:
            values: dict[str, Values | None] = held["values"]
            return values
    values = {}
    for name, figures in BASELINES.items():
        started = time.monotonic()
        there = all(importlib.util.find_spec(package) for package in NEEDED.get(name, ()))
        told = {f.name: f.estimate.value for f in figures(corpus, draws)} if there else None
        values[name] = told
        print(f"… baseline {name}: {time.monotonic() - started:.1f} s", file=sys.stderr)
    if file is not None:
        file.write_text(json.dumps({"stamp": stamp, "values": values}), "utf-8")
    return values


def longest(corpus: Corpus, draws: Draws) -> Iterator[Figure]:
    def order(said: Sequence[Place], _seed: str) -> list[Place]:
        return sorted(said, key=lambda place: (-len(corpus.texts[place].split()), place))

    yield from _by_turns(corpus, draws, order)


def shuffled(corpus: Corpus, draws: Draws) -> Iterator[Figure]:
    def order(said: Sequence[Place], seed: str) -> list[Place]:
        drawn = np.random.default_rng(zlib.crc32(seed.encode())).permutation(len(said))
        return [said[n] for n in drawn]

    yield from _by_turns(corpus, draws, order)
    said = corpus.customer_places(corpus.account_of)
    held = {name: _found(corpus, order(said, name)[:QUOTES]) for name in corpus.needs}
    yield from needs.score("", "codebook", corpus, held, draws)


def plain_top_k(corpus: Corpus, draws: Draws) -> Iterator[Figure]:
    with top_k(corpus) as store:

        def answer(question: GoldQuestion) -> Cited:
            calls = corpus.calls_within(question.asked_of(corpus.top_n))
            most = CHUNKS if question.kind == "lookup" else BROAD_CHUNKS
            chunks = store.find(question.question, calls, max(most, *citing.HITS)) if calls else []
            return _cited(corpus, chunks, frozenset().union(*chunks[:most]))

        found = {q.id: answer(q) for q in corpus.questions}
        yield from citing.score("", corpus, found, draws)
        everyone = store.find(EVERYONE, corpus.account_of, EACH * len(corpus.calls_of))
        shown: dict[str, list[Place]] = {}
        for place in (place for chunk in everyone for place in sorted(chunk)):
            shown.setdefault(corpus.account_of[place[0]], []).append(place)
        yield covering.figure(corpus, shown, draws)
        held = {
            name: _found(
                corpus,
                frozenset().union(
                    *store.find(f"{n.label}. {n.statement}", corpus.account_of, BROAD_CHUNKS)
                ),
            )
            for name, n in corpus.needs.items()
        }
        yield from needs.score("", "codebook", corpus, held, draws)


def bertopic(corpus: Corpus, draws: Draws) -> Iterator[Figure]:
    """Topics of customers' turns as candidates, those of the most revenue first."""
    from eval.topics import topics

    groups = sorted(
        topics(corpus),
        key=lambda group: -sum(corpus.arr[a] for a in _found(corpus, group).accounts),
    )
    held = needs.matched(corpus, [_found(corpus, group) for group in groups[: needs.FIRST]])
    yield from needs.score("", f"candidate@{needs.FIRST}", corpus, held, draws)


BASELINES: Mapping[str, Callable[[Corpus, Draws], Iterator[Figure]]] = {
    "longest": longest,
    "shuffled": shuffled,
    "top-k": plain_top_k,
    "BERTopic": bertopic,
}

# Beyond what the product itself needs.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "top-k": ("langchain_chroma", "langchain_text_splitters"),
    "BERTopic": ("bertopic", "umap"),
}


def _by_turns(
    corpus: Corpus, draws: Draws, order: Callable[[Sequence[Place], str], list[Place]]
) -> Iterator[Figure]:
    """Look-ups and broad questions answered with the first turns of ``order``."""

    def answer(question: GoldQuestion) -> Cited:
        calls = corpus.calls_within(question.asked_of(corpus.top_n))
        ranked = order(corpus.customer_places(calls), question.id)
        put_forward = ranked[:EACH] if question.kind == "lookup" else _first_of_each(corpus, ranked)
        return _cited(corpus, [frozenset({place}) for place in ranked], put_forward)

    found = {q.id: answer(q) for q in corpus.questions}
    yield from citing.score("", corpus, found, draws)
    shown: dict[str, list[Place]] = {}
    for place in order(corpus.customer_places(corpus.account_of), EVERYONE):
        shown.setdefault(corpus.account_of[place[0]], []).append(place)
    yield covering.figure(corpus, shown, draws)


def _first_of_each(corpus: Corpus, ranked: Sequence[Place]) -> list[Place]:
    taken: dict[str, list[Place]] = {}
    for place in ranked:
        mine = taken.setdefault(corpus.account_of[place[0]], [])
        if len(mine) < EACH:
            mine.append(place)
    return [place for mine in taken.values() for place in mine]


def _cited(
    corpus: Corpus, ranked: Sequence[frozenset[Place]], put_forward: Iterable[Place]
) -> Cited:
    found = _found(corpus, put_forward)
    return Cited(tuple(ranked), found.places, found.accounts)


def _found(corpus: Corpus, said: Iterable[Place]) -> Found:
    held = frozenset(said)
    return Found(frozenset(corpus.account_of[call] for call, _ in held), held)


def _stamp(corpus: Corpus) -> str:
    """Changes with the corpus, its truth, this code, and what is installed."""
    digest = hashlib.sha256(fingerprint(corpus).encode())
    files = [corpus.folder / "truth.json", corpus.folder / "questions.json"]
    for path in [*files, *sorted(Path(__file__).parent.glob("*.py"))]:
        digest.update(path.read_bytes())
    there = [importlib.util.find_spec(p) is not None for held in NEEDED.values() for p in held]
    digest.update(str(there).encode())
    return digest.hexdigest()
