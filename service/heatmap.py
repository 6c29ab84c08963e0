"""Themes by accounts: how often and how strongly each account spoke of each theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ingest.library import Library
from ingest.models import Frozen
from service.coding import code_ledger
from service.ledger import Evidence
from service.ranking import By
from service.scope import resolve
from service.shapes import EvidenceKind, Filters, NamedBy, Theme
from service.themes import members_of, named_themes

COLUMNS = 100  # accounts; nobody reads more, and filters choose others


class HeatAccount(Frozen):
    """A column. Of an account that was not ``heard`` nothing is known, which is not zero."""

    account_id: str
    name: str
    arr_usd: float | None
    heard: bool


class HeatCell(Frozen):
    """``intensity`` is the strength (1 to 3) of the strongest words."""

    account_id: str
    mentions_n: int
    intensity: int


class HeatRow(Frozen):
    """A theme, with a cell for each shown account that spoke of it; the figures are of all."""

    theme_id: str
    label: str
    kind: EvidenceKind
    status: Literal["candidate", "confirmed"]
    by: NamedBy
    rank: int
    arr_usd: float
    accounts_n: int
    mentions_n: int
    cells: tuple[HeatCell, ...]


class Heatmap(Frozen):
    """``accounts`` has the most ARR first; ``accounts_left_out`` are smaller ones in scope."""

    accounts: tuple[HeatAccount, ...]
    accounts_left_out: int
    themes: tuple[HeatRow, ...]


def heatmap(library: Library, filters: Filters, by: By = "arr") -> Heatmap:
    """Of all that has a name: confirmed themes by rank, then what a model named, by rank.

    Raises ``BadInput`` for a filter that names nothing.
    """
    with library.read() as connection:
        scope = resolve(connection, filters)
        named = named_themes(library, connection, scope, by)
        members = members_of(code_ledger(library, connection), scope)
    shown = scope.accounts[:COLUMNS]
    columns = tuple(
        HeatAccount(
            account_id=one.account_id,
            name=one.name,
            arr_usd=one.arr_usd,
            heard=one.account_id in scope.heard,
        )
        for one in shown
    )
    order = [one.account_id for one in shown]
    return Heatmap(
        accounts=columns,
        accounts_left_out=len(scope.accounts) - len(shown),
        themes=tuple(
            _row(theme, members[theme.id], order) for theme in sorted(named, key=lambda t: t.rank)
        ),
    )


def _row(theme: Theme, items: Sequence[Evidence], order: Sequence[str]) -> HeatRow:
    intensity = {one.account_id: one.intensity for one in theme.accounts}
    places: dict[str | None, set[tuple[str, int]]] = {}
    for item in items:
        places.setdefault(item.account_id, set()).add((item.spoken.call_id, item.spoken.i))
    return HeatRow(
        theme_id=theme.id,
        label=theme.label,
        kind=theme.kind,
        status=theme.status,
        by=theme.by,
        rank=theme.rank,
        arr_usd=theme.arr_usd,
        accounts_n=theme.accounts_n,
        mentions_n=theme.mentions_n,
        cells=tuple(
            HeatCell(account_id=a, mentions_n=len(places[a]), intensity=intensity[a])
            for a in order
            if a in intensity
        ),
    )
