"""The memo suite: a checklist of what a right 30-day memo of this corpus holds.

One example, Larkspur on 3 June: sixteen of the Top 20 were heard and four are named as not; the
needs come in the order N3, N4, N1, N2; Orrinhale is at risk although its health is green; card
payment on site, the loudest wish of all, is not the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from eval.bootstrap import Draws, Estimate, Row, ratio
from eval.cases import Corpus
from eval.figures import Case, Figure, Scored, share
from eval.gold import GoldTheme, Place, places
from eval.metrics import best_match
from eval.observed import Observed
from eval.told import Document, Node, nodes, quotes, strings
from service.shapes import Theme

SUITE = "memo"
_HEADLINES = 3

Item = tuple[str, bool]


def run(corpus: Corpus, seen: Observed, draws: Draws) -> Scored:
    """Nothing where the corpus has no memo truth."""
    if not corpus.memo:
        return Scored(())
    document = Document("memo", "memo", seen.memo.model_dump(mode="json"))
    items = [
        *_coverage(corpus, seen, document.body),
        *_needs(corpus, seen),
        *_accounts(corpus, document.body),
        *_set_aside(corpus, seen, document),
        *_looking_ahead(corpus, seen, document),
    ]
    done = sum(right for _, right in items) / len(items)
    whole = Figure(SUITE, "memo checklist", Estimate(done, None, None), 1.0)
    figures = (whole, *_at_risk(corpus, document.body, draws))
    lines = ("memo checklist:", *(f"  [{'x' if right else ' '}] {name}" for name, right in items))
    case = Case(SUITE, "memo", done == 1.0, lines, {"items": dict(items)})
    return Scored(figures, (case,))


def _coverage(corpus: Corpus, seen: Observed, memo: Node) -> Iterator[Item]:
    gold = _part(corpus.memo, "coverage")
    told = _part(memo, "coverage")
    silent = _silent(corpus)
    heard = corpus.top_ids - silent
    yield "coverage: accounts in scope", told["accounts_in_scope"] == _of_top(gold, "total")
    yield "coverage: accounts heard", told["accounts_heard"] == _of_top(gold, "interviewed")
    yield "coverage: accounts silent", set(cast(list[str], told["accounts_silent"])) == silent
    yield (
        "coverage: ARR heard",
        told["arr_heard_usd"] == sum(corpus.arr[account] for account in heard),
    )
    everyone = seen.everyone.coverage
    yield (
        "coverage of all accounts (asked without filters)",
        (everyone.accounts_in_scope, everyone.accounts_heard, everyone.calls_read)
        == (gold.get("accounts_total"), gold.get("accounts_interviewed"), gold.get("calls"))
        and (everyone.arr_in_scope_usd, everyone.arr_heard_usd)
        == (gold.get("arr_total_usd"), gold.get("arr_interviewed_usd")),
    )
    named = {str(one["account_id"]) for one in _list(memo, "next_calls")}
    yield "silent top accounts are to be called", silent <= named


def _needs(corpus: Corpus, seen: Observed) -> Iterator[Item]:
    order = [name for theme in seen.memo.needs if (name := _stands_for(corpus, seen, theme))]
    order = list(dict.fromkeys(order))
    gold = [str(one["theme"]) for one in _list(corpus.memo, "top_needs")]
    yield "needs: all of the top needs", set(gold) <= set(order)
    yield "needs: in the right order", [name for name in order if name in gold] == gold
    yield "needs: they come first", order[: len(gold)] == gold
    loud = _loud(corpus)
    yield "needs: no loud but small need in the headline", not loud & set(order[:_HEADLINES])
    traps = {theme.id for theme in corpus.truth.themes if not theme.voiced}
    yield "needs: no idea of the vendor's own", not traps & set(order)


def _accounts(corpus: Corpus, memo: Node) -> Iterator[Item]:
    told = {str(one["account_id"]) for one in _list(memo, "at_risk")}
    for one in _list(corpus.memo, "at_risk"):
        account = str(one["account_id"])
        yield f"at risk: {corpus.names.get(account, account)}", account in told
    for one in _list(corpus.memo, "health_corrections"):
        account = str(one["account_id"])
        name = corpus.names.get(account, account)
        yield (
            f"health corrected: {name}, {one.get('crm_health')} in the CRM",
            corrected(memo, account, name, one),
        )


def corrected(memo: Node, account: str, name: str, gold: Node) -> bool:
    """Whether a part on health reads the account so, or a sentence tells its name and health."""
    reading = "threatened" if "risk" in str(gold.get("call_reading")) else "content"
    for path, node in nodes(memo):
        if any(key.startswith("health") for key in path) and node.get("account_id") == account:
            return node.get("reading") in (reading, None)
    wanted = re.compile(rf"\b{re.escape(str(gold.get('crm_health')))}\b", re.IGNORECASE)
    told = (text for path, text in strings(memo) if not {"quotes", "evidence"} & set(path))
    return any(name in text and wanted.search(text) for text in told)


def _set_aside(corpus: Corpus, seen: Observed, memo: Document) -> Iterator[Item]:
    aside = [one.model_dump(mode="json") for one in seen.memo.not_now]
    for name in sorted(_loud(corpus)):
        theme = corpus.themes[name]
        there = any(
            seen.codes.get(str(one.get("theme_id"))) == name
            or best_match(_places(one), {name: theme.allowed}) is not None
            for one in aside
        )
        yield f"not now: loud but small, {theme.label}", there
    for trap in corpus.truth.internal_traps:
        pushed = places(trap.pushed_by_staff)
        if pushed:
            own = [q for q in quotes(memo) if q.under("not_now", "internal")]
            yield f"not now or internal: the idea {trap.id}", any(q.place in pushed for q in own)
    acted = [
        q
        for q in quotes(memo)
        if (q.place in corpus.hearsay or q.place in corpus.injections)
        and not q.under("verify", "internal")
    ]
    yield "no hearsay and no injection is acted upon", not acted


def _looking_ahead(corpus: Corpus, seen: Observed, memo: Document) -> Iterator[Item]:
    parts = [memo.body["open_questions"], memo.body.get("prompts")]
    asked = " ".join(text for _, text in strings(parts))
    silent = {corpus.names[account] for account in _silent(corpus)}
    yield "open questions name the silent accounts", all(name in asked for name in silent)
    for one in _list(corpus.memo, "protect"):
        theme = corpus.themes.get(str(one.get("theme")))
        if theme is None:
            continue
        wanted = theme.account_ids & corpus.top_ids
        yield (
            f"protect: the accounts of {theme.label}",
            wanted <= _liking(corpus, seen, memo, theme),
        )


def _liking(corpus: Corpus, seen: Observed, memo: Document, theme: GoldTheme) -> set[str]:
    """Accounts that the memo has like it: counted by the strength itself, or quoted on it."""
    parts = ("strengths", "liked", "protect")
    said = {q.place[0] for q in quotes(memo) if q.under(*parts) and q.place in theme.allowed}
    counted = {
        account.account_id
        for strength in seen.memo.strengths
        if seen.code_of(strength) == theme.id
        for account in strength.accounts
    }
    return counted | {corpus.account_of[call] for call in said}


def _at_risk(corpus: Corpus, memo: Node, draws: Draws) -> Iterator[Figure]:
    """Who is only to be watched counts neither way."""
    told = {str(one["account_id"]) for one in _list(memo, "at_risk")}
    gold = {str(one["account_id"]) for one in _list(corpus.memo, "at_risk")}
    watched = {str(one["account_id"]) for one in _list(corpus.memo, "watch")} - gold
    where = corpus.calls_of
    precise = [Row(where[a], a in gold, 1) for a in sorted(told - watched) if a in where]
    complete = [Row(where[a], a in told, 1) for a in sorted(gold) if a in where]
    yield share(SUITE, "memo at-risk precision", ratio(draws, precise))
    yield share(SUITE, "memo at-risk recall", ratio(draws, complete))


def _stands_for(corpus: Corpus, seen: Observed, theme: Theme) -> str | None:
    allowed = {name: need.allowed for name, need in corpus.needs.items()}
    quoted = {(q.call_id, q.utterance) for q in theme.evidence}
    return seen.code_of(theme) or best_match(quoted, allowed)


def _loud(corpus: Corpus) -> set[str]:
    """Voiced needs that the memo truth warns of and that are none of its top needs."""
    first = {str(one["theme"]) for one in _list(corpus.memo, "top_needs")}
    warned = {str(one["theme"]) for one in _list(corpus.memo, "do_not") if one.get("theme")}
    return {name for name in warned - first if name in corpus.needs}


def _silent(corpus: Corpus) -> set[str]:
    return {account for account in corpus.top_ids if account not in corpus.calls_of}


def _of_top(coverage: Node, what: str) -> object:
    """``top20_interviewed`` and the like, whatever the number."""
    return next((v for k, v in coverage.items() if re.fullmatch(rf"top\d*_{what}", k)), None)


def _part(document: Mapping[str, object], name: str) -> Node:
    return cast(Node, document.get(name, {}))


def _list(document: Mapping[str, object], name: str) -> Sequence[Node]:
    return cast(Sequence[Node], document.get(name, []))


def _places(node: Node) -> set[Place]:
    return {(str(q["call_id"]), cast(int, q["utterance"])) for q in _list(node, "quotes")}
