"""When two names, or two addresses on the web, are the same but for how they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ingest.roles import FREE_MAIL

# What firms are by law: it stands behind a name, and not everybody writes it.
_LEGAL = frozenset(
    """ab ag aps as asa bv co company corp corporation eg ev gmbh inc incorporated kg kgaa limited
    llc llp lp ltd mbh nv ohg oy oyj plc pte pty sa sarl sas se spa sl srl ug""".split()
)
_AND = ("und", "et", "y")
_INITIALS = re.compile(r"\b(?:\w\.){2,}\w?")  # S.A., L.L.C.
_WORD = re.compile(r"[^\W_]+")
_HOST = re.compile(r"(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_BEFORE_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://|^//|^.*@|^www\d?\.")
_LONGEST = 2_000  # characters of an address that are looked at
_SALESFORCE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")


def name_key(name: str) -> str:
    """The name in small letters without accents, punctuation and legal form.

    "The Müller & Söhne GmbH." is "muller and sohne". Never empty for a name with a letter or digit.
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c)
    )
    plain = _INITIALS.sub(lambda m: m.group().replace(".", ""), plain)
    plain = plain.replace("&", " and ").replace("+", " and ").replace("'", "").replace("’", "")
    words = ["and" if word in _AND else word for word in _WORD.findall(plain)]
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
        while len(words) > 1 and words[-1] == "and":  # GmbH & Co. KG
            words.pop()
    while len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


def domains_in(text: str) -> tuple[str, ...]:
    """The domains in a cell: of addresses on the web or of e-mail, several parted by space or
    comma. Those where anybody gets mail are left out.
    """
    found = (domain_of(part) for part in re.split(r"[\s;,|]+", text) if part)
    return tuple(dict.fromkeys(d for d in found if d and d not in FREE_MAIL))


def domain_of(text: str) -> str | None:
    """``https://www.Acme.com/about``, ``ana@acme.com`` and ``acme.com`` are ``acme.com``."""
    host = text.strip().lower()[:_LONGEST]
    while (cut := _BEFORE_HOST.sub("", host, count=1)) != host:
        host = cut
    host = re.split(r"[/?#:]", host, maxsplit=1)[0].rstrip(".")
    return host if _HOST.fullmatch(host) else None


def wider(domain: str) -> Iterator[str]:
    """The domain itself, then those it lies under: ``eu.acme.com``, ``acme.com``."""
    while domain.count(".") >= 1:
        yield domain
        domain = domain.partition(".")[2]


def id_shape(crm_id: str) -> str:
    """Alike for ids of the same CRM: HubSpot's are numbers, Salesforce's are not."""
    key = id_key(crm_id)
    if key.isdecimal():
        return "number"
    return "salesforce" if _SALESFORCE.fullmatch(key) else re.sub(r"\d+", "0", key)


def id_key(crm_id: str) -> str:
    """A CRM's id to compare by. Salesforce writes the same id with 15 characters or with 18."""
    told = crm_id.strip()
    return told[:15] if _SALESFORCE.fullmatch(told) and not told.isdecimal() else told
