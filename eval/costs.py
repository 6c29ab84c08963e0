"""The model suite: what the language model was asked for, and what of its answers did not stand.

One example: a question that was asked of the model twice, for its plan and for its answer, has two
requests. What a model gave and the gate dropped is counted by its reason. Nothing without a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from eval.bootstrap import Draws, Estimate
from eval.cases import Corpus
from eval.citing import cited, everywhere
from eval.figures import Case, Figure, Scored, count
from eval.observed import Observed, spent
from ingest.library import Library
from ingest.llm.request import PurposeKind
from ingest.llm.spending import Spent
from ingest.tables import readings

SUITE = "model"
PURPOSES: tuple[PurposeKind, ...] = ("call", "themes", "question", "memo")
_ASKED: tuple[PurposeKind, ...] = ("question", "memo")
_MOST_TOKENS: Mapping[PurposeKind, float] = {"question": 12_000}  # whatever the number of calls


def run(corpus: Corpus, seen: Observed, draws: Draws) -> Scored:
    if seen.library.options.model is None:
        return Scored(())
    found = {name: cited(answer) for name, answer in seen.answers.items()}
    figures = [
        *everywhere(SUITE, corpus, found, draws),
        *of_usage(spent(seen.library), seen.spent, calls=len(corpus.account_of)),
        *_of_dropped(seen),
    ]
    return Scored(tuple(figures), (_case(seen),))


def of_usage(usage: Sequence[Spent], questions: Sequence[Spent], *, calls: int) -> Iterator[Figure]:
    """What each sort of thing took; ``questions`` as each was asked once, with its filters."""
    of = {kind: [u for u in usage if u.kind == kind] for kind in PURPOSES}
    of["question"] = list(questions)
    for kind in _ASKED:
        asked = [u.requests for u in of[kind]]
        yield _number(f"requests per {kind}, mean", sum(asked) / max(len(asked), 1))
        yield count(SUITE, f"requests per {kind}, most", max(asked, default=0), None)
    yield _number("requests per call, mean", sum(u.requests for u in of["call"]) / max(calls, 1))
    yield count(SUITE, "requests for themes", sum(u.requests for u in of["themes"]), None)
    for kind in PURPOSES:
        most = max((u.input_tokens for u in of[kind]), default=0)
        yield count(SUITE, f"input tokens for one {kind}, most", most, _MOST_TOKENS.get(kind))
    yield count(SUITE, "input tokens", sum(u.input_tokens for u in usage), None)
    yield count(SUITE, "output tokens", sum(u.output_tokens for u in usage), None)


def dropped(library: Library) -> Counter[str]:
    """How often which sort of thing in readings was dropped for which reason."""
    with library.read() as connection:
        held = connection.scalars(sa.select(readings.c.dropped)).all()
    return Counter(f"{one['what']}: {one['why']}" for each in held for one in each)


def _of_dropped(seen: Observed) -> Iterator[Figure]:
    for why, times in sorted(dropped(seen.library).items()):
        yield count(SUITE, f"dropped in readings, {why}", times, None)
    told = [answer.provenance for answer in (*seen.answers.values(), seen.everyone)]
    reasons = Counter(one.why for each in told for one in each.dropped)
    for why, times in sorted(reasons.items()):
        yield count(SUITE, f"dropped in answers, {why}", times, None)
    yield count(SUITE, "answers made without the model", sum(p.note is not None for p in told))


def _case(seen: Observed) -> Case:
    """Everything that was dropped, why a model was not asked, and what took most."""
    with seen.library.read() as connection:
        rows = connection.execute(
            sa.select(readings.c.call_id, readings.c.dropped).order_by(readings.c.call_id)
        ).all()
    gone = [f"{call} {d['what']}, {d['why']}: {d['text']}" for call, held in rows for d in held]
    for name, answer in seen.answers.items():
        gone += [f"{name} sentence, {one.why}: {one.text}" for one in answer.provenance.dropped]
    notes = [f"{n} {a.provenance.note}" for n, a in seen.answers.items() if a.provenance.note]
    dear = sorted(spent(seen.library), key=lambda u: -u.input_tokens)[:10]
    most = [f"{u.kind} {u.subject}: {u.requests} requests, {u.input_tokens} in" for u in dear]
    lines = (f"{len(gone)} dropped", *(f"  {one}" for one in [*gone, *notes, *most]))
    return Case(SUITE, "model", not (gone or notes), lines, {"dropped": gone, "notes": notes})


def _number(name: str, value: float) -> Figure:
    return Figure(SUITE, name, Estimate(value, None, None))
