"""Which account of this home a record of the CRM is about. What is not sure is not decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from service.crm.names import id_key, id_shape, name_key
from service.crm.records import Record
from service.crm.shapes import Candidate
from service.crm.signs import Signs

_ALIKE = 0.86  # of two names' letters, in order: Borealis and Boreallis
_SHORTEST = 4  # letters of a word that tells firms apart
_COMMON = 50  # names with a word: from here on it tells nothing
_RARE = 3  # names that begin with the same word: so few may be one firm
_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Sure:
    """``by_id``: the CRM's id said so, whatever it calls the account by now."""

    account_id: str
    by_id: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Accounts that it may be, the likeliest first, and why nobody can tell."""

    candidates: tuple[Candidate, ...]


Match = Sure | Doubt | None  # None: an account that is not here yet


class Matcher:
    """Matches records against the accounts as ``signs`` has them."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs

    def match(self, record: Record) -> Match:
        """A remembered id decides. Else an id of ours, the name and the domain have to agree as
        far as they are known, and to point at one account.
        """
        signs = self._signs
        if record.other_ids:
            return self._one_of(record.other_ids)
        if known := signs.crm_ids.get(id_key(record.crm_id)):
            return Sure(known, by_id=True)
        named = signs.names.get(name_key(record.name), frozenset())
        at = {domain: signs.at(domain) for domain in record.domains}
        placed = frozenset(i for _, ids in at.values() for i in ids)
        if record.crm_id in signs.accounts:
            ours = record.crm_id
            if not record.name or ours in named or ours in placed:
                return Sure(ours, by_id=True)
            others = [self._candidate(i, "has this name") for i in sorted(named)]
            own = self._candidate(ours, "has this id, but another name")
            return Doubt((own, *others)[:_OFFERED])
        if len(named) == 1 and (not placed or named == placed):
            (one,) = named
            against = self._against(one, record)
            return Doubt((self._candidate(one, against),)) if against else Sure(one)
        reasons = self._reasons(named, at)
        reasons |= {i: why for i, why in self._like(record.name) if i not in reasons}
        candidates = [self._candidate(i, why) for i, why in reasons.items()]
        return Doubt(tuple(candidates[:_OFFERED])) if candidates else None

    def _one_of(self, ids: Iterable[str]) -> Match:
        known = {self._signs.crm_ids.get(id_key(one), one): one for one in ids}
        return Doubt(
            tuple(
                self._candidate(account_id, f"has the id {crm_id}, one of several")
                for account_id, crm_id in known.items()
                if account_id in self._signs.accounts
            )
        )

    def _against(self, account_id: str, record: Record) -> str:
        """Why an account of the same name may be another one, else nothing."""
        known = self._signs.crm_ids_of.get(account_id, frozenset())
        if any(id_shape(one) == id_shape(record.crm_id) for one in known if record.crm_id):
            return "has the same name, but another id in the CRM"
        domains = self._signs.domains_of.get(account_id, frozenset())
        here = any(account_id in self._signs.at(domain)[1] for domain in record.domains)
        if record.domains and domains and not here:
            return f"has the same name, but is at {min(domains)}"
        return ""

    def _reasons(
        self, named: frozenset[str], at: Mapping[str, tuple[str, frozenset[str]]]
    ) -> dict[str, str]:
        by_domain: defaultdict[str, str] = defaultdict(str)
        for domain, ids in at.values():
            for one in ids:
                by_domain[one] = by_domain[one] or domain
        both = [i for i in sorted(named) if i in by_domain]
        reasons = {i: f"has the same name and is at {by_domain[i]}" for i in both}
        reasons |= {
            i: f"is at {by_domain[i]}, but named otherwise"
            for i in sorted(by_domain.keys() - named)
        }
        return reasons | dict.fromkeys(sorted(named - by_domain.keys()), "has the same name")

    def _like(self, name: str) -> Iterator[tuple[str, str]]:
        """Accounts with a name like this one: a few letters other, some words more, or with the
        same rare word in front.
        """
        key = name_key(name)
        words = key.split()
        begin = _begin(words)
        rare = begin is not None and 0 < len(self._by_block.get(begin, ())) <= _RARE
        found: dict[str, float] = {}
        for other in {o for block in _blocks(key) for o in self._by_block.get(block, ())}:
            theirs = other.split()
            both = set(words) & set(theirs)
            within = any(len(w) >= _SHORTEST for w in both) and both in (set(words), set(theirs))
            alike = SequenceMatcher(None, key, other, autojunk=False).ratio()
            if within or alike >= _ALIKE or (rare and theirs[0] == words[0]):
                for account_id in self._signs.names[other]:
                    found[account_id] = max(alike, found.get(account_id, 0.0))
        for account_id in sorted(found, key=lambda i: (-found[i], i)):
            yield account_id, "has a name like it"

    @cached_property
    def _by_block(self) -> Mapping[str, list[str]]:
        blocks: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._signs.names:
            for block in _blocks(key):
                blocks[block].append(key)
        return {block: keys for block, keys in blocks.items() if len(keys) <= _COMMON}

    def _candidate(self, account_id: str, why: str) -> Candidate:
        return Candidate(account_id=account_id, name=self._signs.accounts[account_id].name, why=why)


def _blocks(key: str) -> set[str]:
    """What names that may be alike have in common: a word, or how they begin or end."""
    joined = key.replace(" ", "")
    words = {word for word in key.split() if len(word) >= _SHORTEST}
    begin = _begin(key.split())
    return words | {begin or key, f"^{joined[:_SHORTEST]}", f"{joined[-_SHORTEST:]}$"}


def _begin(words: Sequence[str]) -> str | None:
    """The block of names that begin with the same word, where it can tell firms apart."""
    return f"^{words[0]} " if words and len(words[0]) >= _SHORTEST else None
