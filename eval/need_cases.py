"""The themes suite, case by case: what a developer reads to see why a need was not found.

One example: N4 of Larkspur at precision 0.75, one account wrong, and the quote that brought it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.cases import Corpus
from eval.figures import Case
from eval.gold import GoldTheme, Place
from eval.metrics import Overlap, best_match, overlap
from service.shapes import Theme

ENOUGH = 0.5  # of precision and of recall, for a need's accounts to be called found


@dataclass(frozen=True, slots=True)
class Found:
    """What stands for a theme of the truth: the accounts counted, the quotes shown."""

    accounts: frozenset[str]
    places: frozenset[Place]
    counter: frozenset[Place] = frozenset()


def of_themes(suite: str, corpus: Corpus, held: Mapping[str, Found]) -> Iterator[Case]:
    """Each theme of the truth: which accounts were missed or wrong, which quotes are not of it."""
    for theme in corpus.truth.themes:
        if theme.voiced and (theme.is_need or "codebook" in suite):
            found = held.get(theme.id, Found(frozenset(), frozenset()))
            named = overlap(found.accounts, theme.account_ids)
            quotes = overlap(found.places, theme.gold, theme.allowed)
            ok = min(named.precision, named.recall) >= ENOUGH and bool(found.accounts)
            lines = _lines(corpus, theme, found, named, quotes)
            facts = {
                "label": theme.label,
                "account_precision": round(named.precision, 3) if found.accounts else None,
                "account_recall": round(named.recall, 3),
                "quote_precision": round(quotes.precision, 3) if found.places else None,
                "accounts_found": sorted(found.accounts),
                "accounts_gold": sorted(theme.account_ids),
                "quotes": sorted(found.places),
            }
            yield Case(suite, theme.id, ok, tuple(lines), facts)


def _lines(
    corpus: Corpus, theme: GoldTheme, found: Found, named: Overlap, quotes: Overlap
) -> Iterator[str]:
    yield f"{theme.id} [{theme.kind}] {theme.label}{'' if found.accounts else ': not found'}"
    if not found.accounts:
        return
    yield (
        f"  accounts: precision {named.precision:.2f}, recall {named.recall:.2f}; "
        f"quotes: precision {quotes.precision:.2f}"
    )
    for word, accounts in (
        ("missed", theme.account_ids - found.accounts),
        ("wrong", found.accounts - theme.account_ids),
    ):
        if accounts:
            names = sorted(corpus.names.get(account, account) for account in accounts)
            yield f"  accounts {word}: {', '.join(names)}"
    for place in sorted(found.places - theme.allowed):
        yield f"  not of it: {place[0]}#{place[1]} {corpus.texts[place][:160]}"


def of_groups(suite: str, corpus: Corpus, listed: Sequence[Theme]) -> Iterator[Case]:
    """Each group of candidates: which need most of its quotes belong to, and where each belongs."""
    allowed = {name: need.allowed for name, need in corpus.needs.items()}
    for n, theme in enumerate(listed, start=1):
        quoted = dict.fromkeys((q.call_id, q.utterance) for q in theme.evidence)
        match = best_match(set(quoted), allowed)
        lines = [
            f"group {n} [{theme.kind}, {theme.accounts_n} accounts, ${theme.arr_usd:,.0f}] "
            f"stands for {match or 'no need'}: {theme.label}"
        ]
        for place in quoted:
            of = [name for name, held in allowed.items() if place in held]
            account = corpus.names.get(corpus.account_of[place[0]], "?")
            text = " ".join(corpus.texts[place].split())[:140]
            lines.append(f"  {','.join(of) or '-':5s} {place[0]}#{place[1]} ({account}) {text}")
        facts = {"match": match, "label": theme.label, "quotes": list(quoted)}
        yield Case(suite, f"group {n}", match is not None, tuple(lines), facts)
