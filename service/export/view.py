"""The one view of a memo that every rendering shows, in the order a reader with ten minutes needs:
the answer, who was heard, the needs, what speaks against them, what to do, and the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.export import ahead, appendix, charts, needs
from service.export.blocks import Block, Heading, Para, Section, Table, View
from service.export.notes import Notes
from service.export.words import clean, counted, listed, long_date, money
from service.ledger import shortened
from service.shapes import AtRisk, Memo, Prompt, Statement

NO_THEME = (
    "No theme has been confirmed yet. What follows are the accounts' own words; nothing is ranked "
    "until somebody confirms the themes."
)
# Said of every account in that table already.
_SILENT = "no customer of theirs has been heard; "
_OPENINGS = ("Need ", "Heard", "Protect", "May leave")


def view(memo: Memo) -> View:
    """Everything a rendering shows, in order, as clean text."""
    notes = Notes(memo)
    sections = [
        Section("In short", tuple(_short(memo, notes))),
        Section("Since the last memo", tuple(ahead.since(memo, notes))),
        Section("Who was heard, and who was not", tuple(_heard(memo))),
        Section("What they need", tuple(needs.ranked(memo, notes))),
        *needs.pages(memo, notes),
        Section("What speaks against it", tuple(needs.against(memo, notes))),
        Section("What to protect", tuple(_protect(memo, notes))),
        Section("Accounts at risk", tuple(_risks(memo, notes))),
        Section("The vision beside the calls", tuple(_fit(memo, notes))),
        Section("Not now", tuple(_not_now(memo, notes))),
        Section("The next four weeks", tuple(ahead.weeks(memo))),
        Section("Three, six, nine, twelve months", tuple(ahead.horizons(memo))),
        Section("Open questions, and hearsay to verify", tuple(ahead.questions(memo, notes))),
        Section("How sure this is", tuple(ahead.method(memo))),
        Section("Appendix: the evidence", tuple(appendix.evidence(memo, notes)), page=True),
    ]
    return View(
        title=clean(memo.title),
        subtitle=f"Day {memo.day} · as of {long_date(memo.as_of)}",
        facts=tuple(_facts(memo)),
        sections=tuple(s for s in sections if s.blocks),
        notes=tuple(notes.notes),
        day=memo.as_of,
    )


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


def _short(memo: Memo, notes: Notes) -> Iterator[Block]:
    if not memo.needs:
        yield Para(NO_THEME if memo.summary else _nothing(memo), tone="plain")
    for said in memo.summary:
        para = notes.statement(said)
        lead, colon, text = para.text.partition(": ")
        if colon and lead.startswith(_OPENINGS):
            yield Para(text, para.marks, "bullet", f"{lead}:")
        else:
            yield para
    for place in ("bets", "decisions"):
        yield from (prompt(p) for p in memo.prompts if p.place == place)


def prompt(left: Prompt) -> Para:
    """What the author has to write, marked, with the numbers that bear on it."""
    facts = f" ({clean(left.facts)})" if left.facts else ""
    return Para(clean(left.text) + facts, tone="prompt", lead="To be written by you:")


def _nothing(memo: Memo) -> str:
    return f"In {counted(memo.coverage.calls_read, 'call')} no customer in scope voiced a need."


def _heard(memo: Memo) -> Iterator[Block]:
    covered = memo.coverage
    yield Para(
        f"{counted(covered.accounts_heard, 'account')} of {covered.accounts_in_scope} in scope "
        f"spoke for themselves in {counted(covered.calls_read, 'call')}: "
        f"{money(covered.arr_heard_usd)} of {money(covered.arr_in_scope_usd)} a year."
        + "".join(f" {s}" for s in (_days(memo), _hours(memo)) if s)
    )
    heard = [clean(row.name) for row in memo.board if row.heard]
    if heard:
        yield Para(f"{listed(heard)}.", lead="Heard:")
    first = [call for call in memo.next_calls if not call.second_voice]
    rest = set(covered.accounts_silent) - {call.account_id for call in first}
    if first:
        yield Table(
            ("Not heard; call next", "Why"),
            tuple((_name(memo, c.account_id), clean(c.why).removeprefix(_SILENT)) for c in first),
            widths=(0.32, 0.68),
        )
    if rest:
        also = "Also not heard:" if first else "Not heard:"
        silent = [_name(memo, a) for a in covered.accounts_silent if a in rest]
        yield Para(f"{listed(silent)}.", lead=also)


def _days(memo: Memo) -> str:
    reached = [f"{m.accounts_heard} by day {m.day}" for m in memo.milestones if m.reached]
    return f"Heard since the start: {listed(reached)}." if reached else ""


def _hours(memo: Memo) -> str:
    if not memo.weeks:
        return ""
    hours = sum(w.customer_hours + w.estimated_hours for w in memo.weeks)
    met = sum(bool(w.goal_met) for w in memo.weeks)
    return (
        f"Customers themselves spoke for {hours:.1f} hours; more than an hour in "
        f"{met or 'none'} of {counted(len(memo.weeks), 'week')}."
    )


def _protect(memo: Memo, notes: Notes) -> Iterator[Block]:
    for theme in memo.strengths:
        yield Heading(clean(theme.label), needs.facts(theme))
        yield from (notes.said(q) for q in theme.evidence[:2])
    if not memo.strengths and memo.liked:
        yield Para("What accounts say they like; nobody has confirmed a strength yet.")
        yield from (notes.statement(said) for said in memo.liked[:6])


def _risks(memo: Memo, notes: Notes) -> Iterator[Block]:
    yield from charts.renewals(memo)
    for account in memo.at_risk:
        yield Heading(_name(memo, account.account_id), _risk_facts(memo, account))
        yield from (_unnamed(memo, said, notes) for said in account.statements)
    if memo.health:
        yield Heading("Where the calls and the CRM's health disagree")
    for check in memo.health:
        name = _name(memo, check.account_id)
        calls = (
            "in the calls they speak of leaving or of a competitor"
            if check.reading == "threatened"
            else "in the calls nobody there speaks of leaving"
        )
        words = _unnamed(memo, check.statements[0], notes)
        # What a threatened account says stands above already.
        told = f": {words.text}" if check.reading == "content" else "."
        yield Para(
            f"the CRM says {clean(check.health)}; {calls}{told}", words.marks, "bullet", f"{name}:"
        )


def _unnamed(memo: Memo, said: Statement, notes: Notes) -> Para:
    """A statement under its account's name, which it need not repeat."""
    names = {f" ({memo.names.get(account, account)})" for account in said.accounts}
    text = said.text
    for name in names:
        text = text.replace(name, "", 1)
    return notes.statement(said.model_copy(update={"text": text}))


def _risk_facts(memo: Memo, account: AtRisk) -> str:
    facts = [] if account.arr_usd is None else [f"{money(account.arr_usd)} a year"]
    if account.renewal_date is not None:
        facts.append(f"renews {long_date(account.renewal_date)}")
    if account.health:
        facts.append(f"CRM health: {clean(account.health)}")
    ranks = [str(t.rank) for t in memo.needs if t.id in account.needs]
    if ranks:
        facts.append(f"voices need {listed(ranks)}")
    facts.append("may leave" if account.threat else "complains hard, renews soon")
    if not account.in_scope:
        facts.append(f"outside the Top {memo.coverage.accounts_in_scope}")
    return " · ".join(facts)


def _fit(memo: Memo, notes: Notes) -> Iterator[Block]:
    labels = {t.id: f"need {t.rank}" for t in memo.needs}
    for line in memo.fit:
        sentence = f"“{clean(line.sentence)}”"
        if line.theme_id in labels:
            told = f"Nearest: {labels[line.theme_id]}."
        elif line.quotes:
            told = "No confirmed need is near; these words are."
        else:
            told = f"No customer spoke of this in {counted(memo.coverage.calls_read, 'call')}."
        yield Para(told, notes.marks(line.quotes), "bullet", sentence)
    far = [labels[t] for t in memo.untouched if t in labels]
    if far:
        yield Para(f"{listed(far)}.", lead="Not touched by the vision:")
    if memo.fit:
        yield Para("Likeness of wording, no more; it does not say who is right.", tone="quiet")
    yield from (prompt(p) for p in memo.prompts if p.place == "fit")


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


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
