"""Themes made by hand, for tests that count and rank."""

from __future__ import annotations

from collections.abc import Mapping

from service.quotes import Spoken, cut
from service.shapes import Theme, ThemeAccount


def theme(
    name: str,
    arr: Mapping[str, float],
    *,
    top: int | None = None,
    mentions: int = 1,
    segments: int = 1,
    pinned: bool = False,
) -> Theme:
    """A confirmed theme of these accounts (id to ARR), with one quote."""
    spoken = Spoken("C1", 0, "It broke.", "Ana", "customer", 0.0, "A", 1.0, 2.0)
    return Theme(
        id=name,
        label=name,
        statement=name,
        kind="pain",
        rank=1,
        status="confirmed",
        by="person",
        accounts=tuple(
            ThemeAccount(account_id=a, arr_usd=usd, intensity=1) for a, usd in arr.items()
        ),
        accounts_n=len(arr),
        top_accounts_n=len(arr) if top is None else top,
        arr_usd=sum(arr.values()),
        mentions_n=mentions,
        evidence=(cut(spoken),),
        first_heard=None,
        last_heard=None,
        pinned=pinned,
        segments_n=segments,
    )
