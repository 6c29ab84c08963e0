"""The numbered evidence that a language model is shown for a question: chosen, not dumped.

Three sorts, each under a key: themes (what belongs to one is known, so one key stands for all of
it), matters (what one account brought up in one call), and moments (single utterances that the
search found, with what was asked before). However many calls there are, no more is shown than fits
``MOST_TOKENS``: themes by revenue, matters nearest to the question and of every account before a
second of any, moments by rank.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from ingest.library import Library
from service.evidence_entries import Offered
from service.offered_moments import found_moments, put_accounts, put_moments, put_ours
from service.offered_themes import put_matters, put_themes
from service.planning import Plan
from service.scope import Scope

MOST_TOKENS = 7_250  # of evidence; with prompts, plan and shapes a question stays below 11,000
_MOMENTS = 24
_LOOKED_UP = 40  # moments for a look-up


def offered(
    library: Library, connection: sa.Connection, plan: Plan, scope: Scope, most: int = MOST_TOKENS
) -> Offered:
    """The evidence in ``scope`` for what ``plan`` asks, at most ``most`` tokens of it."""
    found = Offered()
    if plan.asked.kind == "compare" and plan.asked.filters.accounts is None:
        scope = replace(scope, names=_with_traits(scope))
    lookup = plan.asked.kind == "lookup"
    moments = list(found_moments(library, connection, plan, scope))
    put_accounts(found, plan, scope, most)
    put_ours(found, library, connection, plan, scope, most)
    if lookup:
        # What answers a look-up is a moment; it must not be crowded out.
        put_moments(found, connection, moments[:_LOOKED_UP], scope, most // 2)
    shown = put_themes(found, library, connection, plan, scope, most)
    put_matters(found, library, connection, plan, scope, shown, most)
    if not lookup:
        put_moments(found, connection, moments[:_MOMENTS], scope, most)
    return found


def _with_traits(scope: Scope) -> dict[str, str]:
    """Accounts by name with tier and segment, for who compares them by these."""
    traits = {a.account_id: ", ".join(filter(None, (a.tier, a.segment))) for a in scope.accounts}
    return {
        account: f"{name} ({traits[account]})" if traits.get(account) else name
        for account, name in scope.names.items()
    }
