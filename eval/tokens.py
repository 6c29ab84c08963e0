"""``python -m eval tokens``: what a question takes of a language model, with few calls and many.

Questions are asked by the product over homes of a few and of very many calls that a model has read
(``eval.crowd_read``). The model is played by a program that plans as broadly as it may and answers
nothing: what is counted is what is *sent*, by the product's own account of its requests. CPU
seconds are those of the whole process, also of the exchange that stands for the model's server.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from eval.bench import Figure
from eval.crowd import Crowd
from eval.crowd_read import fill_read
from eval.model_run import ModelRun, opened
from eval.observed import spent
from eval.recording import played
from eval.scale import peak_gb
from ingest.keywords import content_terms
from ingest.library import Library, Options
from service.ask import ask
from service.shapes import QuestionKind

CALLS = (24, 2_000)
MOST = 12_000
MOST_CPU_S = 2.0
ROUNDS = 4  # of the questions, about other words

# With the kind as which the model plans each.
_QUESTIONS: tuple[tuple[QuestionKind, str], ...] = (
    ("lookup", "How long did {0} and {1} take with {2}?"),
    ("lookup", "What did they say about {0} when {1} came up?"),
    ("aggregate", "Which troubles do customers have with {0} and {1}?"),
    ("aggregate", "What do customers need most?"),
    ("count", "How many customers brought up {0} or {1}?"),
    ("compare", "Do owners and crews see {0} differently from {1}?"),
)


def run(home: Path | None = None, sizes: tuple[int, ...] = CALLS) -> list[Figure]:
    """Build (minutes for thousands) or take the homes, and ask. Those in ``home`` are kept."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            figure
            for size in sizes
            for figure in measure((home or Path(folder)) / f"calls-{size}", size)
        ]


def measure(home: Path, calls_n: int, rounds: int = ROUNDS) -> Iterator[Figure]:
    """The figures of a home of so many calls."""
    with tempfile.TemporaryDirectory() as folder:
        exchange = Path(folder)
        with opened(ModelRun(folder=exchange)) as reader, played(exchange, _answer):
            library = Library(home, Options(models=home / "models", model=reader.options))
            started = time.monotonic()
            fill_read(library, calls_n)
            print(f"… {calls_n} calls: {time.monotonic() - started:.0f} s", file=sys.stderr)
            before = {one.subject: one.input_tokens for one in spent(library)}
            asked = [*_questions(library, rounds)]
            notes, costs = set(), []
            for question in asked:
                began = time.process_time()
                notes.add(ask(library, question).provenance.note)
                costs.append(time.process_time() - began)
            used = [u.input_tokens - before.get(u.subject, 0) for u in spent(library)]
            library.close()
    if notes != {None}:
        raise RuntimeError(f"The model was not asked: {notes}")
    new = [tokens for tokens in used if tokens]
    name = f"tokens: a question over {calls_n:,} calls"
    yield Figure(f"{name}, mean", sum(new) / max(len(new), 1), None)
    yield Figure(f"{name}, most", float(max(new, default=0)), float(MOST))
    yield Figure(f"{name}, the first one, CPU s", costs[0], None)
    yield Figure(f"{name}, CPU s, p50", statistics.median(costs[1:]), None)
    yield Figure(f"{name}, CPU s, most", max(costs[1:]), MOST_CPU_S)
    yield Figure(f"{name}, peak memory GB", peak_gb(), None)


def _questions(library: Library, rounds: int) -> Iterator[str]:
    """In words that somebody said."""
    crowd, rng = Crowd(library), random.Random(0)
    for number in range(rounds):
        said = " ".join(u.text for u in crowd.call(number)[0] if u.speaker == "customer")
        words = content_terms(said)
        for _, question in _QUESTIONS:
            yield question.format(*rng.sample(words, 3))


def _answer(request: dict[str, JsonValue]) -> JsonValue:
    """The broadest plan that a question can have; no answer."""
    data = request["data"]
    if request["prompt"] != "plan_question" or not isinstance(data, dict):
        return {"sentences": [], "ours": []}
    asked = str(data["question"])
    first = asked.split()[0:2]
    kinds = [kind for kind, question in _QUESTIONS if question.split()[0:2] == first]
    plan: dict[str, JsonValue] = dict.fromkeys(("tier", "segment", "region", "since", "until"), "")
    searches: list[JsonValue] = [f"{asked} {n}" for n in ("daily", "at night", "by hand", "again")]
    return {
        **plan,
        "kind": kinds[0],
        "accounts": [],
        "top": 0,
        "themes": [],
        "kinds": [],
        "superlative": False,
        "searches": searches,
    }
