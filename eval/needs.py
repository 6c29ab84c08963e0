"""The themes suite: are the customers' needs found, with the right accounts, in the right order?

One example: Larkspur's N1, "Field work vanishes where there is no signal", is voiced by seven
accounts. A confirmed theme stands for the need its code was made from; a candidate for the need
that most of its quotes belong to, if at least half of them do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from eval.bootstrap import Draws, Floats, Row, macro, ratio
from eval.cases import Corpus
from eval.figures import Figure, Scored, count, share
from eval.gold import GoldTheme, Place
from eval.metrics import best_match, tau_b
from eval.need_cases import ENOUGH, Found, of_groups, of_themes
from eval.observed import Lists, Observed
from service.shapes import Theme

FIRST = 10  # groups that a reader looks at
_TARGETS = {
    "codebook need recall": 0.85,
    "codebook account precision": 0.85,
    "codebook account recall": 0.75,
    "codebook tau by ARR of the top": 0.75,
    "codebook tau by accounts": 0.75,
}


def confirmed(corpus: Corpus, seen: Observed, draws: Draws) -> Scored:
    """The themes of the codebook; nothing without one."""
    if seen.confirmed is None:
        return Scored(())
    suite = "themes, codebook"
    held = _standing(seen.confirmed.everyone, seen.code_of)
    needs = corpus.needs
    figures = [
        *score(suite, "codebook", corpus, held, draws),
        *_orders(suite, "codebook", corpus, seen.confirmed, seen.code_of, draws),
        *_counter(suite, "codebook", corpus, held, draws),
    ]
    empty = [t.id for t in corpus.truth.themes if not t.voiced]
    figures.append(count(suite, "codes that should be empty and are not", _there(empty, held)))
    others = [t.id for t in corpus.truth.themes if t.voiced and t.id not in needs]
    if others:
        rows = [row for name in others for row in pairs(corpus, corpus.themes[name], held)[0]]
        back = [row for name in others for row in pairs(corpus, corpus.themes[name], held)[1]]
        figures.append(share(suite, "codebook praise and competitor precision", ratio(draws, rows)))
        figures.append(share(suite, "codebook praise and competitor recall", ratio(draws, back)))
    return Scored(tuple(figures), tuple(of_themes(suite, corpus, held)))


def candidates(corpus: Corpus, seen: Observed, draws: Draws) -> Scored:
    """The groups that the product finds by itself, from the run without codebook."""
    suite = "themes, candidates"
    allowed = {name: need.allowed for name, need in corpus.needs.items()}

    def of(theme: Theme) -> str | None:
        return best_match(_places(theme), allowed)

    wanted = [t for t in seen.candidates.everyone if t.kind in ("pain", "request", "risk")]
    first = _standing(wanted[:FIRST], of)
    figures = [
        *score(suite, f"candidate@{FIRST}", corpus, first, draws),
        *_orders(suite, "candidate", corpus, seen.candidates, of, draws),
        *_counter(suite, "candidate", corpus, _standing(wanted, of), draws),
    ]
    rows = [Row(_calls(need), name in _standing(wanted, of), 1) for name, need in _needs(corpus)]
    figures.append(share(suite, "candidate need present in any group", ratio(draws, rows)))
    return Scored(
        tuple(figures),
        (*of_themes(suite, corpus, first), *of_groups(suite, corpus, wanted[:FIRST])),
    )


def score(
    suite: str, prefix: str, corpus: Corpus, held: Mapping[str, Found], draws: Draws
) -> Iterator[Figure]:
    """Need recall, and precision and recall of accounts and of quotes, for ``held`` by theme id."""
    names = list(corpus.needs)
    present = [Row(_calls(need), name in held, 1) for name, need in _needs(corpus)]
    laid = [pairs(corpus, corpus.needs[name], held) for name in names]
    enough = np.stack(
        [np.minimum(_or_zero(draws, p), _or_zero(draws, r)) >= ENOUGH for p, r in laid]
    ).mean(axis=0)
    yield _figure(suite, f"{prefix} need recall", enough)
    yield _figure(suite, f"{prefix} need present", ratio(draws, present))
    for name, side in (("precision", 0), ("recall", 1)):
        rows = [row for one in laid for row in one[side]]
        yield _figure(suite, f"{prefix} account {name}", ratio(draws, rows))
        each = macro(draws, [one[side] for one in laid])
        yield _figure(suite, f"{prefix} account {name}, mean of needs", each)
    for name, side in (("precision", 0), ("recall", 1)):
        rows = [row for n in names for row in _quotes(corpus.needs[n], held.get(n))[side]]
        yield _figure(suite, f"{prefix} quote {name}", ratio(draws, rows))


def pairs(
    corpus: Corpus, theme: GoldTheme, held: Mapping[str, Found]
) -> tuple[list[Row], list[Row]]:
    """A row for every account found, and one for every account of the truth."""
    found = held[theme.id].accounts if theme.id in held else frozenset[str]()
    where = {a: corpus.calls_of[a] for a in found | theme.account_ids if a in corpus.calls_of}
    precise = [Row(where[a], a in theme.account_ids, 1) for a in sorted(found) if a in where]
    complete = [Row(where[a], a in found, 1) for a in sorted(theme.account_ids) if a in where]
    return precise, complete


def _quotes(theme: GoldTheme, found: Found | None) -> tuple[list[Row], list[Row]]:
    shown = found.places if found is not None else frozenset[Place]()
    precise = [Row((place[0],), place in theme.allowed, 1) for place in sorted(shown)]
    complete = [Row((place[0],), place in shown, 1) for place in sorted(theme.gold)]
    return precise, complete


def matched(corpus: Corpus, groups: Iterable[Found]) -> dict[str, Found]:
    """Groups by the need that at least half of each belongs to, those of one need together."""
    allowed = {name: need.allowed for name, need in corpus.needs.items()}
    return _joined((best_match(group.places, allowed), group) for group in groups)


def _standing(listed: Iterable[Theme], of: Callable[[Theme], str | None]) -> dict[str, Found]:
    """What stands for each theme of the truth."""
    return _joined((of(theme), _found(theme)) for theme in listed)


def _found(theme: Theme) -> Found:
    against = frozenset((q.call_id, q.utterance) for q in theme.counter)
    return Found(frozenset(a.account_id for a in theme.accounts), _places(theme), against)


def _joined(named: Iterable[tuple[str | None, Found]]) -> dict[str, Found]:
    held: dict[str, Found] = {}
    for name, found in named:
        if name is not None:
            before = held.get(name, Found(frozenset(), frozenset()))
            held[name] = Found(
                before.accounts | found.accounts,
                before.places | found.places,
                before.counter | found.counter,
            )
    return held


def _orders(
    suite: str,
    prefix: str,
    corpus: Corpus,
    lists: Lists,
    of: Callable[[Theme], str | None],
    draws: Draws,
) -> Iterator[Figure]:
    """Kendall's tau of our order of the needs with the gold order, needs not found tied last.

    A need stands where the first theme for it stands.
    The interval recomputes both orders from the accounts in each draw.
    """
    for name, listed, pattern, scope in (
        ("by ARR of the top", lists.by_arr, r"by_top\d*_arr", corpus.top_ids),
        ("by accounts", lists.by_accounts, r"by_accounts(_all)?", frozenset(corpus.arr)),
    ):
        gold = corpus.truth.ranking(pattern)
        gold = tuple(need for need in gold if need in corpus.needs)
        if len(gold) < 2:
            continue
        first: dict[str, Theme] = {}
        for theme in listed:
            first.setdefault(of(theme) or "", theme)
        ours = [need for need in first if need in gold]
        value = tau_b(
            [-(ours.index(n) if n in ours else len(gold)) for n in gold], -np.arange(len(gold))
        )
        held = {need: _found(first[need]) for need in ours}
        worth = {a: corpus.arr[a] if "ARR" in name else 1 + 1e-9 * corpus.arr[a] for a in scope}
        mine = [_weight(corpus, held[n].accounts if n in held else (), worth, draws) for n in gold]
        theirs = [_weight(corpus, corpus.needs[n].account_ids, worth, draws) for n in gold]
        drawn = tau_b(np.stack(mine, axis=1), np.stack(theirs, axis=1))
        drawn[0] = value
        yield _figure(suite, f"{prefix} tau {name}", drawn)


def _weight(
    corpus: Corpus, accounts: Iterable[str], worth: Mapping[str, float], draws: Draws
) -> Floats:
    total = np.zeros(draws.size)
    for account in sorted(accounts):
        if account in worth and account in corpus.calls_of:
            total = total + worth[account] * draws.of(corpus.calls_of[account])
    return total


def _counter(
    suite: str, prefix: str, corpus: Corpus, held: Mapping[str, Found], draws: Draws
) -> Iterator[Figure]:
    """Share of the calls that speak against a need whose words the need's theme shows so."""
    rows = [
        Row((call,), bool(held[name].counter & said) if name in held else False, 1)
        for name, need in _needs(corpus)
        for call, said in opposed(need)
    ]
    if rows:
        yield _figure(suite, f"{prefix} counter-evidence surfaced", ratio(draws, rows))


def opposed(need: GoldTheme) -> list[tuple[str, frozenset[Place]]]:
    """The calls in which somebody contradicts the need, with the places."""
    return [
        (span.call_id, frozenset((span.call_id, i) for i in span.utterances))
        for span in need.contradicting
    ]


def _needs(corpus: Corpus) -> Sequence[tuple[str, GoldTheme]]:
    return list(corpus.needs.items())


def _calls(theme: GoldTheme) -> tuple[str, ...]:
    return tuple(sorted({call for call, _ in theme.gold}))


def _places(theme: Theme) -> frozenset[Place]:
    return frozenset((q.call_id, q.utterance) for q in theme.evidence)


def _there(names: Iterable[str], held: Mapping[str, Found]) -> int:
    return sum(name in held for name in names)


def _or_zero(draws: Draws, rows: Sequence[Row]) -> Floats:
    return np.nan_to_num(ratio(draws, rows))


def _figure(suite: str, name: str, samples: Floats) -> Figure:
    return share(suite, name, samples, _TARGETS.get(name))
