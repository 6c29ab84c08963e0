"""What the accounts like, which of them are at risk, and where the CRM knows otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.export import charts, needs
from service.export.blocks import Block, Heading, Mark, Para
from service.export.notes import Notes
from service.export.words import clean, listed, long_date, money
from service.shapes import AtRisk, Memo, Statement

_LIKED = 4  # accounts whose liking is shown where nobody has confirmed a strength
_STRENGTHS = 3
_IN_FULL = 5  # accounts that may leave, shown with their words


def protect(memo: Memo, notes: Notes) -> Iterator[Block]:
    for theme in memo.strengths[:_STRENGTHS]:
        yield Heading(clean(theme.label), needs.facts(theme))
        fresh = [q for q in theme.evidence if not notes.printed(q)]
        yield from (notes.said(q) for q in fresh[:2])
        rest = [q for q in theme.evidence if q not in fresh[:2] and not notes.has(q)]
        if rest:
            names = dict.fromkeys(notes.account(q) for q in rest)
            yield Para(f"Also in the words of {listed(list(names))}.", notes.marks(rest), "quiet")
    if not memo.strengths and memo.liked:
        yield Para("What accounts say they like; nobody has confirmed a strength yet.")
        fresh_said = [said for said in memo.liked if not notes.printed(said.quotes[0])]
        yield from (notes.statement(said) for said in fresh_said[:_LIKED])


def risks(memo: Memo, notes: Notes) -> Iterator[Block]:
    """A heading and the clearest words for each; what else they said is in its notes."""
    yield from charts.renewals(memo)
    leaving = [account for account in memo.at_risk if account.threat]
    for account in leaving[:_IN_FULL]:
        yield Heading(_name(memo, account.account_id), _facts(memo, account))
        yield _clearest(memo, account, notes)
    if leaving[_IN_FULL:]:
        yield Heading("May leave as well")
    for account in leaving[_IN_FULL:]:
        marks = _once(mark for said in account.statements for mark in notes.marks(said.quotes[:1]))
        name = f"{_name(memo, account.account_id)}:"
        yield Para(f"{_facts(memo, account)}.", tuple(marks), "bullet", name)
    hard = [account for account in memo.at_risk if not account.threat]
    if hard:
        yield Heading("Renewing soon, and complaining hard")
    for account in hard:
        para = _clearest(memo, account, notes)
        told = f"{_facts(memo, account)}. {para.text}"
        yield Para(told, para.marks, para.tone, f"{_name(memo, account.account_id)}:")
    if memo.health:
        yield Heading("Where the calls and the CRM's health disagree")
    for check in memo.health:
        name = _name(memo, check.account_id)
        first = check.statements[0]
        calls = (
            "in the calls they speak of leaving or of a competitor"
            if check.reading == "threatened"
            else "in the calls nobody there speaks of leaving"
        )
        said = f"the CRM says {clean(check.health)}; {calls}"
        if check.reading == "content" and not notes.printed(first.quotes[0]):
            words = _unnamed(memo, first, notes)
            yield Para(f"{said}: {words.text}", words.marks, "bullet", f"{name}:")
        else:
            yield Para(f"{said}.", notes.marks(first.quotes[:1]), "bullet", f"{name}:")


def _clearest(memo: Memo, account: AtRisk, notes: Notes) -> Para:
    """Its first words, or a word that they stand above; the others by their notes."""
    first, *others = account.statements
    if first.by == "model":
        para = notes.statement(first)
    elif notes.printed(first.quotes[0]):
        para = Para("as quoted above.", notes.marks(first.quotes[:1]), "bullet")
    else:
        para = _unnamed(memo, first, notes)
    marks = [mark for said in others for mark in notes.marks(said.quotes[:1])]
    return Para(para.text, tuple(_once((*para.marks, *marks))), para.tone)


def _once(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Each note marked once, where it comes first."""
    seen: set[int] = set()
    for mark in marks:
        if mark.number not in seen:
            seen.add(mark.number)
            yield mark


def _unnamed(memo: Memo, said: Statement, notes: Notes) -> Para:
    """A statement under its account's name, which it need not repeat."""
    names = {f" ({memo.names.get(account, account)})" for account in said.accounts}
    text = said.text
    for name in names:
        text = text.replace(name, "", 1)
    return notes.statement(said.model_copy(update={"text": text}))


def _facts(memo: Memo, account: AtRisk) -> str:
    facts = [] if account.arr_usd is None else [money(account.arr_usd)]
    if account.renewal_date is not None:
        facts.append(f"renews {long_date(account.renewal_date)}")
    if account.health:
        facts.append(f"CRM: {clean(account.health)}")
    ranks = [str(t.rank) for t in memo.needs if t.id in account.needs]
    if ranks:
        facts.append(f"need {listed(ranks)}" if len(ranks) == 1 else f"needs {listed(ranks)}")
    if not account.in_scope:
        facts.append(f"outside the Top {memo.coverage.accounts_in_scope}")
    return " · ".join(facts)


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
