"""The questions suite: what is cited, what is refused, who is wrongly named.

One example: "Which customers asked for a Spanish-language version of the app?" has no answer in the
calls; right is ``abstained``. "How many hours a week would Songbird save a dispatcher?" was said
only by the vendor; right is to abstain and to show that under ``internal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from eval.bootstrap import Draws, Row, ratio
from eval.cases import Corpus
from eval.citing import Cited, accounts, citations, cited, clusters, hit, neutral, quoted, score
from eval.figures import Case, Figure, Scored, count, share
from eval.gold import GoldQuestion, Place
from eval.needs import opposed
from service.shapes import Answer, Statement

SUITE = "questions"
_FROM_ACCOUNTS = "answer_from_account_data"
_INTERNAL = "internal_only"


def run(corpus: Corpus, answers: Mapping[str, Answer], draws: Draws) -> Scored:
    found = {name: cited(answer) for name, answer in answers.items()}
    cases = [_case(corpus, q, answers[q.id], found[q.id]) for q in corpus.questions]
    figures = [
        *score(SUITE, corpus, found, draws),
        *_refusals(corpus, answers, draws),
        *_others(corpus, answers, found, draws),
    ]
    return Scored(tuple(figures), tuple(cases))


def by_words(corpus: Corpus, answers: Mapping[str, Answer], draws: Draws) -> Scored:
    """The same questions by their words alone: filters have to be understood from them."""
    found = {name: cited(answer) for name, answer in answers.items()}
    told = [*score(SUITE, corpus, found, draws), *_refusals(corpus, answers, draws)]
    suite = "questions, words alone"
    return Scored(
        tuple(
            replace(figure, suite=suite, name=f"words alone: {figure.name}", target=None)
            for figure in told
            if "citation" not in figure.name
        )
    )


def _refusals(corpus: Corpus, answers: Mapping[str, Answer], draws: Draws) -> Iterator[Figure]:
    """Abstention as retrieval of the questions that have no answer."""
    asked = corpus.questions
    should = {q.id: not q.answerable for q in asked}
    did = {q.id: answers[q.id].abstained for q in asked}
    where = {q.id: clusters(q) for q in asked}
    right = {q.id: float(should[q.id] and did[q.id]) for q in asked}
    precise = [Row(where[q.id], right[q.id], did[q.id]) for q in asked]
    complete = [Row(where[q.id], right[q.id], should[q.id]) for q in asked]
    both = [Row(where[q.id], 2 * right[q.id], should[q.id] + did[q.id]) for q in asked]
    wrong = [Row(where[q.id], did[q.id], 1) for q in asked if q.answerable]
    yield share(SUITE, "abstention precision", ratio(draws, precise))
    yield share(SUITE, "abstention recall", ratio(draws, complete))
    yield share(SUITE, "abstention F1", ratio(draws, both), 0.85)
    yield share(SUITE, "false abstain", ratio(draws, wrong), 0.12, least=False)


def _others(
    corpus: Corpus, answers: Mapping[str, Answer], found: Mapping[str, Cited], draws: Draws
) -> Iterator[Figure]:
    of_data = [q for q in corpus.questions if q.expected_behaviour == _FROM_ACCOUNTS]
    told = [Row(clusters(q), _names_them(corpus, q, answers[q.id]), 1) for q in of_data]
    yield share(SUITE, "answered from account data", ratio(draws, told), 1.0)
    inside = [q for q in corpus.questions if q.expected_behaviour == _INTERNAL]
    shown = [Row(clusters(q), _shows_internal(answers[q.id]), 1) for q in inside]
    yield share(SUITE, "internal-only shown as such", ratio(draws, shown), 1.0)
    for name, where in (
        ("counter-evidence under counter", lambda a: a.counter),
        ("counter-evidence anywhere in the answer", lambda a: (*a.statements, *a.counter)),
    ):
        rows = list(_opposition(corpus, {n: where(a) for n, a in answers.items()}))
        if rows:
            yield share(SUITE, f"comparative {name}", ratio(draws, rows))
    named = sum(len(_forbidden(corpus, q, found[q.id])) for q in corpus.questions)
    yield count(SUITE, "accounts named that must not be", named)


def _opposition(corpus: Corpus, stated: Mapping[str, Sequence[Statement]]) -> Iterator[Row]:
    """For comparative questions, every call that contradicts a need asked about: was it cited?"""
    for question in corpus.questions:
        shown = set(quoted(stated[question.id]))
        for need in corpus.needs.values() if question.kind == "comparative" else ():
            for call, against in opposed(need):
                if against & question.gold:
                    yield Row((call,), bool(against & shown), 1)


def _names_them(corpus: Corpus, question: GoldQuestion, answer: Answer) -> bool:
    """Whether the accounts of the gold points are all told, by name or id."""
    wanted = corpus.named_in(question.gold_points)
    texts = [answer.reason or "", *(s.text for s in answer.statements)]
    told = corpus.named_in(texts) | set(answer.coverage.accounts_silent)
    return not answer.abstained and wanted <= told


def _shows_internal(answer: Answer) -> bool:
    return answer.abstained and bool(answer.internal)


def _forbidden(corpus: Corpus, question: GoldQuestion, found: Cited) -> frozenset[str]:
    """Accounts that ``must_not`` names and a statement counts, unless gold is of theirs too."""
    theirs = {corpus.account_of[call] for call, _ in question.gold}
    return (corpus.named_in(question.must_not) & found.accounts) - theirs


def _case(corpus: Corpus, question: GoldQuestion, answer: Answer, found: Cited) -> Case:
    rank = hit(found, question.gold)
    laid = citations(corpus, question, found)
    named = accounts(corpus, question, found)
    forbidden = sorted(_forbidden(corpus, question, found))
    ok = not forbidden and _right(corpus, question, answer, rank, laid.precision, named.f1)
    facts: dict[str, object] = {
        "kind": question.kind,
        "expected": question.expected_behaviour,
        "question": question.question,
        "understood_as": answer.kind,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "first_hit": rank,
        "precision": round(laid.precision, 3),
        "recall": round(laid.recall, 3),
        "account_precision": round(named.precision, 3),
        "account_recall": round(named.recall, 3),
        "forbidden": forbidden,
        "gold": sorted(question.gold),
        "cited": [list(place) for unit in found.ranked for place in sorted(unit)],
    }
    return Case(SUITE, question.id, ok, tuple(_lines(corpus, question, answer, facts)), facts)


def _right(
    corpus: Corpus,
    question: GoldQuestion,
    answer: Answer,
    rank: int | None,
    precision: float,
    named: float,
) -> bool:
    """A look-up hits first; a broad answer is half right in words and in accounts."""
    if question.expected_behaviour == _FROM_ACCOUNTS:
        return _names_them(corpus, question, answer)
    if not question.answerable:
        inside = question.expected_behaviour != _INTERNAL or _shows_internal(answer)
        return answer.abstained and inside
    if question.kind == "lookup":
        return not answer.abstained and rank == 1
    return not answer.abstained and precision >= 0.5 and named >= 0.5


def _lines(
    corpus: Corpus, question: GoldQuestion, answer: Answer, facts: Mapping[str, object]
) -> Iterator[str]:
    told = ("first_hit", "precision", "recall", "account_precision", "account_recall", "forbidden")
    yield f"{question.id} [{question.kind}, {question.expected_behaviour}] {question.question}"
    yield f"  filters {answer.filters.model_dump(exclude_none=True, mode='json')}"
    yield "  " + ", ".join(f"{name} {facts[name]}" for name in told)
    if answer.abstained:
        yield f"  ABSTAINED: {answer.reason}"
    if question.kind in ("aggregate", "comparative"):
        yield from _account_lines(corpus, question, cited(answer))
    may = neutral(corpus, question)
    for sort, statements in (
        ("stated", answer.statements),
        ("counter", answer.counter),
        ("internal", answer.internal),
        ("nearest", answer.nearest),
    ):
        yield from _cited_lines(corpus, sort, statements, question.gold, may)
    got = set(quoted((*answer.statements, *answer.counter)))
    for place in sorted(question.gold - got)[:12]:
        yield f"  missed   {_said(corpus, place)}"


def _account_lines(corpus: Corpus, question: GoldQuestion, found: Cited) -> Iterator[str]:
    gold = {corpus.account_of[call] for call, _ in question.gold}
    for word, those in (("missed", gold - found.accounts), ("wrong", found.accounts - gold)):
        if those:
            yield f"  accounts {word}: {', '.join(sorted(corpus.names.get(a, a) for a in those))}"


def _cited_lines(
    corpus: Corpus,
    sort: str,
    statements: tuple[Statement, ...],
    gold: frozenset[Place],
    may: frozenset[Place],
) -> Iterator[str]:
    for place in dict.fromkeys(quoted(statements)):
        mark = "+" if place in gold else "~" if place in may else "-"
        yield f"  {sort:8s} {mark} {_said(corpus, place)}"


def _said(corpus: Corpus, place: Place) -> str:
    text = " ".join(corpus.texts.get(place, "?").split())
    account = corpus.names.get(corpus.account_of.get(place[0], ""), "?")
    return f"{place[0]}#{place[1]} ({account}) {text[:160]}{'…' if len(text) > 160 else ''}"
