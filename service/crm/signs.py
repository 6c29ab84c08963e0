"""By what accounts are known in this home: ids in CRMs, names, other names, domains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.models import Account
from ingest.roles import FREE_MAIL
from ingest.store import list_accounts
from ingest.tables import account_signs, calls, speakers
from service.crm.names import domain_of, name_key, wider

SignKind = Literal["crm_id", "domain", "alias"]
_LONGEST = 255
_BATCH = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class Sign:
    account_id: str
    kind: SignKind
    value: str
    shown: str


@dataclass(frozen=True, slots=True)
class Signs:
    """``names`` has the keys of names and aliases, ``domains`` what calls tell as well."""

    accounts: Mapping[str, Account]
    crm_ids: Mapping[str, str]
    names: Mapping[str, frozenset[str]]
    domains: Mapping[str, frozenset[str]]
    names_of: Mapping[str, frozenset[str]]
    domains_of: Mapping[str, frozenset[str]]
    crm_ids_of: Mapping[str, frozenset[str]]

    def at(self, domain: str) -> tuple[str, frozenset[str]]:
        """The accounts at a domain, or at the nearest it lies under, and which that is."""
        for one in wider(domain):
            if one in self.domains:
                return one, self.domains[one]
        return domain, frozenset()


def known_by(connection: sa.Connection) -> Signs:
    """Everything at once."""
    accounts = {account.account_id: account for account in list_accounts(connection)}
    names: defaultdict[str, set[str]] = defaultdict(set)
    domains: defaultdict[str, set[str]] = defaultdict(set)
    crm_ids: dict[str, str] = {}
    for account in accounts.values():
        names[name_key(account.name)].add(account.account_id)
    for row in connection.execute(sa.select(account_signs)):
        if row.kind == "crm_id":
            crm_ids[row.value] = row.account_id
        else:
            (names if row.kind == "alias" else domains)[row.value].add(row.account_id)
    for domain, account_id in _spoken_from(connection):
        domains[domain].add(account_id)
    names.pop("", None)
    return Signs(
        accounts=accounts,
        crm_ids=crm_ids,
        names=_frozen(names),
        domains=_frozen(domains),
        names_of=_turned(names),
        domains_of=_turned(domains),
        crm_ids_of=_turned({value: {account_id} for value, account_id in crm_ids.items()}),
    )


def unknown(connection: sa.Connection, signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """Those that nobody knows here yet."""
    c = account_signs.c
    rows = connection.execute(sa.select(c.account_id, c.kind, c.value))
    here = {(row.account_id, row.kind, row.value) for row in rows}
    cut = (replace(one, value=one.value[:_LONGEST], shown=one.shown[:_LONGEST]) for one in signs)
    given = {(one.account_id, one.kind, one.value): one for one in cut if one.value}
    return tuple(one for key, one in given.items() if key not in here)


def learn(connection: sa.Connection, new: Sequence[Sign], import_id: int) -> None:
    """Keep what is ``unknown``. The newest word about an id of a CRM holds."""
    for where in _same_ids(new):
        connection.execute(account_signs.delete().where(where))
    if new:
        connection.execute(
            account_signs.insert(), [asdict(one) | {"import_id": import_id} for one in new]
        )


def displaced(connection: sa.Connection, new: Sequence[Sign]) -> dict[str, list[dict[str, object]]]:
    """The rows that ``learn`` would remove, by their accounts: ids of a CRM that go to others."""
    found: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for where in _same_ids(new):
        for row in connection.execute(sa.select(account_signs).where(where)).mappings():
            found[row["account_id"]].append(dict(row))
    return found


def shown(connection: sa.Connection, account_id: str, kind: SignKind) -> tuple[str, ...]:
    """As the CRM has them, in order."""
    c = account_signs.c
    where = (c.account_id == account_id, c.kind == kind)
    return tuple(connection.scalars(sa.select(c.shown).where(*where).order_by(c.shown)))


def _same_ids(new: Sequence[Sign]) -> Iterator[sa.ColumnElement[bool]]:
    """Where the ids of CRMs among them are known already, some at a time."""
    ids = sorted({one.value for one in new if one.kind == "crm_id"})
    c = account_signs.c
    for n in range(0, len(ids), _BATCH):
        yield (c.kind == "crm_id") & c.value.in_(ids[n : n + _BATCH])


def _spoken_from(connection: sa.Connection) -> Iterable[tuple[str, str]]:
    """The domains of customers' e-mail addresses in calls, each with the call's account."""
    ours = FREE_MAIL | internal_domains(connection)
    rows = connection.execute(
        sa.select(speakers.c.email, calls.c.account_id)
        .join(calls, calls.c.call_id == speakers.c.call_id)
        .where(speakers.c.role == "customer", speakers.c.email.is_not(None))
        .where(calls.c.account_id.is_not(None))
        .distinct()
    )
    for row in rows:
        domain = domain_of(row.email)
        if domain is not None and domain not in ours:
            yield domain, row.account_id


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(ids) for key, ids in found.items()}


def _turned(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    turned: defaultdict[str, set[str]] = defaultdict(set)
    for value, ids in found.items():
        for account_id in ids:
            turned[account_id].add(value)
    return _frozen(turned)
