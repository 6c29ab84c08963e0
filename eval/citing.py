"""What is cited in answer to a question, whoever answers: the product or a baseline.

One example: the product answers "How many people does Greenlatch have out now compared with
January?" with one statement quoting utterance 5 of LC-015, the gold one: hit@1, precision 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.bootstrap import Draws, Row, ratio
from eval.cases import Corpus
from eval.figures import Figure, share
from eval.gold import GoldQuestion, Place
from eval.metrics import Overlap, overlap
from service.shapes import Answer, Statement

HITS = (1, 3, 5)
_TARGETS = {"look-up hit@1": 0.85, "look-up hit@5": 0.98, "look-up citation precision": 0.80}
SORTS = {"lookup": "look-up", "aggregate": "aggregate", "comparative": "comparative"}


@dataclass(frozen=True, slots=True)
class Cited:
    """``ranked`` are the places shown, best first, each one utterance (a baseline's chunk: some);
    ``places`` are put forward as the answer, and ``accounts`` are said to have said so."""

    ranked: tuple[frozenset[Place], ...]
    places: frozenset[Place]
    accounts: frozenset[str]


def cited(answer: Answer) -> Cited:
    """What an answer cites; ``nearest`` (shown when abstaining) is ranked but not put forward."""
    put_forward = (*answer.statements, *answer.counter)
    shown = dict.fromkeys(quoted((*answer.statements, *answer.nearest)))
    return Cited(
        ranked=tuple(frozenset({place}) for place in shown),
        places=frozenset(quoted(put_forward)),
        accounts=frozenset(a for s in put_forward for a in s.accounts),
    )


def quoted(statements: Iterable[Statement]) -> Iterator[Place]:
    """The places of all quotes, in order."""
    return ((q.call_id, q.utterance) for one in statements for q in one.quotes)


def clusters(question: GoldQuestion) -> tuple[str, ...]:
    """The calls of a question's gold; a question without gold stands for itself."""
    return tuple(sorted({call for call, _ in question.gold})) or (question.id,)


def hit(found: Cited, gold: Collection[Place]) -> int | None:
    """The rank of the first place that holds gold, from 1."""
    wanted = set(gold)
    return next((n for n, one in enumerate(found.ranked, start=1) if one & wanted), None)


def neutral(corpus: Corpus, question: GoldQuestion) -> frozenset[Place]:
    """What may be cited without being asked for.

    That is what the question names as related, and what the truth calls acceptable for a theme
    whose evidence in the same call is gold here.
    """
    allowed = set(question.related)
    calls = {call for call, _ in question.gold}
    for theme in corpus.truth.themes:
        for call in calls:
            mine = {place for place in theme.gold if place[0] == call}
            if mine and mine <= question.gold:
                allowed |= {place for place in theme.allowed if place[0] == call}
    return frozenset(allowed)


def citations(corpus: Corpus, question: GoldQuestion, found: Cited) -> Overlap:
    return overlap(found.places, question.gold, neutral(corpus, question))


def accounts(corpus: Corpus, question: GoldQuestion, found: Cited) -> Overlap:
    return overlap(found.accounts, {corpus.account_of[call] for call, _ in question.gold})


def score(suite: str, corpus: Corpus, found: Mapping[str, Cited], draws: Draws) -> Iterator[Figure]:
    """Hits, and precision and recall of citations and accounts, by the kind of question."""
    for kind, name in SORTS.items():
        asked = [q for q in corpus.questions if q.kind == kind and q.gold]
        if kind == "lookup":
            for most in HITS:
                yield _figure(suite, f"{name} hit@{most}", draws, _hits(asked, found, most))
        laid = {q.id: citations(corpus, q, found[q.id]) for q in asked}
        yield from _both(suite, f"{name} citation", draws, asked, laid)
        if kind != "lookup":
            named = {q.id: accounts(corpus, q, found[q.id]) for q in asked}
            yield from _both(suite, f"{name} account", draws, asked, named)


def everywhere(
    suite: str, corpus: Corpus, found: Mapping[str, Cited], draws: Draws
) -> Iterator[Figure]:
    """Precision and recall of citations over all questions that have an answer in the calls."""
    asked = [q for q in corpus.questions if q.answerable and q.gold]
    laid = {q.id: citations(corpus, q, found[q.id]) for q in asked}
    for figure in _both(suite, "citation", draws, asked, laid):
        yield replace(figure, name=f"{figure.name}, all that have an answer")


def _hits(asked: Sequence[GoldQuestion], found: Mapping[str, Cited], most: int) -> list[Row]:
    ranks = {q.id: hit(found[q.id], q.gold) for q in asked}
    return [Row(clusters(q), float((ranks[q.id] or most + 1) <= most), 1) for q in asked]


def _both(
    suite: str,
    name: str,
    draws: Draws,
    asked: Sequence[GoldQuestion],
    laid: Mapping[str, Overlap],
) -> Iterator[Figure]:
    each = [(clusters(q), laid[q.id]) for q in asked]
    precise = [Row(where, one.hits, one.hits + one.extra) for where, one in each]
    complete = [Row(where, one.hits, one.hits + one.missed) for where, one in each]
    yield _figure(suite, f"{name} precision", draws, precise)
    yield _figure(suite, f"{name} recall", draws, complete)


def _figure(suite: str, name: str, draws: Draws, rows: Sequence[Row]) -> Figure:
    return share(suite, name, ratio(draws, rows), _TARGETS.get(name))
