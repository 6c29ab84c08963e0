"""What changed since the memo before: two memos compared, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.shapes import Changes, Memo, Theme, ThemeChange

_QUOTES = 3  # new quotes shown under a need


def changes(before: Memo, now: Memo, headings: Mapping[str, str]) -> Changes:
    """From ``before`` to ``now``; ``headings`` names the calls by id.

    Memos of an older program do not say which calls they read; of those no call is called new.
    """
    known = set(before.read) if before.read is not None else set(headings)
    was_silent, is_silent = set(before.coverage.accounts_silent), now.coverage.accounts_silent
    risks, earlier = {a.account_id for a in now.at_risk}, [a.account_id for a in before.at_risk]
    return Changes(
        memo_id=before.id,
        as_of=before.as_of,
        calls={c: headings[c] for c in now.read or () if c not in known and c in headings},
        heard=tuple(
            row.account_id
            for row in now.board
            if row.account_id in was_silent and row.account_id not in is_silent
        ),
        needs=tuple(_needs(before, now)),
        risks=tuple(a.account_id for a in now.at_risk if a.account_id not in earlier),
        no_longer_at_risk=tuple(a for a in earlier if a not in risks),
    )


def _needs(before: Memo, now: Memo) -> Iterator[ThemeChange]:
    """Every need that came, moved, grew, shrank or left."""
    was = {t.id: t for t in before.needs}
    for theme in now.needs:
        change = _change(was.get(theme.id), theme)
        if change is not None:
            yield change
    left = {t.id for t in now.needs}
    for theme in before.needs:
        if theme.id not in left:
            yield ThemeChange(
                theme_id=theme.id,
                rank_before=theme.rank,
                rank=None,
                label=theme.label,
                quotes=theme.evidence[:1],
            )


def _change(before: Theme | None, now: Theme) -> ThemeChange | None:
    if before is None:
        return ThemeChange(
            theme_id=now.id,
            rank_before=None,
            rank=now.rank,
            label=now.label,
            accounts=tuple(a.account_id for a in now.accounts),
            arr_usd=now.arr_usd,
            mentions_n=now.mentions_n,
        )
    had = {a.account_id for a in before.accounts}
    shown = {(q.call_id, q.utterance) for q in before.evidence}
    made = ThemeChange(
        theme_id=now.id,
        rank_before=before.rank,
        rank=now.rank,
        label=now.label,
        accounts=tuple(a.account_id for a in now.accounts if a.account_id not in had),
        arr_usd=now.arr_usd - before.arr_usd,
        mentions_n=now.mentions_n - before.mentions_n,
        # More was said of it: what is newly shown is new, or as telling as what was there.
        quotes=tuple(q for q in now.evidence if (q.call_id, q.utterance) not in shown)[:_QUOTES]
        if now.mentions_n > before.mentions_n
        else (),
    )
    moved = made.rank != made.rank_before or made.accounts or made.arr_usd or made.mentions_n
    return made if moved else None
