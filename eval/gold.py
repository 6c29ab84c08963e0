"""What is true of a corpus, as its files tell it: themes, traps, questions.

One theme of Larkspur: N1, a pain that seven accounts voice, "Field work vanishes where there is no
signal", with the utterances that must be found (``gold``) and those that may be cited besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from pydantic import BaseModel, ConfigDict, model_validator

from service.shapes import Filters

Place = tuple[str, int]  # call id and utterance

NEEDS = ("pain", "request", "risk")
_TOP = re.compile(r"top\d+")


class Read(BaseModel):
    """Read from the corpus; what is not asked about is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Span(Read):
    call_id: str
    utterances: tuple[int, ...]


class GoldAccount(Read):
    account_id: str


class GoldTheme(Read):
    """``gold`` must be found, ``allowed`` may be cited as well."""

    id: str
    kind: str
    status: str = "customer_voiced"
    label: str
    statement: str
    evidence: tuple[Span, ...] = ()
    acceptable_evidence: tuple[Span, ...] = ()
    contradicting: tuple[Span, ...] = ()
    accounts: tuple[GoldAccount, ...] = ()

    @property
    def voiced(self) -> bool:
        return self.status == "customer_voiced"

    @property
    def is_need(self) -> bool:
        return self.voiced and self.kind in NEEDS

    @cached_property
    def gold(self) -> frozenset[Place]:
        return places(self.evidence)

    @cached_property
    def allowed(self) -> frozenset[Place]:
        return self.gold | places(self.acceptable_evidence)

    @cached_property
    def account_ids(self) -> frozenset[str]:
        return frozenset(a.account_id for a in self.accounts)


class Trap(Read):
    """Something that only the vendor's own people say."""

    id: str
    theme: str | None = None
    pushed_by_staff: tuple[Span, ...] = ()


class Hearsay(Read):
    id: str
    evidence: tuple[Span, ...]


class Injection(Read):
    call_id: str
    utterance: int


class Private(Read):
    """A telephone number, card number or address that somebody said aloud."""

    call_id: str
    utterance: int
    kind: str
    value: str


class TopAccount(Read):
    account_id: str
    name: str
    interviewed: bool = True


class Truth(Read):
    top: tuple[TopAccount, ...]
    themes: tuple[GoldTheme, ...]
    rankings: dict[str, object] = {}
    internal_traps: tuple[Trap, ...] = ()
    third_hand_claims: tuple[Hearsay, ...] = ()
    prompt_injections: tuple[Injection, ...] = ()
    pii: tuple[Private, ...] = ()
    date_range: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_top(cls, data: dict[str, object]) -> dict[str, object]:
        """The list of the largest accounts is called by its length ("top20")."""
        return {"top" if _TOP.fullmatch(key) else key: value for key, value in data.items()}

    def ranking(self, pattern: str) -> tuple[str, ...]:
        """The gold order of that name, of what customers voiced; empty when there is none."""
        voiced = {t.id for t in self.themes if t.voiced}
        for name, order in self.rankings.items():
            if re.fullmatch(pattern, name) and isinstance(order, list):
                return tuple(theme for theme in order if theme in voiced)
        return ()


class GoldQuestion(Read):
    id: str
    question: str
    kind: str  # lookup, aggregate, comparative, unanswerable
    answerable: bool
    expected_behaviour: str
    filters: dict[str, object] | None = None
    gold_evidence: tuple[Span, ...] = ()
    related_evidence: tuple[Span, ...] = ()
    gold_points: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    @cached_property
    def gold(self) -> frozenset[Place]:
        return places(self.gold_evidence)

    @cached_property
    def related(self) -> frozenset[Place]:
        return places(self.related_evidence)

    def asked_of(self, top: int) -> Filters:
        """The filters as the product takes them; ``top`` is how many accounts are "top" here."""
        given = {k: v for k, v in (self.filters or {}).items() if v is not None}
        chosen = next((v for k, v in given.items() if _TOP.fullmatch(k) or k == "top"), None)
        return Filters.model_validate(
            {
                **{k: given[k] for k in ("tier", "segment", "region", "accounts") if k in given},
                "top": top if chosen is True else chosen or None,
                "since": given.get("date_from"),
                "until": given.get("date_to"),
            }
        )


def places(spans: Iterable[Span]) -> frozenset[Place]:
    return frozenset((span.call_id, i) for span in spans for i in span.utterances)
