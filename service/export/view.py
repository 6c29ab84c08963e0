"""The one view of a memo that every rendering shows: sections of simple blocks, and the notes.

Each quote becomes a numbered note in the order of first use. Text is cleaned here once: control
characters (illegal in XML, obeyed by terminals) and marks that reorder text are left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import quote as escape_url

from service.shapes import AtRisk, Memo, Quote, Statement, Theme

_LEAD = 12  # characters of "Need 1:" or "At risk:", which are set apart
QUOTES_SHOWN = 4  # under a theme; the others are named by their notes

Tone = Literal["plain", "bullet", "prompt", "quiet"]


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; ``notes`` are the numbers of the quotes it rests on, ``lead`` how it opens."""

    text: str
    notes: tuple[int, ...] = ()
    tone: Tone = "plain"
    lead: str = ""
    kind: Literal["para"] = "para"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section with a line of facts under it."""

    text: str
    facts: str = ""
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Said:
    """A quote set apart."""

    text: str
    by: str
    note: int
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; columns whose index is in ``numbers`` are set flush right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    kind: Literal["table"] = "table"


Block = Para | Heading | Said | Table


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Where a quote stands. ``link`` plays the recording at that second."""

    number: int
    text: str
    who: str
    where: str
    link: str
    doubt: str


@dataclass(frozen=True, slots=True)
class View:
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    closing: str
    day: date


@dataclass(slots=True)
class _Notes:
    """Numbers the quotes as they are used."""

    memo: Memo
    numbers: dict[tuple[str, int, str], int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def of(self, quotes: Iterable[Quote]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self._number(q) for q in quotes))

    def _number(self, quote: Quote) -> int:
        key = (quote.call_id, quote.utterance, quote.text)
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            self.notes.append(self._note(self.numbers[key], quote))
        return self.numbers[key]

    def _note(self, number: int, quote: Quote) -> Note:
        call = self.memo.calls.get(quote.call_id)
        places = [call or "call", quote.call_id, f"turn {quote.utterance}"]
        link = f"/calls/{escape_url(quote.call_id, safe='')}"
        if quote.start_s is not None:
            places.append(clock(quote.start_s))
            link += f"?t={int(quote.start_s)}"
        doubts = [f"role uncertain ({quote.role_doubt:.0%})"] if quote.role_doubt >= 0.1 else []
        if quote.hand == "third":
            doubts.append("reports others")
        return Note(
            number,
            clean(quote.text),
            clean(self.who(quote)),
            clean(" · ".join(places)),
            link,
            "; ".join(doubts),
        )

    def who(self, quote: Quote) -> str:
        if quote.role == "internal":
            return f"{quote.speaker}, one of our own people"
        account = self.memo.names.get(quote.account_id or "", quote.account_id or "no account")
        return f"{quote.speaker}, {account}"


def view(memo: Memo) -> View:
    """Everything a rendering shows, in order, as clean text."""
    notes = _Notes(memo)
    sections = [
        Section("In short", tuple(_short(memo, notes))),
        Section("Who was heard", tuple(_heard(memo))),
        Section("What they need", tuple(_themes(memo.needs, notes, "Need"))),
        Section("What to protect", tuple(_themes(memo.strengths, notes, "Strength"))),
        Section("Accounts at risk", tuple(_risks(memo, notes))),
        Section("What speaks against it", tuple(_statements(memo.dissent, notes))),
        Section("Not now", tuple(_not_now(memo, notes))),
        Section(
            "Ideas of our own people, not counted", tuple(_statements(memo.internal_ideas, notes))
        ),
        Section("Four weeks", tuple(_weeks(memo))),
        Section("Three to twelve months", tuple(_horizons(memo))),
        Section("Open, and left to the author", tuple(_questions(memo))),
    ]
    return View(
        title=clean(memo.title),
        subtitle=f"Day {memo.day} · as of {long_date(memo.as_of)}",
        facts=tuple(_facts(memo)),
        sections=tuple(s for s in sections if s.blocks),
        notes=tuple(notes.notes),
        closing=_closing(memo),
        day=memo.as_of,
    )


def clean(text: str) -> str:
    """``text`` on one line without control, format and surrogate characters.

    Joiners stay: emoji and several scripts need them.
    """
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or c in "\u200c\u200d" or unicodedata.category(c) not in _LEFT_OUT
    )
    return " ".join("".join(kept).split())


# Control, format (bidirectional overrides among them), surrogates, unassigned (so noncharacters).
_LEFT_OUT = frozenset({"Cc", "Cf", "Cs", "Cn"})


def clock(seconds: float) -> str:
    """``03:07`` or ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def money(usd: float | None) -> str:
    return "–" if usd is None else f"${usd:,.0f}"


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))


# --- sections ------------------------------------------------------------------------------------


def _facts(memo: Memo) -> Iterator[tuple[str, str]]:
    covered = memo.coverage
    yield f"{covered.accounts_heard} of {covered.accounts_in_scope}", "accounts heard"
    share = covered.arr_heard_usd / covered.arr_in_scope_usd if covered.arr_in_scope_usd else 0.0
    yield f"{share:.0%}", "of their revenue heard"
    yield str(covered.calls_read), "calls read in full"
    yield str(len(memo.at_risk)), "accounts at risk"


def _short(memo: Memo, notes: _Notes) -> Iterator[Block]:
    for said in memo.summary:
        lead, colon, text = clean(said.text).partition(": ")
        if colon and len(lead) <= _LEAD:
            yield Para(text, notes.of(said.quotes), "bullet", f"{lead}:")
        else:
            yield Para(clean(said.text), notes.of(said.quotes), "bullet")
    if not memo.summary:
        yield Para(
            "No need is voiced by two accounts yet; what single ones said is under “Not now”."
            if memo.not_now
            else "No customer in scope voiced a need, a liking or a threat in so many words."
        )
    if memo.needs:
        yield Table(
            ("", "Need, in a customer's words", "Accounts", "Revenue a year"),
            tuple(
                (str(t.rank), clean(t.label), str(t.accounts_n), money(t.arr_usd))
                for t in memo.needs
            ),
            (2, 3),
        )


def _heard(memo: Memo) -> Iterator[Block]:
    covered = memo.coverage
    yield Para(
        f"{_counted(covered.accounts_heard, 'account')} of {covered.accounts_in_scope} in scope "
        f"spoke for themselves in {_counted(covered.calls_read, 'call')}: "
        f"{money(covered.arr_heard_usd)} of {money(covered.arr_in_scope_usd)} a year."
    )
    if covered.accounts_silent:
        silent = ", ".join(_name(memo, a) for a in covered.accounts_silent)
        yield Para(f"Not heard: {silent}.")
    if memo.next_calls:
        yield Table(
            ("Call next", "Why"),
            tuple((_name(memo, c.account_id), clean(c.why)) for c in memo.next_calls),
        )


def _themes(themes: Sequence[Theme], notes: _Notes, word: str) -> Iterator[Block]:
    for theme in themes:
        yield Heading(f"{word} {theme.rank}: “{clean(theme.label)}”", _theme_facts(theme))
        named = [
            f"{_name(notes.memo, a.account_id)} ({money(a.arr_usd)}, strength {a.intensity} of 3)"
            for a in theme.accounts
        ]
        if named:
            yield Para("; ".join(named) + ".", tone="quiet")
        for quote in theme.evidence[:QUOTES_SHOWN]:
            yield Said(clean(quote.text), clean(notes.who(quote)), notes.of([quote])[0])
        if theme.evidence[QUOTES_SHOWN:]:
            yield Para("See also", notes.of(theme.evidence[QUOTES_SHOWN:]), "quiet")


def _theme_facts(theme: Theme) -> str:
    facts = [_counted(theme.accounts_n, "account"), money(theme.arr_usd) + " a year"]
    if theme.top_accounts_n:
        facts.append(f"{theme.top_accounts_n} of the Top 20")
    facts.append(_counted(theme.mentions_n, "passage"))
    if theme.first_heard and theme.last_heard:
        span = {long_date(theme.first_heard): None, long_date(theme.last_heard): None}
        facts.append("heard " + " to ".join(span))
    if theme.status == "candidate":
        facts.append("not yet confirmed")
    return " · ".join(facts)


def _risks(memo: Memo, notes: _Notes) -> Iterator[Block]:
    for account in memo.at_risk:
        yield Heading(_name(memo, account.account_id), _risk_facts(account))
        yield from _statements(account.statements, notes)


def _risk_facts(account: AtRisk) -> str:
    facts = [] if account.arr_usd is None else [money(account.arr_usd) + " a year"]
    if account.renewal_date is not None:
        facts.append(f"renews {long_date(account.renewal_date)}")
    return " · ".join(facts)


def _statements(said: Sequence[Statement], notes: _Notes) -> Iterator[Block]:
    for one in said:
        yield Para(clean(one.text), notes.of(one.quotes), "bullet")


def _not_now(memo: Memo, notes: _Notes) -> Iterator[Block]:
    for item in memo.not_now:
        yield Para(f"{clean(item.text)} – {clean(item.why)}.", notes.of(item.quotes), "bullet")


def _weeks(memo: Memo) -> Iterator[Block]:
    for week in memo.plan:
        if week.actions:
            yield Heading(f"Week {week.week}")
        for action in week.actions:
            yield Para(clean(action.text), tone="bullet")


def _horizons(memo: Memo) -> Iterator[Block]:
    for horizon in memo.horizons:
        if horizon.bets:
            yield Heading(f"Within {horizon.months} months")
        for bet in horizon.bets:
            yield Para(clean(bet.text), tone="bullet")


def _questions(memo: Memo) -> Iterator[Block]:
    for question in memo.open_questions:
        mine = question.startswith("To be written by you")
        yield Para(clean(question), tone="prompt" if mine else "bullet")
    if memo.vision:
        yield Heading("The vision given")
        yield Para(clean(memo.vision))


def _closing(memo: Memo) -> str:
    made = memo.provenance
    how = "by code, without a language model" if made.model is None else f"with {clean(made.model)}"
    dropped = (
        f" {_counted(made.dropped_quotes, 'quote')} no longer held and were dropped."
        if made.dropped_quotes
        else ""
    )
    return (
        f"Drafted {how}. Every quote is cut from its transcript to the letter; only customers are "
        f"counted; all numbers are computed from the calls and the accounts.{dropped}"
    )
