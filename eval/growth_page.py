"""What ``eval.growth`` measured, as a table, and as ``docs/scale.md`` with its drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import numpy as np

from eval.growth import Costs

DOCS = Path(__file__).parent.parent / "docs"
TARGETS = {"renewal": 0.5, "look-up": 0.5, "look-up, all": 0.5, "themes": 3.0}
_BOARD = "coverage and board"
_DRAWN = ("needs, all", "a topic", "who may leave", "look-up", "themes")
_COLOURS = ("#1f5fa8", "#b3541e", "#2b7a4b", "#7a3b8f", "#6b6b6b")
_WIDTH, _HEIGHT, _LEFT, _FOOT = 640, 340, 52, 44


def table(found: Sequence[Costs]) -> str:
    """In Markdown; a column for each home."""
    rows: list[tuple[str, str, Sequence[str]]] = [
        ("utterances", "", [f"{c.utterances:,}" for c in found]),
        ("evidence items", "", [f"{c.evidence:,}" for c in found]),
    ]
    for kind in dict.fromkeys(kind for c in found for kind in c.kinds):
        least = _target(kind)
        told = [
            f"{c.percentile(kind, 50):.2f} / {c.percentile(kind, 95):.2f} / "
            f"{c.percentile(kind, 95, cpu=True):.2f}"
            if kind in c.kinds
            else "–"
            for c in found
        ]
        rows.append((f"{kind}, s", f"{least:g}", told))
    for name in dict.fromkeys(name for c in found for name in c.first):
        once = ["{:.1f} / {:.1f}".format(*c.first[name]) if name in c.first else "–" for c in found]
        rows.append((f"{name}, s (wall / CPU)", "", once))
    wholes: list[tuple[str, str, Callable[[Costs], str]]] = [
        (
            "a call added, CPU s (median)",
            "",
            lambda c: f"{np.median(c.added_cpu_s):.1f}" if c.added_cpu_s else "–",
        ),
        ("memory of its own, GB", "1.5", lambda c: f"{c.own_gb:.2f}"),
        ("memory at most, mapped files included, GB", "", lambda c: f"{c.peak_gb:.2f}"),
        ("database, GB", "", lambda c: f"{c.database_gb:.2f}"),
    ]
    rows += [(name, target, [of(c) for c in found]) for name, target, of in wholes]
    heads = ["", "target", *(f"{c.calls:,} calls" for c in found)]
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *([n, t, *v] for n, t, v in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _target(kind: str) -> float:
    if kind == _BOARD:
        return 3.0
    return TARGETS.get(kind.removesuffix(", after a call"), 2.0)


def save(found: Sequence[Costs]) -> None:
    """Write ``docs/scale.md`` and ``docs/scale.svg``."""
    DOCS.mkdir(exist_ok=True)
    (DOCS / "scale.svg").write_text(drawing(found), "utf-8")
    told = _PAGE.format(day=datetime.now(UTC).date(), table=table(found), plan=_PLAN)
    (DOCS / "scale.md").write_text(told, "utf-8")


def drawing(found: Sequence[Costs]) -> str:
    """How the p95 of some kinds grows with the number of calls, as SVG."""
    kinds = [kind for kind in _DRAWN if all(kind in c.kinds for c in found)]
    most = max(2.2, *(c.percentile(kind, 95, cpu=True) for c in found for kind in kinds)) * 1.05
    widest = max(c.calls for c in found)

    def x(calls: float) -> float:
        return _LEFT + calls / widest * (_WIDTH - _LEFT - 150)

    def y(seconds: float) -> float:
        return _HEIGHT - _FOOT - seconds / most * (_HEIGHT - _FOOT - 30)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="18" fill="#222">p95 of warm questions, CPU seconds</text>',
    ]
    step = max(1, round(most / 5))
    parts += [
        f'<path d="M{_LEFT} {y(seconds):.1f}H{x(widest):.1f}" stroke="#ddd"/>'
        f'<text x="{_LEFT - 8}" y="{y(seconds) + 4:.1f}" text-anchor="end" fill="#555">'
        f"{seconds}</text>"
        for seconds in range(0, int(most) + 1, step)
    ]
    parts.append(
        f'<path d="M{_LEFT} {y(2):.1f}H{x(widest):.1f}" stroke="#999" stroke-dasharray="4 3"/>'
    )
    parts += [
        f'<text x="{x(costs.calls):.1f}" y="{_HEIGHT - 20}" text-anchor="middle" fill="#555">'
        f"{costs.calls:,}</text>"
        for costs in found
    ]
    parts.append(
        f'<text x="{x(widest / 2):.1f}" y="{_HEIGHT - 4}" text-anchor="middle" fill="#555">'
        "calls</text>"
    )
    ends = sorted((y(found[-1].percentile(kind, 95, cpu=True)), n) for n, kind in enumerate(kinds))
    below = 0.0
    for end, n in ends:
        at, below = max(end, below), max(end, below) + 15
        kind, colour = kinds[n], _COLOURS[n]
        at_each = ((x(c.calls), y(c.percentile(kind, 95, cpu=True))) for c in found)
        points = " ".join(f"{right:.1f},{down:.1f}" for right, down in at_each)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{x(widest) + 8:.1f}" y="{at + 4:.1f}" fill="{colour}">{escape(kind)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


_PAGE = """# Very many calls

What one home on one machine takes, and where it ends. Measured with `python -m eval scale` on
{day}, on two cores that others use as well, with SQLite; one question after another. Of a kind of
question: p50 and p95 by the clock, and p95 of CPU seconds, which others do not make longer.

{table}

![How the p95 grows](scale.svg)

The homes are made up (`eval/population.py`): 200 utterances and about 40 items of evidence a call,
400 accounts whose revenue and number of calls have a long tail, a codebook of ten codes with 120
judgements. Half of the words are those of the shipped corpora, the rest are drawn by Zipf's law;
vectors are those of real passages with as much noise again. Questions are warm unless the row says
“first” or “after a call”: the first question of a process reads the whole home.

{plan}
"""
_PLAN = """## How it works in large

- What a call gives is read once and kept in memory under the call's stamp (`service/by_call.py`;
  the database gives a call another stamp with every row of it that changes). After a call was
  added, corrected or erased, only that call is read.
- Up to 12,000 customers' passages (about 300 such calls) all passages are compared with each other.
  Beyond, topics are fitted on a sample of 12,000 passages that is always the same for the same
  calls and holds every judged call; all passages of all calls are then held against that fit
  (`service/large/`). No call is left out of an answer; what is estimated is how words and vectors
  are spread.
- A change of the codebook, or of a call in the sample (one in thirty at ten thousand calls), fits
  anew, and the next question holds every passage against the new fit: half a minute of CPU there.
- Which names are competitors' is learned from all calls; a new name is then looked for in all of
  them.
- Vectors lie in files without names that are mapped into memory; the system can take their pages
  back at any time. That is the difference between the two rows on memory.

## Beyond one machine

- **What is shared.** Everything that lasts is in three places: the database, the vector index,
  which can be made anew from the database, and the recordings. With PostgreSQL, a vector server
  and S3 any number of workers can take in calls at once: a call is written in one transaction and
  needs no other call.
- **What limits.** Each process that answers keeps its own columns of the home, and reads them when
  it starts. So answering is scaled by few large processes rather than by many small ones.
  On PostgreSQL calls have stamps as well; asking there was not measured at these sizes.
- **Vectors in the database.** pgvector takes the place of the vector server where one system less
  matters more than speed; the columns that answers are counted from stay as they are.
- **Partitioning.** Workspaces share nothing, not even a codebook. A workspace is a home: a database
  (or schema), a collection, a prefix in S3. The bound is that of one workspace, not of all
  together."""
