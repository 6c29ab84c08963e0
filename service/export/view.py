"""The one view of a memo that every rendering shows, in the order a reader with ten minutes needs:
the answer, who was heard, the needs, what speaks against them, what to do, and the evidence.

What stands before the appendix is to be read in ten minutes: about 2,500 words also with eight
needs. What would not fit (further needs' pages, second quotes) stands in the appendix or in notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.export import accounts, ahead, appendix, needs, opening
from service.export.blocks import Block, Heading, Para, Section, View
from service.export.notes import Notes
from service.export.words import clean, counted, listed, long_date
from service.ledger import shortened
from service.shapes import Memo, Quote

_READ = {"serves": "Serves", "leaves open": "Leaves open", "conflicts": "Conflicts with"}


def view(memo: Memo) -> View:
    """Everything a rendering shows, in order, as clean text."""
    return viewed(memo)[0]


def viewed(memo: Memo) -> tuple[View, list[Quote]]:
    """As ``view``, with the quote of each of its notes."""
    notes = Notes(memo)
    sections = [
        Section("In short", tuple(opening.short(memo, notes))),
        Section("Picked by you", tuple(_picked(memo, notes))),
        Section("Since the last memo", tuple(ahead.since(memo, notes))),
        Section("Who was heard, and who was not", tuple(opening.heard(memo))),
        Section("What they need", tuple(needs.ranked(memo, notes))),
        *needs.pages(memo, notes),
        Section("What speaks against it", tuple(needs.against(memo, notes)), page=True),
        Section("What to protect", tuple(accounts.protect(memo, notes))),
        Section("Accounts at risk", tuple(accounts.risks(memo, notes))),
        Section("The vision beside the calls", tuple(_fit(memo, notes))),
        Section("Not now", tuple(_not_now(memo, notes))),
        Section("The next four weeks", tuple(ahead.weeks(memo))),
        Section("Three, six, nine, twelve months", tuple(ahead.horizons(memo))),
        Section("Open questions, and hearsay to verify", tuple(ahead.questions(memo, notes))),
        Section("How sure this is", tuple(ahead.method(memo)), together=True),
        *appendix.sections(memo, notes),
    ]
    made = View(
        title=clean(memo.title),
        subtitle=f"Day {memo.day} · as of {long_date(memo.as_of)}",
        facts=tuple(_facts(memo)),
        sections=tuple(s for s in sections if s.blocks),
        notes=tuple(notes.notes),
        day=memo.as_of,
    )
    return made, notes.quotes


def _picked(memo: Memo, notes: Notes) -> Iterator[Block]:
    """Statements of answers, under the questions they answered."""
    before = ""
    for pick in memo.picked:
        if pick.question != before:
            yield Heading(clean(pick.question))
        before = pick.question
        yield notes.statement(pick.statement)


def _facts(memo: Memo) -> Iterator[tuple[str, str]]:
    covered = memo.coverage
    yield f"{covered.accounts_heard} of {covered.accounts_in_scope}", "accounts heard"
    share = covered.arr_heard_usd / covered.arr_in_scope_usd if covered.arr_in_scope_usd else 0.0
    yield f"{share:.0%}", "of their revenue heard"
    yield str(covered.calls_read), "calls read in full"
    if memo.weeks:
        hours = sum(w.customer_hours + w.estimated_hours for w in memo.weeks)
        yield f"{hours:.1f} h", "of customers speaking"
    yield str(sum(a.threat for a in memo.at_risk)), "accounts that may leave"


def _fit(memo: Memo, notes: Notes) -> Iterator[Block]:
    labels = {t.id: f"need {t.rank}" for t in memo.needs}
    for line in memo.fit:
        sentence = f"“{clean(line.sentence)}”"
        if line.theme_id in labels and line.reading is not None:
            told = f"{_READ[line.reading]} {labels[line.theme_id]}."
        elif line.theme_id in labels:
            told = f"Nearest: {labels[line.theme_id]}."
        elif line.quotes:
            told = "No confirmed need is near; these words are."
        else:
            told = f"No customer spoke of this in {counted(memo.coverage.calls_read, 'call')}."
        yield Para(told, notes.marks(line.quotes), "bullet", sentence)
    far = [labels[t] for t in memo.untouched if t in labels]
    if far:
        yield Para(f"{listed(far)}.", lead="Not touched by the vision:")
    if any(line.reading for line in memo.fit):
        yield Para(
            "Serves, leaves open, conflicts: the model's reading of the words above, for you to "
            "weigh; it does not say who is right.",
            tone="quiet",
        )
    elif memo.fit:
        yield Para("Likeness of wording, no more; it does not say who is right.", tone="quiet")
    yield from (opening.prompt(p) for p in memo.prompts if p.place == "fit")


def _not_now(memo: Memo, notes: Notes) -> Iterator[Block]:
    for item in memo.not_now:
        why = clean(item.why)
        if item.sort == "idea":
            why += f"; brought up in {counted(len({q.call_id for q in item.quotes}), 'call')}"
        text = f"{clean(item.text)} Why not: {why}."
        if item.reopens:
            text += f" Re-opens with: {clean(item.reopens)}."
        yield Para(text, notes.marks(item.quotes[:3], text), "bullet")
        if item.replies:
            answers = " / ".join(f"“{clean(shortened(q.text, 90))}”" for q in item.replies[:3])
            yield Para(
                f"Customers answered: {answers}", notes.marks(item.replies[:3], answers), "quiet"
            )
