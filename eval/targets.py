"""What figures have to reach when a language model reads; without one the suites' own targets hold.

One example: candidates are only groups by likeness without a model, and have no target; a model
names needs, and has to find 95 % of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from eval.figures import Figure

Targets = Mapping[str, float]

OWN: Targets = {}  # those of the suites

WITH_MODEL: Targets = {
    "candidate@10 need recall": 0.95,
    "candidate@10 account precision": 0.95,
    "candidate@10 account recall": 0.90,
    "candidate tau by ARR of the top": 0.85,
    "candidate tau by accounts": 0.85,
    "candidate counter-evidence surfaced": 0.80,
    "citation precision, all that have an answer": 0.95,
    "citation recall, all that have an answer": 0.85,
    "abstention F1": 0.92,
    "false abstain": 0.05,
}


def aimed(figures: Iterable[Figure], targets: Targets) -> Iterator[Figure]:
    """The figures with the targets that are theirs by name."""
    return (replace(f, target=targets.get(f.name, f.target)) for f in figures)
