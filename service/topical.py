"""Questions about a matter, over many accounts: who spoke of it, in their own words, counted.

When the codebook has the matter, the answer is the code's evidence. Otherwise the question itself
is held against everything customers said, in competition with the codes and the off-topic bank, as
if it were a code that nobody has written yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from ingest import keywords
from ingest.library import Library
from service import general
from service.against import against
from service.answers import abstain, answer, by_account, leading
from service.bearing import Bearing, bearing
from service.code_topics import topics_of
from service.coding import Coded, code_ledger, lights, mentions
from service.excerpt import excerpt, shares
from service.large.bearing import large_bearing
from service.large.ground import ground
from service.large.one_topic import items_about, items_saying
from service.ledger import Evidence
from service.ledger_held import held
from service.matching import match
from service.naming import places_of_names, vendor_names
from service.offtopic import embedded, offtopic
from service.question import Understood
from service.quotes import statement
from service.said import read_said
from service.scope import Scope
from service.shapes import Answer, Quote, Statement
from service.topic import Sort, Topic
from service.unspoken import unspoken

# A question that is this much nearer to a code than to anything in the bank asks for that code,
# whatever words it uses.
_CLEARLY = 1.5


@dataclass(frozen=True, slots=True)
class Told:
    """Evidence in scope on a matter, the clearest first, and what speaks against it."""

    members: Sequence[Evidence]
    counter: Sequence[Evidence]
    label: str | None = None


def told_of(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Answer:
    """Who in scope spoke of the matter: counted, then account by account by revenue."""
    internal = general.internal(library, connection, asked, scope)
    told = find(library, connection, asked, scope)
    if isinstance(told, str):
        return abstain(asked, scope, told, internal=internal)
    quotes = leading(told.members)
    statements = by_account(quotes, scope)
    if asked.kind == "count" or told.label is not None:
        statements.insert(0, counted(told, quotes, scope))
    counter = by_account(leading(told.counter), scope)
    return answer(asked, scope, statements, counter=counter, internal=internal)


def find(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Told | str:
    """The evidence on what is asked, or why there is none."""
    missing = unspoken(connection, asked, scope)
    if missing is not None:
        return missing
    coded, clearly = _code(library, connection, asked)
    if not borne(library, connection, asked, scope) and not clearly:
        return "No customer spoke of it in the calls in scope."
    if coded is not None and (clearly or coded.members):
        members = _here(coded.members, scope)
        counter = [e for e, _ in against(members, _here(coded.counter, scope))]
        told = Told(members, counter, coded.code.label)
    elif asked.names:
        told = _named(library, connection, asked, scope)
    else:
        told = _ad_hoc(library, connection, asked, scope)
    return told if told.members else "No customer in scope spoke of it in so many words."


def borne(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Bearing:
    """Whether what was said in scope bears on the question."""
    question, within = (asked.text, asked.about), asked.filters.accounts is not None
    land = ground(library, connection)
    if land is not None:
        return large_bearing(library, land, scope.call_ids, question, within_account=within)
    said = read_said(library, connection)
    rows = said.rows_in(scope.call_ids)
    return bearing(library, said, rows, question, within_account=within)


def counted(told: Told, quotes: Sequence[Quote], scope: Scope) -> Statement:
    """How many accounts, which, and what they are worth; a quote of each."""
    each = general.one_each(tuple(quotes))
    whole = statement("", each, scope.arr)
    accounts = tuple(by_revenue(whole.accounts, scope))
    names = ", ".join(scope.names.get(a, a) for a in accounts) or "calls without an account"
    who = "1 account" if whole.accounts_n == 1 else f"{whole.accounts_n} accounts"
    label = f"{told.label}: " if told.label else ""
    text = f"{label}{who} worth ${whole.arr_usd:,.0f} a year: {names}."
    return whole.model_copy(update={"text": text, "accounts": accounts})


# --- the codebook ---------------------------------------------------------------------------------


def _code(
    library: Library, connection: sa.Connection, asked: Understood
) -> tuple[Coded | None, bool]:
    """The code that the question asks for, if one is nearer to it than everything in the bank is;
    and whether clearly so.
    """
    coding = code_ledger(library, connection)
    if not coding.named:
        return None, False
    texts = [asked.text, " ".join(asked.about)]
    question = library.embedder.embed(texts).astype(np.float64)
    labels = embedded(library, [one.code.label for one in coding.named])
    whole = embedded(library, [f"{one.code.label}. {one.code.definition}" for one in coding.named])
    near = np.maximum(labels @ question.T, whole @ question.T)
    bank = offtopic(library)[1] @ question.T
    lead = near / np.maximum(bank.max(axis=0), 1e-6)
    best = int(lead.max(axis=1).argmax())
    ratio = float(lead[best].max())
    return (coding.named[best] if ratio > 1.0 else None), ratio > _CLEARLY


def _here(items: Sequence[Evidence], scope: Scope) -> list[Evidence]:
    calls = scope.call_ids
    return [e for e in items if e.spoken.call_id in calls]


# --- without a code -------------------------------------------------------------------------------


def _ad_hoc(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Told:
    """The question as a topic of its own, over the whole home, then cut to the scope."""
    sort: Sort = "praise" if asked.tone == ("praise",) else "any"
    topic = Topic(" ".join(asked.about) if len(asked.sides) > 1 else asked.text, sort)
    land = ground(library, connection)
    if land is not None:
        found = _here(items_about(library, land, topic), scope)
        mine = found or outright(_here(items_saying(land, asked.about), scope), asked.about)
        return _clearest([_pointed(e, asked.about) for e in mine], asked.about)
    said = read_said(library, connection)
    items = held(library, connection).items
    topics = [topic, *topics_of(library, connection)]
    matched = match(library, said, topics, lights(said, items))
    rows = matched.rows(said, 0)
    order: dict[tuple[str, int], int] = {}
    for row in rows:
        for i in range(said.first[row], said.last[row] + 1):
            order.setdefault((said.call_ids[said.call[row]], int(i)), len(order))
    here = _here(items, scope)
    mine = [e for e in here if (e.spoken.call_id, e.spoken.i) in order]
    if not mine:
        # In few calls a matter does not stand out from the rest; being said outright is enough.
        mine = outright(here, asked.about)
        order = {(e.spoken.call_id, e.spoken.i): n for n, e in enumerate(mine)}
    mine.sort(key=lambda e: order[e.spoken.call_id, e.spoken.i])
    return _clearest([_pointed(e, asked.about) for e in mine], asked.about)


def _clearest(mine: Sequence[Evidence], about: Sequence[str]) -> Told:
    """Those that say what is asked for before those that do not."""
    ordered = sorted(mine, key=lambda e: not _says(e, about))
    return Told([e for e in ordered if not e.content], [e for e in ordered if e.content])


def _named(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Told:
    """Where customers in scope said the names that are asked about, and of themselves."""
    label = f"about {' '.join(asked.names).title()}"
    said = places_of_names(connection, label, vendor_names(library, connection)) or frozenset()
    within = held(library, connection).within(scope)
    kept = [e for e in within if (e.spoken.call_id, e.spoken.i) in said]
    places = said - {(e.spoken.call_id, e.spoken.i) for e in kept}
    return Told([*kept, *mentions(connection, scope, places, "competitor")], ())


def outright(items: Sequence[Evidence], about: Sequence[str]) -> list[Evidence]:
    """Those of ``items`` in whose utterance every word of ``about`` stands, in any form."""
    wanted = set(keywords.stems([" ".join(about)])[0])
    texts = keywords.stems([e.spoken.text for e in items])
    return [e for e, held in zip(items, texts, strict=True) if wanted and wanted <= set(held)]


def _pointed(item: Evidence, about: Sequence[str]) -> Evidence:
    """The item with the sentences that say what is asked for, where its own do not."""
    if _says(item, about) or not shares(item.spoken.text, about):
        return item
    span = excerpt(item.spoken.text, about)
    return item if span is None else replace(item, first_char=span[0], end_char=span[1])


def _says(item: Evidence, about: Sequence[str]) -> bool:
    return shares(item.spoken.text[item.first_char : item.end_char], about)


def by_revenue(accounts: Sequence[str], scope: Scope) -> list[str]:
    """The accounts with the most ARR first."""
    return sorted(accounts, key=lambda a: (-(scope.arr.get(a) or 0.0), a))
