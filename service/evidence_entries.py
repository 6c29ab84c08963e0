"""Evidence under keys: what a model's sentence can rest on, and what the model is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ingest.llm.question import document
from ingest.llm.tokens import estimate
from service.ledger import Evidence
from service.quotes import Spoken
from service.scope import Scope

CHARS = 260  # of a quote that is shown


@dataclass(frozen=True, slots=True)
class Entry:
    """What one key stands for: ledger items with their own words, or an utterance to cut from."""

    key: str
    items: tuple[Evidence, ...] = ()
    moment: Spoken | None = None
    against: bool = False
    about: str = ""  # the theme's name and statement, which its quotes were found to bear


@dataclass(slots=True)
class Offered:
    """``entries`` by key, and ``data`` as the model is told; ``calls`` whose words are in it.

    ``own`` is what the vendor's people said, by keys that no sentence can rest on.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    own: dict[str, Spoken] = field(default_factory=dict)
    themes: list[JsonValue] = field(default_factory=list)
    matters: list[JsonValue] = field(default_factory=list)
    moments: list[JsonValue] = field(default_factory=list)
    ours: list[JsonValue] = field(default_factory=list)
    accounts: list[JsonValue] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)  # of the CRM, in words
    tokens: int = 0

    @property
    def data(self) -> dict[str, JsonValue]:
        told = {
            "themes": self.themes,
            "matters": self.matters,
            "moments": self.moments,
            "ours": self.ours,
            "accounts": self.accounts,
        }
        return {name: list(entries) for name, entries in told.items() if entries}

    @property
    def calls(self) -> tuple[str, ...]:
        found = {e.spoken.call_id for entry in self.entries.values() for e in entry.items}
        found |= {entry.moment.call_id for entry in self.entries.values() if entry.moment}
        found |= {words.call_id for words in self.own.values()}
        return tuple(sorted(found))

    def add(
        self,
        told: Mapping[str, JsonValue],
        to: list[JsonValue],
        entries: Iterable[Entry],
        most: int,
    ) -> bool:
        """Whether it still fitted."""
        cost = estimate(document(dict(told)))
        if self.tokens + cost > most:
            return False
        self.tokens += cost
        to.append(dict(told))
        self.entries |= {entry.key: entry for entry in entries}
        return True


def account_of(item: Evidence, scope: Scope) -> str:
    return scope.names.get(item.account_id or "", "no account")


def words_of(item: Evidence) -> str:
    return item.spoken.text[item.first_char : item.end_char]
