"""Which firm an e-mail domain is: our own, an account's, or nobody's that we know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.invited import domain_of
from ingest.library import Library
from ingest.models import Role
from ingest.roles import is_domain_of, is_free_mail
from ingest.tables import calls, speakers
from service.by_call import by_call
from service.crm.signs import known_by


def own_domains(library: Library, connection: sa.Connection) -> frozenset[str]:
    """Ours: as they were set, and those of our people's addresses in calls."""
    told = internal_domains(connection) | set(library.options.internal_domains)
    heard = {domain_of(address) for address in _addresses(connection, "internal")}
    return frozenset(told | {one for one in heard if not is_free_mail(one)})


def accounts_by_address(connection: sa.Connection) -> Mapping[str, str]:
    """The account of each customer whose address a call tells; of two accounts neither."""
    return {a: min(of) for a, of in _addresses(connection, "customer").items() if len(of) == 1}


def accounts_by_domain(connection: sa.Connection, domains: Collection[str]) -> Mapping[str, str]:
    """The account of each of the domains: the one that a CRM or customers' addresses in calls tell,
    else the only one whose name it has. A domain that could be two accounts' is neither's.
    """
    wanted = {one for one in domains if not is_free_mail(one)}
    if not wanted:
        return {}
    signs = known_by(connection)
    found = {}
    for domain in wanted:
        theirs = signs.at(domain)[1] or {
            a.account_id for a in signs.accounts.values() if is_domain_of(domain, a.name)
        }
        if len(theirs) == 1:
            found[domain] = min(theirs)
    return found


def _addresses(connection: sa.Connection, role: Role) -> dict[str, set[str]]:
    """Addresses of speakers of that role, lower case, with the accounts of their calls."""
    found: dict[str, set[str]] = {}
    for told in by_call(connection, "addresses", lambda ids: _told(connection, ids)).values():
        for whose, address, account_id in told:
            if whose == role:
                found.setdefault(address, set()).update({account_id} if account_id else ())
    return found


_Told = tuple[tuple[Role, str, str | None], ...]


def _told(connection: sa.Connection, call_ids: Sequence[str]) -> Mapping[str, _Told]:
    query = (
        sa.select(speakers.c.call_id, speakers.c.role, speakers.c.email, calls.c.account_id)
        .join(calls, calls.c.call_id == speakers.c.call_id)
        .where(speakers.c.email.is_not(None), speakers.c.call_id.in_(call_ids))
    )
    found: dict[str, _Told] = {}
    for call_id, role, email, account_id in connection.execute(query):
        address = email.strip().lower()
        if "@" in address:
            found[call_id] = (*found.get(call_id, ()), (role, address, account_id))
    return found
