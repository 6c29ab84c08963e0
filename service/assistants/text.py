"""What a tool found as a few lines of text, for assistants that read no JSON.

What people said stands in quotation marks on lines of its own, with nothing in it that could end
the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import singledispatchmethod

from ingest.models import Frozen
from service.account_page import AccountPage
from service.assistants.links import ToolLinks
from service.assistants.tools import Accounts, Calls, MemoPart, Memos, Themes
from service.assistants.writing import Picks
from service.moment import Moment
from service.one_theme import OneTheme
from service.reading import CallText
from service.shapes import Answer, Coverage, CoverageReport, Job, Quote, Statement, Theme


def text_of(told: Frozen, left_out: Mapping[str, int], links: ToolLinks) -> str:
    """``left_out`` as ``bounds.bounded`` has it."""
    lines = [*_Lines(links).lines(told)]
    if left_out:
        much = ", ".join(f"{n} of {path}" for path, n in left_out.items())
        lines.append(f"Left out: {much}. Ask for more with `limit`, `quotes` or `offset`.")
    if (page := links.page(told)) is not None:
        lines.append(f"On the page: {page}")
    return "\n".join(lines)


def plain(text: str) -> str:
    """Other people's words on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class _Lines:
    def __init__(self, links: ToolLinks) -> None:
        self._links = links

    @singledispatchmethod
    def lines(self, told: Frozen) -> Iterator[str]:
        raise TypeError(f"{type(told).__name__} has no text")

    @lines.register
    def _answer(self, told: Answer) -> Iterator[str]:
        if told.abstained:
            yield f"No answer: {plain(told.reason or '')}"
        elif told.reason:
            yield plain(told.reason)
        yield _heard(told.coverage)
        yield from self._statements(told.statements)
        for heading, found in (
            ("What speaks against it:", told.counter),
            ("Said only by the vendor's own people, counted for nobody:", told.internal),
            ("Nearest, which is no answer:", told.nearest),
        ):
            if found:
                yield heading
                yield from self._statements(found)
        if told.id:
            yield f"Kept as {told.id}."

    @lines.register
    def _themes(self, told: Themes) -> Iterator[str]:
        yield f"{len(told.themes)} of {told.total} themes."
        for theme in told.themes:
            yield _theme(theme)
            yield from self._quotes(theme.evidence)

    @lines.register
    def _one_theme(self, told: OneTheme) -> Iterator[str]:
        yield _theme(told.theme)
        if told.theme.definition:
            yield f"Definition: {plain(told.theme.definition)}"
        for mine in told.words:
            yield f"{mine.account_id or 'Calls without an account'}, {mine.mentions_n} mentions:"
            yield from self._quotes(mine.quotes)
        if told.against:
            yield f"What speaks against it ({told.against_n}):"
            yield from self._quotes(told.against)

    @lines.register
    def _coverage(self, told: CoverageReport) -> Iterator[str]:
        yield _heard(told)
        if told.day is not None:
            yield f"Day {told.day} since {told.start}."
        silent = [f"{row.account_id} {plain(row.name)}" for row in told.board if not row.heard]
        if silent:
            yield f"Not heard: {'; '.join(silent)}."
        for call in told.next_calls:
            yield f"Call next: {call.account_id}. {plain(call.why)}"
        yield from map(plain, told.notes)

    @lines.register
    def _accounts(self, told: Accounts) -> Iterator[str]:
        yield f"{len(told.accounts)} of {told.total} accounts."
        for one in told.accounts:
            heard = f"heard, {one.calls_n} calls" if one.heard else "not heard"
            renews = f", renews {one.renewal_date}" if one.renewal_date else ""
            yield f"{one.account_id}: {plain(one.name)}, {_money(one.arr_usd)}{renews}, {heard}."

    @lines.register
    def _account(self, told: AccountPage) -> Iterator[str]:
        yield f"{told.account_id}: {plain(told.name)}, {_money(told.arr_usd)} a year."
        for call in told.calls:
            yield f"Call {call.call_id}, {call.date or 'no date'}: {plain(call.title)}"
        for person in told.people:
            yield f"Speaker, {person.role}: {plain(person.name)}"
        for theme in told.themes:
            yield f"{theme.id}, {theme.status} {theme.kind}: {plain(theme.label)}"
            yield from self._quotes(theme.quotes)
        if told.at_risk is not None:
            yield "At risk:"
            yield from self._statements(told.at_risk.statements)
        if told.also:
            yield "Also said:"
            yield from self._quotes(told.also)
        yield from map(plain, told.missing)

    @lines.register
    def _calls(self, told: Calls) -> Iterator[str]:
        yield f"{len(told.calls)} of {told.total} calls."
        for call in told.calls:
            about = f"{call.date or 'no date'}, {call.account_id or 'no account'}, {call.state}"
            yield f"{call.call_id}: {plain(call.title)} ({about})"

    @lines.register
    def _call(self, told: CallText) -> Iterator[str]:
        yield f"{told.call_id}: {plain(told.title)}, {told.date or 'no date'}."
        names = {one.label: f"{plain(one.name)} ({one.role})" for one in told.speakers}
        for one in told.utterances:
            who = names.get(one.speaker, plain(one.speaker))
            yield f"{one.i} {who}: “{plain(one.text)}”"
        if told.utterances:
            first, last = told.utterances[0].i, told.utterances[-1].i
            yield f"Utterances {first} to {last} of {told.utterances_n}."
        else:
            yield f"None there; the call has {told.utterances_n} utterances, from 0."

    @lines.register
    def _moment(self, told: Moment) -> Iterator[str]:
        for one in told.before:
            yield f"  before, {plain(one.speaker)} ({one.role}): “{plain(one.text)}”"
        yield from self._quotes([told.quote])
        for one in told.after:
            yield f"  after, {plain(one.speaker)} ({one.role}): “{plain(one.text)}”"
        yield f"In: {plain(told.title)}, {told.date or 'no date'}."

    @lines.register
    def _memos(self, told: Memos) -> Iterator[str]:
        yield f"{len(told.memos)} of {told.total} memos."
        for one in told.memos:
            yield f"{one.id}: {plain(one.title)}, as of {one.as_of}, saved {one.versions} times."

    @lines.register
    def _memo(self, told: MemoPart) -> Iterator[str]:
        end = told.first + len(told.text)
        yield f"Version {told.n}, characters {told.first} to {end} of {told.characters}."
        yield told.text

    @lines.register
    def _job(self, told: Job) -> Iterator[str]:
        yield f"Job {told.job_id} is {told.state}; the memo is {told.memo_id}."
        if told.error:
            yield plain(told.error)

    @lines.register
    def _picks(self, told: Picks) -> Iterator[str]:
        yield f"{len(told.picks)} picked."
        yield from self._statements([one.statement for one in told.picks])

    def _statements(self, found: Sequence[Statement]) -> Iterator[str]:
        for n, one in enumerate(found):
            much = f"{one.accounts_n} accounts, {_money(one.arr_usd)} a year"
            yield f"[{n}] {plain(one.text)} ({much})"
            yield from self._quotes(one.quotes)

    def _quotes(self, quotes: Iterable[Quote]) -> Iterator[str]:
        for one in quotes:
            who = f"{plain(one.speaker)} ({one.role}, {one.account_id or 'no account'})"
            hearsay = ", reports others" if one.hand == "third" else ""
            where = f"{one.call_id}:{one.utterance}"
            yield f"  > “{plain(one.text)}” {who}, {where}{hearsay}, {self._links.quote(one)}"


def _heard(told: Coverage) -> str:
    much = f"{_money(told.arr_heard_usd)} of {_money(told.arr_in_scope_usd)} a year"
    heard = f"{told.accounts_heard} of {told.accounts_in_scope} accounts heard"
    return f"{heard} ({much}), {told.calls_read} calls read."


def _theme(theme: Theme) -> str:
    much = f"{theme.accounts_n} accounts, {_money(theme.arr_usd)} a year"
    status = f"{theme.status}, by {theme.by}"
    return f"{theme.id}: {plain(theme.label)} ({theme.kind}, {much}, {status})"


def _money(usd: float | None) -> str:
    return "revenue not known" if usd is None else f"${usd:,.0f}"
