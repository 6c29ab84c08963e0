"""What the product says about a corpus: every answer, theme list, memo and board that is scored.

Asked twice: as the home is after filling (no codebook: themes are candidates), and, with
``codebook`` "truth", once more after every theme of the truth became a code by its label, statement
and kind (also the trap that only the vendor's people voice: its code has to stay empty).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, get_args

from eval.cases import Corpus
from eval.filling import read_by_model
from eval.gold import GoldQuestion
from ingest.library import Library
from ingest.llm.spending import Spent, by_purpose
from service.ask import ask
from service.coverage import report
from service.drafting import draft_and_save
from service.shapes import Answer, CoverageReport, EvidenceKind, Filters, Memo, Theme
from service.themes import themes

Codebook = Literal["truth", "none"]

# Asked of all accounts without a codebook: does every account's need get a word in?
EVERYONE = "What do customers need?"


@dataclass(frozen=True, slots=True)
class Lists:
    """The themes of all accounts, and in the two orders that have a gold order.

    ``by_arr`` is of the top accounts only.
    """

    everyone: tuple[Theme, ...]
    by_arr: tuple[Theme, ...]
    by_accounts: tuple[Theme, ...]


@dataclass(frozen=True)
class Observed:
    """``confirmed`` and ``codes`` (code id or label to the truth's theme id) are empty without
    codebook. The answers to the questions' words alone, the memo and the board are there when first
    asked for. ``spent`` is what a model was asked for the questions, each asked once.
    """

    library: Library
    corpus: Corpus
    answers: Mapping[str, Answer]
    everyone: Answer
    candidates: Lists
    confirmed: Lists | None
    codes: Mapping[str, str]
    spent: tuple[Spent, ...] = ()

    def code_of(self, theme: Theme) -> str | None:
        """The truth's theme that a confirmed theme is the code of."""
        return self.codes.get(theme.id) or self.codes.get(theme.label)

    @cached_property
    def unfiltered(self) -> Mapping[str, Answer]:
        """The answers without the filters that the corpus gives."""
        return asked_all(self.library, self.corpus, lambda _: None)

    @cached_property
    def memo(self) -> Memo:
        return draft_and_save(
            self.library,
            filters=Filters(top=self.corpus.top_n),
            start=self._start,
            today=as_of(self.corpus),
            memo_id="memo-eval",
        )

    @cached_property
    def board(self) -> CoverageReport:
        return report(self.library, Filters(top=self.corpus.top_n), self._start, as_of(self.corpus))

    @property
    def _start(self) -> date:
        span = self.corpus.truth.date_range
        return date.fromisoformat(
            span[0] if span else min(d for d in self.corpus.dates.values() if d)
        )


def observe(library: Library, corpus: Corpus, codebook: Codebook, examples: int = 0) -> Observed:
    """Ask everything. The codes are put into ``library`` on the way, and of each theme so many of
    its true utterances are confirmed, drawn by a seed: their accounts are then given, not found.
    """
    candidates = _lists(library, corpus, "candidate")
    everyone = _ask(library, corpus, EVERYONE)
    codes = _put(library, corpus) if codebook == "truth" else {}
    if codes:
        _confirm(library, corpus, codes, examples)
        read_by_model(library)  # what it sorted before, it holds against the codes
    answers = asked_all(library, corpus, lambda q: q.asked_of(corpus.top_n))
    return Observed(
        library=library,
        corpus=corpus,
        answers=answers,
        everyone=everyone,
        candidates=candidates,
        confirmed=_lists(library, corpus, "confirmed") if codes else None,
        codes=codes,
        spent=tuple(one for one in spent(library) if one.kind == "question"),
    )


def spent(library: Library) -> list[Spent]:
    """What a model was asked so far: for each call, question and memo, and for themes."""
    with library.read() as connection:
        return by_purpose(connection)


def asked_all(
    library: Library, corpus: Corpus, within: Callable[[GoldQuestion], Filters | None]
) -> dict[str, Answer]:
    """Every question's answer by its id; ``within`` gives the filters.

    A model is asked as many questions at a time as it may have requests: it may be a person.
    """
    model = library.options.model
    with ThreadPoolExecutor(1 if model is None else model.concurrency) as pool:
        told = pool.map(lambda q: _ask(library, corpus, q.question, within(q)), corpus.questions)
        return {q.id: answer for q, answer in zip(corpus.questions, told, strict=True)}


def _ask(library: Library, corpus: Corpus, question: str, filters: Filters | None = None) -> Answer:
    """On the corpus's day where a model answers: what is asked of it is then the same tomorrow."""
    today = None if library.options.model is None else as_of(corpus)
    return ask(library, question, filters, today=today)


def as_of(corpus: Corpus) -> date:
    """The day on which its memo is drafted."""
    return date.fromisoformat(str(corpus.memo.get("as_of") or max(corpus.dates.values())))


def _put(library: Library, corpus: Corpus) -> dict[str, str]:
    """Every theme of the truth as a code; which theme a code's id and its label stand for."""
    from service.codebook import NewCode, put_codes

    told = corpus.truth.themes
    made = put_codes(
        library, [NewCode(label=t.label, definition=t.statement, kind=_kind(t.kind)) for t in told]
    )
    by_id = {code.id: theme.id for code, theme in zip(made, told, strict=True)}
    return by_id | {theme.label: theme.id for theme in told}


def _confirm(library: Library, corpus: Corpus, codes: Mapping[str, str], examples: int) -> None:
    """Say of ``examples`` utterances of each theme that customers voiced that they belong to it."""
    from service.codebook import judge

    code_of = {theme: code for code, theme in codes.items() if code.startswith("code-")}
    draw = random.Random(20261125)
    for theme in corpus.truth.themes:
        places = sorted((e.call_id, i) for e in theme.evidence for i in e.utterances)
        if theme.status == "customer_voiced":
            for call_id, i in draw.sample(places, min(examples, len(places))):
                judge(library, code_of[theme.id], call_id, i, "confirm")


def _kind(told: str) -> EvidenceKind:
    """The kind of a code; what is none of the product's kinds is a pain."""
    known: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
    return next((kind for kind in known if kind == told), "pain")


def _lists(library: Library, corpus: Corpus, status: str) -> Lists:
    def of(filters: Filters, by: Literal["arr", "accounts"]) -> tuple[Theme, ...]:
        return tuple(t for t in themes(library, filters, by) if t.status == status)

    everyone = Filters()
    return Lists(
        everyone=of(everyone, "arr"),
        by_arr=of(Filters(top=corpus.top_n), "arr"),
        by_accounts=of(everyone, "accounts"),
    )
