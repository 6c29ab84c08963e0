"""What accounts would be after a CRM's file, and by what else they would be known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ingest.models import Account
from service.crm.names import id_key, name_key
from service.crm.records import Record
from service.crm.shapes import Kind
from service.crm.signs import Sign, Signs
from service.crm.whose import Kept

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


def accounts_after(kept: Sequence[Kept], signs: Signs, kind: Kind) -> dict[int, Account]:
    """The accounts as they would be, by the line. An empty cell changes nothing."""
    taken = set(signs.accounts)
    found: dict[int, Account] = {}
    for one in kept:
        record = one.record
        if one.match is None:
            account_id = _new_id(record, taken)
            taken.add(account_id)
            found[record.line] = Account.model_validate(
                {"account_id": account_id, "name": record.name, **record.values}
            )
            continue
        here = signs.accounts[one.match.account_id]
        changed: dict[str, object] = {
            name: value
            for name, value in record.values.items()
            if not _is_same(getattr(here, name), value)
        }
        if kind == "accounts" and _is_renamed(one, signs):
            changed["name"] = record.name
        found[record.line] = here.model_copy(update=changed)
    return found


def _is_same(here: object, value: object) -> bool:
    """Also where only capitals differ: people filter by how it is written here."""
    if isinstance(here, str) and isinstance(value, str):
        return here.casefold() == value.casefold()
    return here == value


def _is_renamed(one: Kept, signs: Signs) -> bool:
    """Only the CRM's own id tells that a name is new, and not another account's."""
    if one.match is None or not one.match.by_id or not one.record.name:
        return False
    key = name_key(one.record.name)
    return key not in signs.names_of.get(one.match.account_id, frozenset())


def _new_id(record: Record, taken: Collection[str]) -> str:
    if _ID.fullmatch(record.crm_id) and record.crm_id not in taken:
        return record.crm_id
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name_key(record.name)).strip("-")[:50] or "account"
    n, made = 1, plain
    while made in taken:
        n += 1
        made = f"{plain}-{n}"
    return made


def learnt(
    kept: Sequence[Kept], after: Mapping[int, Account], signs: Signs, kind: Kind
) -> Iterator[Sign]:
    for one in kept:
        record, account = one.record, after[one.record.line]
        account_id = account.account_id
        if record.crm_id:
            yield Sign(account_id, "crm_id", id_key(record.crm_id), record.crm_id)
        if kind == "accounts":
            for domain in record.domains:
                yield Sign(account_id, "domain", domain, domain)
        names = [*record.aliases]
        if one.by_person and one.match is not None:
            names.append(record.name)
        before = signs.accounts.get(account_id)
        if before is not None and before.name != account.name:
            names.append(before.name)
        for name in names:
            if name_key(name) != name_key(account.name):
                yield Sign(account_id, "alias", name_key(name), name)
