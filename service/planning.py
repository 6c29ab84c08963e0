"""What a question asks for, as a language model reads it and code checks it.

A plan fills what the asker and the words left open; it never replaces either. A name that is no
account's, and a value that no account has, is left out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import BaseModel, JsonValue

from ingest.llm import Purpose, Request
from ingest.llm.port import Llm
from ingest.models import Account
from service.question import Known, Understood
from service.shapes import EvidenceKind, Filters, QuestionKind, Theme

PROMPT = "plan_question"
_ACCOUNTS = 40  # names that a model is told; of more, those that look most like the question
_ALIKE = 24
_VALUES = 60  # of tiers, segments, regions
_THEMES = 40
_SEARCHES = 4
_LONGEST = 300  # characters of a search


class PlanRead(BaseModel):
    """A plan as the model gives it; nothing of it is believed yet."""

    kind: QuestionKind
    accounts: list[str]
    tier: str
    segment: str
    region: str
    top: int
    since: str
    until: str
    themes: list[str]
    kinds: list[EvidenceKind]
    superlative: bool = False
    searches: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """``asked`` with the filters and the kind that the plan adds; ``themes`` are ids.

    ``superlative`` questions ask for what is most, so that the first few statements answer them.
    """

    asked: Understood
    searches: tuple[str, ...]
    themes: tuple[str, ...]
    kinds: tuple[EvidenceKind, ...]
    superlative: bool = False


def plan(
    llm: Llm,
    asked: Understood,
    known: Known,
    themes: Sequence[Theme],
    purpose: Purpose,
    *,
    given: Filters,
) -> Plan:
    """One request. ``given`` are the filters that the asker set. Raises what the port raises."""
    keys = {f"T{n}": theme for n, theme in enumerate(themes[:_THEMES], start=1)}
    answer = llm.ask(
        Request(PROMPT, _document(asked, known, keys), PlanRead, purpose, _calls(themes))
    )
    filters = _filled(asked.filters, answer, known.accounts, given)
    searches = tuple(" ".join(s.split())[:_LONGEST] for s in answer.searches if s.strip())
    return Plan(
        asked=replace(asked, kind=answer.kind, filters=filters),
        searches=searches[:_SEARCHES],
        themes=tuple(dict.fromkeys(keys[key].id for key in answer.themes if key in keys)),
        kinds=tuple(dict.fromkeys(answer.kinds)),
        superlative=answer.superlative,
    )


def _document(asked: Understood, known: Known, keys: dict[str, Theme]) -> JsonValue:
    return {
        "question": asked.text,
        "today": known.today.isoformat() if known.today else "",
        "accounts": [*_near(asked.text, [a.name for a in known.accounts])],
        "tiers": [*_values(a.tier for a in known.accounts)],
        "segments": [*_values(a.segment for a in known.accounts)],
        "regions": [*_values(a.region for a in known.accounts)],
        "themes": [
            {"key": key, "kind": theme.kind, "label": theme.label} for key, theme in keys.items()
        ],
    }


def _calls(themes: Sequence[Theme]) -> tuple[str, ...]:
    """The calls whose words a theme's name may hold."""
    return tuple(sorted({q.call_id for theme in themes[:_THEMES] for q in theme.evidence}))


def _near(question: str, names: Sequence[str]) -> list[str]:
    """All names, or of very many those that have a word that stands in the question, or nearly."""
    if len(names) <= _ACCOUNTS:
        return list(names)
    words = [word.casefold() for word in question.split() if len(word) > 3]

    def likeness(name: str) -> float:
        parts = name.casefold().split()
        pairs = (difflib.SequenceMatcher(None, w, p).ratio() for w in words for p in parts)
        return max(pairs, default=0.0)

    return sorted(names, key=likeness, reverse=True)[:_ALIKE]


def _values(found: Iterable[str | None]) -> list[str]:
    return sorted({value for value in found if value})[:_VALUES]


def _filled(
    filters: Filters, answer: PlanRead, accounts: Sequence[Account], given: Filters
) -> Filters:
    by_name = {a.name.casefold(): a.account_id for a in accounts}
    named = tuple(
        dict.fromkeys(
            by_name[name.strip().casefold()]
            for name in answer.accounts
            if name.strip().casefold() in by_name
        )
    )
    wanted: dict[str, object] = {"accounts": named or None, "top": answer.top or None}
    for field in ("tier", "segment", "region"):
        there = {v.casefold(): v for a in accounts if (v := getattr(a, field))}
        wanted[field] = there.get(getattr(answer, field).strip().casefold())
    days = {"since": _day(answer.since), "until": _day(answer.until)}
    if not (days["since"] and days["until"] and days["since"] > days["until"]):
        wanted |= days
    if answer.top < 0:
        wanted["top"] = None
    open_sides = {k: v for k, v in wanted.items() if v is not None and getattr(filters, k) is None}
    if filters.accounts and named and given.accounts is None:
        # Of two that are named, the words alone may have given but one.
        both = tuple(dict.fromkeys((*filters.accounts, *named)))
        filters = filters.model_copy(update={"accounts": both})
    if filters.accounts is not None:
        # Whoever is named is asked about, whatever else the plan would narrow it to.
        open_sides = {k: v for k, v in open_sides.items() if k in ("since", "until")}
    return filters.model_copy(update=open_sides)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None  # the model was asked for a date and gave none
