"""Puts a model's sentences that check out into a memo: before the words code would have led with.

What a section of the memo is answered with, and where each part of the answer goes. An entry under
a key that was not offered, or under one that is told of already, is dropped as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeVar

from pydantic import BaseModel

from service.fit import untouched
from service.gist import measure
from service.memo_checking import Desk, SentenceRead
from service.memo_offered import RESTS, Offer, Subject
from service.shapes import FitLine, FitReading, Memo, NeedPage, Prompt, Quote, Statement

_SENTENCES = 6  # of the opening
_PARTS = ("behind", "cost", "workaround", "asked_for")  # fields of a need's page
_READINGS: tuple[FitReading, ...] = ("serves", "leaves open", "conflicts")
# The parts of an opening, in their order; "" is what joins several.
_OPENINGS = ("", "Need ", "Heard", "Protect", "May leave")

A = TypeVar("A", bound=BaseModel)


class NeedRead(BaseModel):
    need: str
    behind: SentenceRead
    cost: SentenceRead
    workaround: SentenceRead
    asked_for: SentenceRead
    bet: SentenceRead
    test: SentenceRead


class NeedsRead(BaseModel):
    needs: list[NeedRead]


class AccountRead(BaseModel):
    account: str
    text: str
    rests_on: list[str]


class RisksRead(BaseModel):
    accounts: list[AccountRead]


class LineRead(BaseModel):
    sentence: str
    need: str
    reading: Literal["serves", "leaves open", "conflicts", "none"] | str


class FitRead(BaseModel):
    lines: list[LineRead]


class SummaryRead(BaseModel):
    sentences: list[SentenceRead]


def placed(desk: Desk, memo: Memo, offer: Offer, answer: BaseModel) -> Memo:
    """``memo`` with what checks out of one answer."""
    match answer:
        case NeedsRead():
            return _with_needs(desk, memo, offer, answer)
        case RisksRead():
            return _with_risks(desk, memo, offer, answer)
        case FitRead():
            return _with_fit(memo, offer, answer)
        case SummaryRead():
            return _with_summary(desk, memo, offer, answer)
    raise TypeError(f"No section of a memo has a {type(answer).__name__}.")


def _with_needs(desk: Desk, memo: Memo, offer: Offer, answer: NeedsRead) -> Memo:
    pages = {page.theme_id: page for page in memo.pages}
    proposals: dict[str, Statement] = {}
    wanted = {p.theme_id for p in memo.prompts if p.place == "bets"}
    for need, given in _each_once(desk, offer, [(one.need, one) for one in answer.needs]):
        page = pages.get(need.id)
        if page is not None:
            pages[need.id] = _with_parts(desk, page, need, given)
        if need.id in wanted and (proposal := _proposal(desk, need, given)) is not None:
            proposals[need.id] = proposal

    def proposed(prompt: Prompt) -> Prompt:
        mine = proposals.get(prompt.theme_id or "") if prompt.place == "bets" else None
        return prompt if mine is None else prompt.model_copy(update={"proposal": mine})

    return memo.model_copy(
        update={
            "pages": tuple(pages[page.theme_id] for page in memo.pages),
            "prompts": tuple(proposed(prompt) for prompt in memo.prompts),
        }
    )


def _with_parts(desk: Desk, page: NeedPage, need: Subject, given: NeedRead) -> NeedPage:
    """The page with the model's sentences before the customers' own words."""
    told: set[str] = set()
    changes: dict[str, object] = {}
    for part in _PARTS:
        said = desk.checked(getattr(given, part), need.quotes)
        if said is not None and said.text in told:
            desk.drop(said.text, "told twice")
        elif said is not None:
            told.add(said.text)
            changes[part] = (said, *getattr(page, part))
    return page.model_copy(update=changes)


def _proposal(desk: Desk, need: Subject, given: NeedRead) -> Statement | None:
    """What to do about it, and how one would know that it worked, where that is borne too."""
    bet = desk.checked(given.bet, need.quotes, wish=True)
    test = desk.checked(given.test, need.quotes, wish=True)
    if bet is None or test is None:
        if test is not None:
            desk.drop(test.text, "there is no bet that it could test")
        return bet
    quotes = tuple(dict.fromkeys((*bet.quotes, *test.quotes)))
    if len(quotes) > RESTS:
        desk.drop(test.text, f"with its bet it rests on more than {RESTS} quotes")
        return bet
    return desk.worded(f"{bet.text} How we would know: {test.text}", quotes)


def _with_risks(desk: Desk, memo: Memo, offer: Offer, answer: RisksRead) -> Memo:
    told: dict[str, Statement] = {}
    for account, given in _each_once(desk, offer, [(one.account, one) for one in answer.accounts]):
        sentence = SentenceRead(text=given.text, rests_on=given.rests_on)
        said = desk.checked(sentence, account.quotes)
        if said is not None:
            told[account.id] = said
    accounts = (
        one.model_copy(update={"statements": (told[one.account_id], *one.statements)})
        if one.account_id in told
        else one
        for one in memo.at_risk
    )
    return memo.model_copy(update={"at_risk": tuple(accounts)})


def _with_fit(memo: Memo, offer: Offer, answer: FitRead) -> Memo:
    """Which need each sentence is about: there is nothing else in the answer."""
    themes = {theme.id: theme for theme in memo.needs}
    lines = list(memo.fit)
    for given in answer.lines:
        n = offer.sentences.get(given.sentence.strip())
        if n is None or lines[n] is not memo.fit[n]:
            continue
        need = offer.subject(given.need.strip())
        if need is not None and need.id in themes:
            lines[n] = _line(lines[n], need.id, themes[need.id].evidence, given.reading)
        elif not given.need.strip():
            lines[n] = lines[n].model_copy(update={"theme_id": None})
    far = untouched(memo.needs, lines) if lines else ()
    return memo.model_copy(update={"fit": tuple(lines), "untouched": far})


def _line(line: FitLine, need: str, evidence: Sequence[Quote], reading: str) -> FitLine:
    read = next((one for one in _READINGS if one == reading.strip()), None)
    quotes = line.quotes if line.theme_id == need else tuple(evidence[:2])
    return line.model_copy(update={"theme_id": need, "quotes": quotes, "reading": read})


def _with_summary(desk: Desk, memo: Memo, offer: Offer, answer: SummaryRead) -> Memo:
    """Code's lines, with the model's sentence in place of the quote that each leads with."""
    told: dict[str, Statement] = {}  # by the key of the subject; "" joins several
    for given in answer.sentences:
        offered = offer.named(given.rests_on)
        about = [one for one in offer.subjects if offered.keys() & one.quotes.keys()]
        said = desk.checked(SentenceRead(text=given.text, rests_on=list(offered)), offered)
        if said is None:
            continue
        key = about[0].key if len(about) == 1 else ""
        if key in told or len(told) >= _SENTENCES:
            desk.drop(said.text, "one sentence on each is enough")
        else:
            told[key] = said
    if not told:
        return memo
    return memo.model_copy(update={"summary": tuple(_opening(desk, memo, offer, told))})


def _opening(
    desk: Desk, memo: Memo, offer: Offer, told: Mapping[str, Statement]
) -> Iterator[Statement]:
    lines = [(_OPENINGS.index(""), told[""])] if "" in told else []
    left = list(memo.summary)
    for subject in offer.subjects:
        mine = next((line for line in left if _is_about(line, memo, subject)), None)
        if mine is not None:
            left.remove(mine)
        said = told.get(subject.key)
        if said is not None:
            mine = desk.worded(f"{_head(memo, subject, mine)} {said.text}", said.quotes)
        if mine is not None:
            lines.append((_place(mine), mine))
    lines += [(_place(line), line) for line in left]
    yield from (line for _, line in sorted(lines, key=lambda one: one[0]))


def _is_about(line: Statement, memo: Memo, subject: Subject) -> bool:
    """Whether a line that code wrote is the one on ``subject``."""
    if subject.key.startswith("R"):
        mine = line.quotes[0].account_id == subject.id
        return mine and line.text.startswith(_OPENINGS[-1])
    return line.text.startswith(_head(memo, subject, None))


def _head(memo: Memo, subject: Subject, line: Statement | None) -> str:
    """What code says before the words: the numbers, the name, the date."""
    for theme in memo.needs:
        if theme.id == subject.id:
            return f"Need {theme.rank}: {measure(theme)}"
    for theme in memo.strengths:
        if theme.id == subject.id:
            return f"Protect: {theme.label}."
    when = line.text.partition(": ")[0] if line else _OPENINGS[-1]
    return f"{when}: {memo.names.get(subject.id, subject.id)}."


def _place(line: Statement) -> int:
    """Which part of the opening a line belongs to."""
    parts = [n for n, start in enumerate(_OPENINGS) if line.text.startswith(start)]
    return max(parts)


def _each_once(
    desk: Desk, offer: Offer, given: Sequence[tuple[str, A]]
) -> Iterator[tuple[Subject, A]]:
    """Entries under the keys that were offered, the first under each; the others are dropped."""
    seen: set[str] = set()
    for key, one in given:
        subject = offer.subject(key.strip())
        if subject is not None and subject.key not in seen:
            seen.add(subject.key)
            yield subject, one
            continue
        why = "it is about nothing that was shown" if subject is None else "told twice"
        for text in _texts(one):
            desk.drop(text, why)


def _texts(given: BaseModel) -> list[str]:
    """The sentences of an entry that is dropped as a whole."""
    if isinstance(given, AccountRead):
        return [given.text] if given.text.strip() else []
    parts = (getattr(given, name) for name in type(given).model_fields)
    return [one.text for one in parts if isinstance(one, SentenceRead) and one.text.strip()]
