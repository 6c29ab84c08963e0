"""What the columns of CRMs mean: by the names that they usually have, checked against their values.

HubSpot's and Salesforce's own names, of reports and of data exports, and what people call the
columns of their spreadsheets, in English and German.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from service.crm.names import domain_of
from service.crm.shapes import Basis, FieldName, Kind
from service.crm.table import Table
from service.crm.values import currency_of, is_amount, is_day

MANY: frozenset[FieldName] = frozenset({"domains", "aliases"})  # several columns may have them
YES = frozenset("true yes 1 y x ja wahr deleted archived".split())
NO = frozenset("false no 0 n nein falsch active".split())

# For each field the names of columns, the surest first.
_ACCOUNTS: Mapping[FieldName, str] = {
    "account_id": "account id, company id, record id, id, hs object id, customer id,"
    "account number, kundennummer, kunden nr, datensatz id, unternehmens id",
    "name": "company name, account name, name, accountname, firmenname, unternehmensname, firma,"
    "company, account, customer name, customer, kunde, unternehmen",
    "arr_usd": "arr, annual recurring revenue, current arr, total arr, contract arr, account arr,"
    "customer arr, annual contract value, acv, jahresvertragswert, jahreswert, vertragswert jahr",
    "currency": "arr currency, amount currency, currency, currency code, account currency,"
    "currency iso code, deal currency code, deal currency, opportunity currency, währung",
    "tier": "tier, account tier, customer tier, support tier, kundenklasse, stufe",
    "segment": "segment, industry, market segment, customer segment, branche, sektor",
    "region": "region, sales region, territory, billing country, country, country region, land,"
    "land region, billing state province, billing state, state region, state, bundesland",
    "renewal_date": "renewal date, next renewal date, contract renewal date, contract end date,"
    "contract end, subscription end date, renewal, vertragsende, verlängerung, kündbar zum",
    "health": "health, customer health, account health, health status, health score,"
    "customer health score, kundenzufriedenheit, gesundheit",
    "owner": "account owner, company owner, owner, owner name, customer success manager, csm,"
    "account manager, betreuer, kundenbetreuer, accountinhaber, account inhaber,"
    "zuständiger mitarbeiter, inhaber",
    "domains": "company domain name, domain, domains, email domain, website url, website, web site,"
    "company website, webseite, homepage, domainname des unternehmens",
    "aliases": "alias, aliases, also known as, dba, doing business as, trade name, former name,"
    "kurzname",
    "deleted": "is deleted, deleted, archived, is archived, gelöscht, archiviert",
}
_DEALS: Mapping[FieldName, str] = {
    **_ACCOUNTS,
    "account_id": "associated company ids primary, primary associated company id,"
    "associated company ids, associated company id, account id, company id, kundennummer",
    "name": "associated company primary, primary associated company, associated company,"
    "associated companies, account name, company name, accountname, company, account, customer,"
    "firma, kunde, unternehmen",
    "arr_usd": "annual recurring revenue, arr, annual contract value, acv, amount, deal amount,"
    "betrag",
    "owner": "account owner, company owner, account manager, customer success manager, csm,"
    "betreuer",
    "stage": "deal stage, stage, stage name, opportunity stage, phase",
}
_DEAL_SIGNS = frozenset(
    """deal name|opportunity name|deal stage|opportunity id|deal owner|opportunity owner|stage name|
    deal id|deal pipeline""".replace("\n    ", "").split("|")
)
# What is not taken although it sounds like it.
_NOT: Mapping[str, str] = {
    "annual revenue": "What the customer earns itself, as CRMs have it, is not what it pays you.",
    "jahresumsatz": "What the customer earns itself is not what it pays you.",
    "total revenue": "Revenue so far is not revenue a year.",
    "monthly recurring revenue": "That is for a month, and ARR is for a year.",
    "mrr": "That is for a month, and ARR is for a year.",
    "total contract value": "That is for the whole contract, and ARR is for a year.",
    "close date": "When a deal closes is not when it renews; choose it where it is.",
    "parent account": "Each account stands for itself, whoever owns it.",
    "parent company": "Each account stands for itself, whoever owns it.",
}
_SALESFORCE_ID = re.compile(r"[0-9a-zA-Z]{3}[0-9A-Za-z]{12}(?:[A-Z0-5]{3})?")
_OF_ACCOUNTS = "001"  # what Salesforce's ids of accounts begin with
_LOOKED_AT = 2_000  # values of a column
_FIT = 0.6  # of the values at least are what the field holds


@dataclass(frozen=True, slots=True)
class Proposal:
    """``why`` explains a column that is left out, or why it was taken."""

    field: FieldName | None
    basis: Basis | None
    why: str = ""


def header_key(header: str) -> str:
    """``Renewal_Date__c``, ``RenewalDate`` and ``Renewal date (EUR)`` are ``renewal date``."""
    told = re.sub(r"__c$", "", header.strip(), flags=re.IGNORECASE)
    told = re.sub(r"(?<=[a-zäöüß\d])(?=[A-ZÄÖÜ])", " ", told)
    told = re.sub(r"\b[A-Z]{3}\b(?=\W*$)|[$€£]", _without_currency, told)
    return " ".join(re.findall(r"[^\W_]+", told.casefold()))


def _without_currency(found: re.Match[str]) -> str:
    word = found.group()
    return "" if currency_of(word) is not None or word == "$" else word


def kind_of(table: Table) -> Kind:
    """Whether a line is an account or a deal (HubSpot) or opportunity (Salesforce)."""
    keys = {header_key(column) for column in table.columns}
    return "deals" if keys & _DEAL_SIGNS else "accounts"


def propose(table: Table, kind: Kind) -> dict[str, Proposal]:
    """A field for each column, where its name and its values speak for it.

    Of several columns for one field the one with the surest name; ``domains`` and ``aliases`` may
    have several.
    """
    found = {column: _unmapped(column) for column in table.columns}
    for field, names in (_DEALS if kind == "deals" else _ACCOUNTS).items():
        for column in _named(table.columns, names):
            if found[column].field is not None:
                continue
            misfit = _misfit(field, list(islice(table.values(column), _LOOKED_AT)))
            if misfit:
                found[column] = Proposal(None, None, misfit)
                continue
            found[column] = Proposal(field, "name", found[column].why)
            if field not in MANY:
                break
    taken = {one.field for one in found.values()}
    for column, one in found.items():
        if one.field is not None or one.why:
            continue
        values = list(islice(table.values(column), _LOOKED_AT))
        if "account_id" not in taken and _salesforce(values, _OF_ACCOUNTS):
            found[column] = Proposal("account_id", "values", "Its values are ids of accounts.")
            taken.add("account_id")
        elif "domains" not in taken and len(values) > 1 and _share(values, _is_site) >= 0.9:
            found[column] = Proposal("domains", "values", "Its values are addresses on the web.")
            taken.add("domains")
    return found


def _unmapped(column: str) -> Proposal:
    return Proposal(None, None, _NOT.get(header_key(column), ""))


def _named(columns: Sequence[str], names: str) -> Iterator[str]:
    keys = {column: header_key(column) for column in columns}
    for name in names.split(","):
        yield from (column for column, key in keys.items() if key == name.strip())


def _misfit(field: FieldName, values: Collection[str]) -> str:
    """Why a column that is named so does not hold the field, else nothing."""
    if not values:
        return "It is empty."
    if field == "account_id":
        others = _salesforce(values, "") and not _salesforce(values, _OF_ACCOUNTS)
        return "These are ids of something else than accounts." if others else ""
    if field == "owner" and _salesforce(values, "005"):
        return "These are ids, and not names."
    fits = _FITS.get(field)
    if fits is None or _share(values, fits[0]) >= _FIT:
        return ""
    return f"It is named so, but its values are no {fits[1]}."


def _share(values: Collection[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, values)) / len(values)


def _salesforce(values: Collection[str], begin: str) -> bool:
    return bool(values) and all(
        _SALESFORCE_ID.fullmatch(v) and v.startswith(begin) and not v.isalpha() for v in values
    )


def _is_site(value: str) -> bool:
    return domain_of(re.split(r"[\s;,|]+", value, maxsplit=1)[0]) is not None


_FITS: Mapping[FieldName, tuple[Callable[[str], bool], str]] = {
    "arr_usd": (is_amount, "amounts"),
    "renewal_date": (is_day, "dates"),
    "domains": (_is_site, "addresses on the web"),
    "currency": (lambda value: currency_of(value) is not None, "currencies"),
    "deleted": (lambda value: value.casefold() in YES | NO, "yes and no"),
}
