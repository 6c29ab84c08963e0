"""Pairs covered: does "What do customers need?" give every need of every account a word?

One example: the truth has Kestrow voice N1 and N4. Of the first three quotes under the statements
of Kestrow, one has to be evidence (or acceptable) of N1, and one of N4. Asked of all accounts,
without a codebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eval.bootstrap import Draws, Row, ratio
from eval.cases import Corpus
from eval.figures import Case, Figure, Scored, share
from eval.gold import Place
from service.shapes import Answer

SUITE = "pairs"
SHOWN = 3  # quotes of an account that count
NAME = f"need × account pairs covered by {SHOWN} quotes each"


def run(corpus: Corpus, answer: Answer, draws: Draws) -> Scored:
    shown: dict[str, list[Place]] = {}
    for statement in answer.statements:
        for quote in statement.quotes:
            if quote.account_id is not None:
                shown.setdefault(quote.account_id, []).append((quote.call_id, quote.utterance))
    missing = [
        f"  {corpus.names[account]} on {name}, {corpus.needs[name].label}"
        for name, account, there in covered(corpus, shown)
        if not there
    ]
    lines = (f"{len(missing)} pairs without a word:", *missing)
    case = Case(SUITE, "pairs", not missing, lines, {"missing": missing})
    return Scored((figure(corpus, shown, draws),), (case,))


def figure(corpus: Corpus, shown: Mapping[str, Sequence[Place]], draws: Draws) -> Figure:
    rows = [Row(corpus.calls_of[account], there, 1) for _, account, there in covered(corpus, shown)]
    return share(SUITE, NAME, ratio(draws, rows), 0.93)


def covered(
    corpus: Corpus, shown: Mapping[str, Sequence[Place]]
) -> Iterable[tuple[str, str, bool]]:
    """Every need with every account that voices it, and whether its first quotes speak of it."""
    for name, need in corpus.needs.items():
        for account in sorted(need.account_ids & corpus.calls_of.keys()):
            first = list(dict.fromkeys(shown.get(account, ())))[:SHOWN]
            yield name, account, any(place in need.allowed for place in first)
