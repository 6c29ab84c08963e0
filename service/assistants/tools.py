"""The tools that look and ask: what each takes, and the one verb of the core that answers it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from pydantic import Field

from ingest.library import Library
from ingest.models import Call, Frozen, Utterance
from ingest.store import get_account, get_call, list_calls
from service import answer_history, memo, one_theme
from service import coverage as core_coverage
from service import themes as core_themes
from service.account_page import AccountPage, account_page
from service.account_rows import AccountRow, account_rows
from service.assistants.bounds import Bounds
from service.assistants.tool import Arguments, Offset, Paged, Shortened
from service.edited import versions
from service.moment import AROUND_MOST, Moment, moment, require_consent
from service.one_theme import OneTheme
from service.reading import CallText, read_call
from service.shapes import Answer, CoverageReport, Filters, Theme

_MANY_CHARACTERS = 12_000  # of what was said, or of a memo, at once


class Narrowed(Shortened, Filters):
    """Which accounts and calls are asked about, and how much of the answer is told."""

    def filters(self) -> Filters:
        return Filters.model_validate(self.model_dump(include=set(Filters.model_fields)))


class Ask(Narrowed):
    """Answer a question from what customers said, in their own words, or say that nobody said it.

    Without a language model on the server, sentences are made by code of the customers' words.
    The question and its answer are kept in the workspace's history, as everybody's are.
    """

    question: str

    def answer(self, library: Library) -> Answer:
        return answer_history.ask(library, self.question, self.filters())


class Themes(Frozen):
    """``themes`` from the place asked for on; ``total`` are all."""

    themes: tuple[Theme, ...]
    total: int


class ListThemes(Narrowed):
    """What customers need, praise and threaten: ranked themes with their accounts, revenue, quotes.

    Confirmed themes come first; candidates were confirmed by nobody, and those `by` likeness are
    in no order.
    """

    by: Literal["arr", "accounts", "top", "mentions"] = Field("arr", description="what ranks first")
    quotes: int = Field(1, ge=1, le=20, description="at most so many for and against each")
    limit: int = Field(10, ge=1, le=100, description="at most so many themes")
    offset: Offset = 0

    def answer(self, library: Library) -> Themes:
        found = core_themes.themes(library, self.filters(), self.by)
        page = found[self.offset : self.offset + self.limit]
        return Themes(themes=tuple(page), total=len(found))


class ShowTheme(Narrowed):
    """One theme: what each account said of it, what speaks against it, and when it was heard."""

    theme_id: str

    def answer(self, library: Library) -> OneTheme:
        return one_theme.one_theme(library, self.theme_id, self.filters())


class Coverage(Narrowed):
    """Who was listened to, who was not, and whom to call next."""

    start: date | None = Field(None, description="first of the 30 days; as set unless given")
    goal: float | None = Field(None, description="hours with customers a week; likewise")

    def answer(self, library: Library) -> CoverageReport:
        today = datetime.now(UTC).date()
        return core_coverage.report(library, self.filters(), self.start, today, self.goal)


class Accounts(Frozen):
    """``accounts`` from the place asked for on, most ARR first; ``total`` are all."""

    accounts: tuple[AccountRow, ...]
    total: int


class ListAccounts(Paged):
    """Accounts with revenue, tier, renewal, and whether they were heard; most revenue first."""

    name: str | None = Field(None, description="only those whose name or id has this in it")

    def answer(self, library: Library) -> Accounts:
        with library.read() as connection:
            found = account_rows(connection)
        if self.name is not None:
            wanted = self.name.casefold()
            found = [a for a in found if wanted in f"{a.name}\n{a.account_id}".casefold()]
        page = found[self.offset : self.offset + self.limit]
        return Accounts(accounts=tuple(page), total=len(found))


class ShowAccount(Shortened):
    """One account: its calls, people, themes, risks, own words over time, and what is not known."""

    account_id: str

    def answer(self, library: Library) -> AccountPage:
        return account_page(library, self.account_id, datetime.now(UTC).date())


class Calls(Frozen):
    """``calls`` from the place asked for on, the latest first; ``total`` are all."""

    calls: tuple[Call, ...]
    total: int


class ListCalls(Paged):
    """Calls with title, date, account and speakers, the latest first."""

    account_id: str | None = Field(None, description="only those with this account")
    since: date | None = None
    until: date | None = None

    def answer(self, library: Library) -> Calls:
        with library.read() as connection:
            if self.account_id is not None:
                get_account(connection, self.account_id)
            found = [call for call in list_calls(connection) if self._wanted(call)]
        page = found[self.offset : self.offset + self.limit]
        return Calls(calls=tuple(page), total=len(found))

    def _wanted(self, call: Call) -> bool:
        if self.account_id is not None and call.account_id != self.account_id:
            return False
        if self.since is not None and (call.date is None or call.date < self.since):
            return False
        return self.until is None or (call.date is not None and call.date <= self.until)


class ShowCall(Arguments):
    """What was said in a call, utterance by utterance, a page at a time."""

    call_id: str
    first: int = Field(0, ge=0, lt=2**31, description="number of the first utterance wanted")
    limit: int = Field(40, ge=1, le=200, description="at most so many utterances")

    def bounds(self) -> Bounds:
        return Bounds(limit=self.limit)

    def answer(self, library: Library) -> CallText:
        with library.read() as connection:
            require_consent(get_call(connection, self.call_id))
        call = read_call(library, self.call_id)
        page: list[Utterance] = []
        room = _MANY_CHARACTERS
        for utterance in call.utterances[self.first : self.first + self.limit]:
            room -= len(utterance.text)
            if page and room < 0:
                break
            page.append(utterance)
        return call.model_copy(update={"utterances": tuple(page)})


class ShowQuote(Arguments):
    """Check words before you repeat them: cut from the call to the letter, with a link that plays
    them. It is an error when nobody said them there.
    """

    call_id: str
    utterance: int = Field(ge=0, lt=2**31, description="its number in the call")
    words: str | None = Field(
        None, max_length=20_000, description="a part of the utterance; all of it by default"
    )
    around: int = Field(1, ge=0, le=AROUND_MOST, description="utterances before and after")

    def answer(self, library: Library) -> Moment:
        return moment(library, self.call_id, self.utterance, self.words, self.around)


class Memos(Frozen):
    """``memos`` from the place asked for on, the newest first; ``total`` are all."""

    memos: tuple[memo.MemoLine, ...]
    total: int


class ListMemos(Paged):
    """The strategy memos that are kept, the newest first."""

    def answer(self, library: Library) -> Memos:
        with library.read() as connection:
            found = memo.list_memos(connection)
        page = found[self.offset : self.offset + self.limit]
        return Memos(memos=tuple(page), total=len(found))


class MemoPart(versions.VersionText):
    """``text`` is the Markdown from character ``first`` on, of ``characters`` in all."""

    first: int
    characters: int


class ShowMemo(Arguments):
    """The text of a memo in Markdown, as people last saved it, a part at a time. `[^CALL:14]` cites
    utterance 14 of a call: the tool `quote` has its words.
    """

    memo_id: str
    version: int | None = Field(None, description="the newest by default; 0 is the draft")
    first: int = Field(0, ge=0, description="number of the first character wanted")

    def answer(self, library: Library) -> MemoPart:
        with library.read() as connection:
            found = versions.version(library, connection, self.memo_id, self.version)
        part = found.text[self.first : self.first + _MANY_CHARACTERS]
        return MemoPart(
            **found.model_dump(exclude={"text"}),
            text=part,
            first=self.first,
            characters=len(found.text),
        )
