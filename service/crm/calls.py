"""Calls without an account, and the account that their participants' addresses speak for.

It is offered, and only a person sets it.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.roles import FREE_MAIL
from ingest.tables import calls, speakers
from service.crm.names import domain_of
from service.crm.shapes import CallMatch
from service.crm.signs import Signs, known_by


def call_matches(connection: sa.Connection) -> list[CallMatch]:
    """The newest call first. Only where all known domains of its customers are one account's."""
    signs = known_by(connection)
    ours = FREE_MAIL | internal_domains(connection)
    rows = connection.execute(
        sa.select(calls.c.call_id, calls.c.title, calls.c.date, speakers.c.email)
        .join(speakers, speakers.c.call_id == calls.c.call_id)
        .where(calls.c.account_id.is_(None))
        .where(speakers.c.role == "customer", speakers.c.email.is_not(None))
        .order_by(calls.c.date.is_(None), calls.c.date.desc(), calls.c.call_id)
    ).all()
    domains: dict[str, set[str]] = {}
    for row in rows:
        domain = domain_of(row.email)
        if domain is not None and domain not in ours:
            domains.setdefault(row.call_id, set()).add(domain)
    told = {row.call_id: row for row in rows}
    found = []
    for call_id, row in told.items():
        match = _match(signs, domains.get(call_id, set()))
        if match is not None:
            domain, account_id = match
            found.append(
                CallMatch(
                    call_id=call_id,
                    title=row.title,
                    date=row.date,
                    account_id=account_id,
                    name=signs.accounts[account_id].name,
                    why=f"a customer in it writes from {domain}",
                )
            )
    return found


def _match(signs: Signs, domains: set[str]) -> tuple[str, str] | None:
    at = {domain: signs.at(domain)[1] for domain in sorted(domains)}
    ids = {account_id for found in at.values() for account_id in found}
    if len(ids) != 1:
        return None
    (account_id,) = ids
    return next(domain for domain, found in at.items() if found), account_id
