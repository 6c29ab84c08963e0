"""Themes: what the codebook's codes hold in a scope, counted and ranked; then candidates.

A confirmed theme is a code that a person wrote or confirmed, with the evidence of the ledger that
belongs to it. After them come those that a model named, ranked among themselves: what belongs to
them was read, and every figure is counted by code. What nobody named is offered as groups by
likeness. Neither is ever ranked among the confirmed ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from ingest.library import Library
from ingest.stamps import STAMPED
from service import ledger
from service.against import against
from service.candidates import Group, groups
from service.coding import Coded, Coding, code_ledger
from service.large.reading import large_said
from service.large.said import fullest
from service.ledger import Evidence, shortened
from service.ranking import By, rank
from service.remembering import remembered
from service.said import read_said, voice_of
from service.scope import Scope, resolve
from service.shapes import Code, EvidenceKind, Filters, Theme, ThemeAccount

__all__ = (
    "By",
    "confirmed",
    "confirmed_themes",
    "fewer",
    "find",
    "grouped",
    "members_of",
    "named",
    "named_themes",
    "themes",
)

QUOTES = 8  # shown under a theme, from as many accounts as possible
CANDIDATES = 12
_SCOPES = 8  # of which the themes are kept in memory
_WHOLE = 200  # quotes of a candidate: whoever confirms one wants all of it
Pick = Callable[[Sequence[Evidence], int], list[Evidence]]  # the so many of an account to show
# Pains and requests are two sides of one need; the others stand for themselves.
_SORTS = (
    frozenset({"pain", "request"}),
    frozenset({"praise"}),
    frozenset({"risk", "competitor"}),
)


def themes(library: Library, filters: Filters, by: By = "arr") -> list[Theme]:
    """The themes in scope: confirmed ones, ranked, then candidates. Empty when there is nothing.

    Raises ``BadInput`` for a filter that names nothing.
    """
    with library.read() as connection:
        return find(library, connection, resolve(connection, filters), by)


def named(library: Library, filters: Filters, by: By = "arr") -> list[Theme]:
    """As ``themes`` without the groups by likeness, which take longest to find."""
    with library.read() as connection:
        return named_themes(library, connection, resolve(connection, filters), by)


def grouped(library: Library, filters: Filters) -> list[Theme]:
    """The groups by likeness alone."""
    return [theme for theme in themes(library, filters) if theme.by == "likeness"]


def find(library: Library, connection: sa.Connection, scope: Scope, by: By = "arr") -> list[Theme]:
    """As ``themes``, for a scope that is resolved already."""
    coding = code_ledger(library, connection)
    ranked = _named(coding, scope, by)
    offered = remembered(
        library,
        connection,
        ("candidates", tuple),
        STAMPED,
        lambda: (*_candidates(library, connection, coding, scope),),
        of=scope.filters,
        most=_SCOPES,
    )
    after = max((t.rank for t in ranked), default=0)
    return [*ranked, *(t.model_copy(update={"rank": after + n}) for n, t in enumerate(offered, 1))]


def named_themes(
    library: Library, connection: sa.Connection, scope: Scope, by: By = "arr"
) -> list[Theme]:
    """What has a name: the confirmed themes, ranked, then those that a model named, ranked."""
    found = remembered(
        library,
        connection,
        ("themes", tuple),
        STAMPED,
        lambda: (*_named(code_ledger(library, connection), scope, by),),
        of=(scope.filters, by),
        most=_SCOPES,
    )
    return [*found]


def _named(coding: Coding, scope: Scope, by: By) -> list[Theme]:
    ranked = rank(confirmed(coding, scope), by)
    after = max((t.rank for t in ranked), default=0)
    found = rank([_found(one, scope) for one in coding.found if _speaks(one, scope)], by)
    return [*ranked, *(t.model_copy(update={"rank": t.rank + after}) for t in found)]


def _speaks(one: Coded, scope: Scope) -> bool:
    return any(e.spoken.call_id in scope.call_ids for e in one.members)


def confirmed_themes(
    library: Library, connection: sa.Connection, scope: Scope, by: By = "arr"
) -> list[Theme]:
    """Only what the codebook holds, ranked."""
    return rank(confirmed(code_ledger(library, connection), scope), by)


def members_of(coding: Coding, scope: Scope) -> dict[str, list[Evidence]]:
    """By its id the evidence in scope of each theme that has a name and that somebody spoke of."""
    found = {one.code.id: _in_scope(one.members, scope) for one in coding.named}
    return {theme_id: members for theme_id, members in found.items() if members}


def fewer(found: Sequence[Theme], most: int) -> list[Theme]:
    """``found`` with at most so many quotes for and so many against each; no figure changes."""
    return [
        t.model_copy(update={"evidence": t.evidence[:most], "counter": t.counter[:most]})
        for t in found
    ]


def confirmed(coding: Coding, scope: Scope) -> list[Theme]:
    """The codes somebody in scope spoke of, unranked."""
    found = []
    for one in coding.coded:
        members = _in_scope(one.members, scope)
        if members:
            counter = [e for e, _ in against(members, _in_scope(one.counter, scope))]
            found.append(_confirmed(one, members, counter, scope))
    return found


def _in_scope(items: Sequence[Evidence], scope: Scope) -> list[Evidence]:
    calls = scope.call_ids
    return [e for e in items if e.spoken.call_id in calls]


def _candidates(
    library: Library, connection: sa.Connection, coding: Coding, scope: Scope
) -> list[Theme]:
    left = _in_scope(coding.left, scope)
    land = large_said(library, connection)
    if land is None:
        said = read_said(library, connection).within(scope.call_ids)
    else:
        said = land.part(fullest(land, left))
    return [_candidate(one, scope) for one in groups(said, left, _SORTS)[:CANDIDATES]]


# --- one theme --------------------------------------------------------------------------------


def _confirmed(
    one: Coded, members: Sequence[Evidence], counter: Sequence[Evidence], scope: Scope
) -> Theme:
    plain = ledger.plainest(members, scope)
    theme = _theme(one.code.id, one.code.kind, plain, counter, scope, pick=_first)
    return theme.model_copy(
        update={
            "label": one.code.label,
            "statement": _counted(one.code, theme),
            "status": "confirmed",
            "by": "person",
            "definition": one.code.definition,
            "pinned": one.code.pinned,
        }
    )


def _found(one: Coded, scope: Scope) -> Theme:
    """A theme that a model named; its figures come about as those of a confirmed one."""
    members = _in_scope(one.members, scope)
    counter = [e for e, _ in against(members, _in_scope(one.counter, scope))]
    theme = _confirmed(one, members, counter, scope)
    return theme.model_copy(update={"status": "candidate", "by": "model"})


def _counted(code: Code, theme: Theme) -> str:
    """The code in the words of whoever wrote it, and how far it goes."""
    meant = (code.definition or code.label).rstrip(". ")
    n = theme.accounts_n
    who = "1 account" if n == 1 else f"{n} accounts"
    return f"{meant}. Voiced by {who} worth ${theme.arr_usd:,.0f} a year."


def _candidate(one: Group, scope: Scope) -> Theme:
    kinds = [e.kind for e in one.members]
    # Where it stands is what it is: a group keeps its id while its central words stay central.
    digest = hashlib.sha256(one.members[0].evidence_id.encode()).hexdigest()[:12]
    kind = max(dict.fromkeys(kinds), key=kinds.count)
    theme = _theme(f"theme-{digest}", kind, one.members, (), scope, _WHOLE)
    central = one.members[0]
    return theme.model_copy(
        update={
            "label": shortened(central.quote().text),
            "statement": _statement(central, theme, scope.names),
            "notes": ("A group by likeness; not yet confirmed by a person.",),
        }
    )


def _statement(central: Evidence, theme: Theme, names: Mapping[str, str]) -> str:
    """Who said what, and how far it goes; no claim beyond that."""
    words = shortened(central.quote().text, 240)
    who = names.get(central.account_id or "", "a call without account")
    said = f"{central.spoken.speaker} ({who}): “{words}”"
    others = len([a for a in theme.accounts if a.account_id != central.account_id])
    if others == 0:
        return f"{said} Only one account is in this group."
    more = "1 other account" if others == 1 else f"{others} other accounts"
    return f"{said} Grouped by likeness with the words of {more}; not yet confirmed by a person."


def _theme(
    theme_id: str,
    kind: EvidenceKind,
    members: Sequence[Evidence],
    counter: Sequence[Evidence],
    scope: Scope,
    most: int = QUOTES,
    pick: Pick = ledger.telling,
) -> Theme:
    strength: dict[str, int] = {}
    for item in members:
        if item.account_id is not None:
            strength[item.account_id] = max(strength.get(item.account_id, 1), item.strength)
    accounts = sorted(strength, key=lambda a: (-(scope.arr.get(a) or 0.0), a))
    days = [e.date for e in members if e.date is not None]
    segments = {a.account_id: a.segment for a in scope.accounts}
    return Theme(
        id=theme_id,
        label="",
        statement="",
        kind=kind,
        rank=1,
        accounts=tuple(
            ThemeAccount(account_id=a, arr_usd=scope.arr.get(a), intensity=strength[a])
            for a in accounts
        ),
        accounts_n=len(accounts),
        top_accounts_n=len(scope.top_ids.intersection(accounts)),
        arr_usd=sum(scope.arr.get(a) or 0.0 for a in accounts),
        mentions_n=len({(e.spoken.call_id, e.spoken.i) for e in members}),
        evidence=tuple(e.quote() for e in shown(members, scope, most, pick)),
        counter=tuple(e.quote() for e in shown(counter, scope)),
        first_heard=min(days, default=None),
        last_heard=max(days, default=None),
        segments_n=len({s for a in accounts if (s := segments.get(a)) is not None}),
    )


def _first(items: Sequence[Evidence], n: int) -> list[Evidence]:
    """The first ``n`` of ``items``, one of an utterance."""
    each: dict[tuple[str, int], Evidence] = {}
    for item in items:
        each.setdefault((item.spoken.call_id, item.spoken.i), item)
    return list(each.values())[:n]


def shown(
    members: Sequence[Evidence], scope: Scope, most: int = QUOTES, pick: Pick = ledger.telling
) -> list[Evidence]:
    """The quotes to show: the first one, then of every account what ``pick`` takes, in turn."""
    if not members:
        return []
    by_voice: dict[str, list[Evidence]] = {}
    for item in members:
        by_voice.setdefault(voice_of(item.spoken.call_id, item.account_id), []).append(item)
    told = {voice: pick(mine, most) for voice, mine in by_voice.items()}
    voices = sorted(told, key=lambda v: (-(scope.arr.get(v) or 0.0), v))
    turns = [told[v][n] for n in range(most) for v in voices if n < len(told[v])]
    # Whoever is counted is quoted, however many they are.
    return [members[0], *(e for e in turns if e is not members[0])][: max(most, len(voices) + 1)]
