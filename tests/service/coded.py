"""Confirmed themes for tests, made of the evidence of the small corpus (``tests/corpus.py``)."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from service import ledger
from service.scope import Scope
from service.shapes import EvidenceKind, Theme, ThemeAccount


def theme(
    connection: sa.Connection,
    scope: Scope,
    label: str,
    said: Collection[tuple[str, int]],
    kind: EvidenceKind = "pain",
) -> Theme:
    """A confirmed theme of the evidence at ``said``, (call, utterance) each, in that order."""
    items = [e for e in ledger.items(connection, scope) if (e.spoken.call_id, e.spoken.i) in said]
    accounts = {e.account_id: e.strength for e in items if e.account_id is not None}
    segments = {a.segment for a in scope.accounts if a.account_id in accounts}
    return Theme(
        id=f"code-{label.split()[0].lower()}",
        label=label,
        statement=label,
        kind=kind,
        rank=1,
        status="confirmed",
        by="person",
        accounts=tuple(
            ThemeAccount(account_id=a, arr_usd=scope.arr[a], intensity=s)
            for a, s in accounts.items()
        ),
        accounts_n=len(accounts),
        top_accounts_n=len(accounts),
        arr_usd=sum(scope.arr[a] or 0.0 for a in accounts),
        mentions_n=len(items),
        evidence=tuple(e.quote() for e in items),
        first_heard=None,
        last_heard=None,
        segments_n=len(segments),
    )
