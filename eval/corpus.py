"""``python -m eval corpus DIR``: how right the product is on a corpus whose truth is known.

The corpus is put into a fresh home through the public verbs, everything is asked, and each suite
scores what was said. Nothing is random but the draws of the bootstrap, which are seeded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval import baselines, costs, covering, memos, needs, numbers, questions, safety
from eval.bootstrap import Draws
from eval.cases import Corpus, read_corpus
from eval.figures import Case, Figure, Scored, table
from eval.filling import filled
from eval.model_run import ModelRun, opened
from eval.observed import Codebook, Observed, observe
from eval.targets import OWN, WITH_MODEL, Targets, aimed
from eval.watching import watched

BASELINE = Path(__file__).with_name("baseline-corpus.json")

Suite = Callable[[Corpus, Observed, Draws], Scored]

SUITES: dict[str, Suite] = {
    "questions": lambda corpus, seen, draws: questions.run(corpus, seen.answers, draws),
    "words": lambda corpus, seen, draws: questions.by_words(corpus, seen.unfiltered, draws),
    "codebook": needs.confirmed,
    "candidates": needs.candidates,
    "pairs": lambda corpus, seen, draws: covering.run(corpus, seen.everyone, draws),
    "safety": safety.run,
    "numbers": numbers.run,
    "memo": memos.run,
    "model": costs.run,
}

_COMPARED = ("questions", "codebook", "candidates", "pairs")  # the baselines have figures of these


@dataclass(frozen=True, slots=True)
class Run:
    """How to run: ``home`` keeps the filled home, ``only`` names suites (all when empty), and of
    each theme so many ``examples`` are confirmed in the codebook. Without ``model`` there is none.
    ``database`` is the URL of an empty one to use instead of the home's own.
    """

    codebook: Codebook = "truth"
    examples: int = 0
    home: Path | None = None
    only: Sequence[str] = ()
    baselines: bool = True
    model: ModelRun | None = None
    database: str | None = None

    @property
    def targets(self) -> Targets:
        return OWN if self.model is None else WITH_MODEL


@dataclass(frozen=True, slots=True)
class Report:
    corpus: str
    codebook: str
    figures: tuple[Figure, ...]
    cases: tuple[Case, ...]
    baselines: Mapping[str, baselines.Values | None]
    model: str | None = None


def run(folder: Path, how: Run) -> Report:
    """Fill, ask, score. Progress goes to stderr."""
    corpus = read_corpus(folder)
    draws = Draws([*corpus.account_of, *(q.id for q in corpus.questions if not q.gold)])
    started = time.monotonic()
    with (
        opened(how.model) as reader,
        filled(corpus, how.home, replace(reader, database=how.database)) as library,
    ):
        print(f"… home filled: {time.monotonic() - started:.1f} s", file=sys.stderr)
        with watched(library):
            with _told("ask"):
                seen = observe(library, corpus, how.codebook, how.examples)
            scored = []
            for name in how.only or SUITES:
                with _told(name):
                    scored.append(SUITES[name](corpus, seen, draws))
    compared = how.baselines and not set(how.only or SUITES).isdisjoint(_COMPARED)
    beside = baselines.run(corpus, draws, how.home) if compared else {}
    return Report(
        corpus=corpus.name,
        codebook=how.codebook + (f" with {how.examples} examples" if how.examples else ""),
        figures=tuple(aimed((f for one in scored for f in one.figures), how.targets)),
        cases=tuple(case for one in scored for case in one.cases),
        baselines=beside,
        model=how.model.name if how.model is not None else None,
    )


def show(report: Report, *, verbose: bool, saved: Path = BASELINE) -> Iterator[str]:
    """The table; with ``verbose`` every case that fails before it."""
    if verbose:
        for case in report.cases:
            if not case.ok:
                yield "\n".join(case.lines) + "\n"
    yield table(report.figures, _saved(saved).get(_key(report), {}), report.baselines)


def save(report: Report, file: Path = BASELINE) -> None:
    """Make these figures the saved ones of this corpus, codebook and model.

    What was dropped is told reason by reason, in the words of each case: nothing to compare with.
    """
    kept = _saved(file)
    mine = {
        f.name: _rounded(f.estimate.value)
        for f in report.figures
        if not f.name.startswith("dropped in ")
    }
    kept[_key(report)] = {**kept.get(_key(report), {}), **mine}
    file.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def as_json(report: Report) -> dict[str, object]:
    """All figures with their intervals, and every case."""
    return {
        "corpus": report.corpus,
        "codebook": report.codebook,
        **({"model": report.model} if report.model is not None else {}),
        "figures": {
            f.name: {
                "suite": f.suite,
                "value": _rounded(f.estimate.value),
                "low": _rounded(f.estimate.low),
                "high": _rounded(f.estimate.high),
                "target": f.target,
                "met": f.met,
            }
            for f in report.figures
        },
        "baselines": report.baselines,
        "cases": [
            {"suite": c.suite, "id": c.id, "ok": c.ok, **c.facts, "told": list(c.lines)}
            for c in report.cases
        ],
    }


def _saved(file: Path) -> dict[str, Mapping[str, float | None]]:
    if not file.exists():
        return {}
    held: dict[str, Mapping[str, float | None]] = json.loads(file.read_text())
    return held


def _key(report: Report) -> str:
    mode = f", model {report.model}" if report.model is not None else ""
    return f"{report.corpus}, codebook {report.codebook}{mode}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


class _told:
    """Says on stderr how long a step took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        print(f"… {self._what}: {time.monotonic() - self._start:.1f} s", file=sys.stderr)
