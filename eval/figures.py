"""Figures of an evaluation: each beside its interval, target, baselines and what was saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eval.bootstrap import Estimate, Floats, estimate


@dataclass(frozen=True, slots=True)
class Figure:
    """``target`` is what the value has to be at least, or at most unless ``least``."""

    suite: str
    name: str
    estimate: Estimate
    target: float | None = None
    least: bool = True

    @property
    def met(self) -> bool | None:
        value = self.estimate.value
        if self.target is None or value is None:
            return None
        return value >= self.target if self.least else value <= self.target


@dataclass(frozen=True, slots=True)
class Case:
    """One case judged. ``lines`` tell a developer why; ``facts`` go into the JSON."""

    suite: str
    id: str
    ok: bool
    lines: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """What a suite found."""

    figures: tuple[Figure, ...]
    cases: tuple[Case, ...] = ()


def share(
    suite: str, name: str, samples: Floats, target: float | None = None, *, least: bool = True
) -> Figure:
    """A figure with its interval, from its values in all draws."""
    return Figure(suite, name, estimate(samples), target, least)


def count(suite: str, name: str, number: float, target: float | None = 0) -> Figure:
    """A number of faults: none is right, and there is no interval to it."""
    return Figure(suite, name, Estimate(float(number), None, None), target, least=False)


def table(
    figures: Sequence[Figure],
    saved: Mapping[str, float | None],
    baselines: Mapping[str, Mapping[str, float | None] | None],
) -> str:
    """Markdown. A baseline that is ``None`` is not installed."""
    beside = [name if held is not None else f"{name} (absent)" for name, held in baselines.items()]
    heads = ["metric", "value", "95 % interval", "target", "met", *beside, "saved", "change"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    suite = ""
    for figure in figures:
        if figure.suite != suite:
            suite = figure.suite
            lines.append(f"| **{suite}** |" + " |" * (len(heads) - 1))
        lines.append(f"| {' | '.join(_cells(figure, saved, baselines))} |")
    return "\n".join(lines)


def _cells(
    figure: Figure,
    saved: Mapping[str, float | None],
    baselines: Mapping[str, Mapping[str, float | None] | None],
) -> list[str]:
    value, low, high = figure.estimate.value, figure.estimate.low, figure.estimate.high
    before = saved.get(figure.name)
    change = "–"
    if before is not None and value is not None:
        change = "0" if abs(value - before) < 5e-4 else f"{value - before:+.3f}"
    target = "–"
    if figure.target is not None:
        target = f"{'≥' if figure.least else '≤'} {figure.target:g}"
    return [
        figure.name,
        _number(value, whole=figure.estimate.low is None and not figure.least),
        "–" if low is None or high is None else f"{low:.2f}–{high:.2f}",
        target,
        {None: "–", True: "yes", False: "**no**"}[figure.met],
        *(_number((held or {}).get(figure.name)) for held in baselines.values()),
        _number(before, whole=figure.estimate.low is None and not figure.least),
        change,
    ]


def _number(value: float | None, *, whole: bool = False) -> str:
    """``whole`` is for counts, which have no digits behind the point."""
    if value is None:
        return "–"
    return f"{value:.0f}" if whole else f"{value:.3f}"
