"""A corpus folder as cases: what was said, what is true of it, and what is asked of it.

A corpus is ``accounts.csv``, ``calls/*.json`` (native JSON), ``truth.json``, ``questions.json``
and ``memo_truth.json``. One question of Larkspur: "How many people does Greenlatch have out now
compared with January?", a look-up within one account, gold is utterance 5 of call LC-015. Nothing
here knows a corpus by name: how many accounts are "top" and which rankings are gold stands in its
files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field

from eval.gold import GoldQuestion, GoldTheme, Place, Read, Truth, places
from ingest.accounts import read_accounts
from ingest.models import Account
from service.shapes import Filters


class _Said(Read):
    i: int
    speaker: str
    text: str


class _Person(Read):
    name: str
    role: str


class _Call(Read):
    call_id: str
    account_id: str | None
    date: str | None
    participants: tuple[_Person, ...]
    utterances: tuple[_Said, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Corpus:
    """``texts``, ``roles`` and ``speakers`` hold every utterance; ``account_of`` and ``dates`` by
    call, empty where there is none; ``accounts`` in the order of the file."""

    name: str
    folder: Path
    accounts: tuple[Account, ...]
    texts: Mapping[Place, str]
    roles: Mapping[Place, str]
    speakers: Mapping[Place, str]
    account_of: Mapping[str, str]
    dates: Mapping[str, str]
    truth: Truth
    questions: tuple[GoldQuestion, ...]
    memo: Mapping[str, object]

    @cached_property
    def top_n(self) -> int:
        return len(self.truth.top)

    @cached_property
    def top_ids(self) -> frozenset[str]:
        return frozenset(a.account_id for a in self.truth.top)

    @cached_property
    def names(self) -> dict[str, str]:
        return {a.account_id: a.name for a in self.accounts}

    @cached_property
    def arr(self) -> dict[str, float]:
        return {a.account_id: a.arr_usd or 0.0 for a in self.accounts}

    @cached_property
    def themes(self) -> dict[str, GoldTheme]:
        return {theme.id: theme for theme in self.truth.themes}

    @cached_property
    def needs(self) -> dict[str, GoldTheme]:
        return {theme.id: theme for theme in self.truth.themes if theme.is_need}

    @cached_property
    def calls_of(self) -> dict[str, tuple[str, ...]]:
        """The calls of each account that has any."""
        found: dict[str, list[str]] = {}
        for call_id, account in self.account_of.items():
            if account:
                found.setdefault(account, []).append(call_id)
        return {account: tuple(held) for account, held in found.items()}

    @cached_property
    def hearsay(self) -> frozenset[Place]:
        return frozenset(
            p for claim in self.truth.third_hand_claims for p in places(claim.evidence)
        )

    @cached_property
    def injections(self) -> frozenset[Place]:
        return frozenset((i.call_id, i.utterance) for i in self.truth.prompt_injections)

    def calls_within(self, filters: Filters) -> tuple[str, ...]:
        """The calls that the filters leave, worked out from the files alone."""
        largest = sorted(self.arr, key=lambda a: -self.arr[a])
        kept = set(largest if filters.top is None else largest[: filters.top])
        for field in ("tier", "segment", "region"):
            wanted = getattr(filters, field)
            if wanted is not None:
                kept &= {a.account_id for a in self.accounts if getattr(a, field) == wanted}
        if filters.accounts is not None:
            kept &= set(filters.accounts)
        since = filters.since.isoformat() if filters.since else ""
        until = filters.until.isoformat() if filters.until else "9999"
        return tuple(
            call_id
            for call_id, account in self.account_of.items()
            if account in kept and since <= self.dates[call_id] <= until
        )

    def customer_places(self, calls: Iterable[str]) -> list[Place]:
        """What customers said in these calls, in order."""
        wanted = set(calls)
        return [p for p, role in self.roles.items() if role == "customer" and p[0] in wanted]

    def named_in(self, sentences: Iterable[str]) -> frozenset[str]:
        """The accounts that sentences name, in full or by the part that tells them apart.

        That part is the first word, or the first two where the first is an ordinary word here
        ("Two Otters") or begins several names.
        """
        told = " \n ".join(sentences)
        return frozenset(
            account
            for account, short in self._short.items()
            if re.search(rf"\b{re.escape(short)}\b", told)
        )

    @cached_property
    def _short(self) -> dict[str, str]:
        ordinary = {w for text in self.texts.values() for w in re.findall(r"\b[a-z]+\b", text)}
        firsts = [name.split()[0] for name in self.names.values()]
        short = {}
        for account, name in self.names.items():
            words = name.split()
            plain = words[0].casefold() in ordinary or firsts.count(words[0]) > 1
            short[account] = " ".join(words[:2]) if plain else words[0]
        return short


def read_corpus(folder: Path) -> Corpus:
    """The corpus in ``folder``. A file that is missing or of another shape raises."""
    calls = [
        _Call.model_validate_json(path.read_text("utf-8"))
        for path in sorted((folder / "calls").glob("*.json"))
    ]
    texts, roles, speakers = {}, {}, {}
    for call in calls:
        role_of = {person.name: person.role for person in call.participants}
        for said in call.utterances:
            place = (call.call_id, said.i)
            texts[place], speakers[place] = said.text, said.speaker
            roles[place] = role_of.get(said.speaker, "unknown")
    asked = json.loads((folder / "questions.json").read_text("utf-8"))
    memo = folder / "memo_truth.json"
    return Corpus(
        name=folder.resolve().name,
        folder=folder,
        accounts=tuple(read_accounts(folder / "accounts.csv")),
        texts=texts,
        roles=roles,
        speakers=speakers,
        account_of={call.call_id: call.account_id or "" for call in calls},
        dates={call.call_id: call.date or "" for call in calls},
        truth=Truth.model_validate_json((folder / "truth.json").read_text("utf-8")),
        questions=tuple(GoldQuestion.model_validate(one) for one in asked),
        memo=json.loads(memo.read_text("utf-8")) if memo.exists() else {},
    )
