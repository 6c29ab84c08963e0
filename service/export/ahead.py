"""The end of a memo: what changed, the four weeks, the year, what is open and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.export.blocks import Block, Heading, Para
from service.export.notes import Notes
from service.export.words import clean, counted, listed, long_date, money
from service.shapes import Action, Memo, ThemeChange

_LEADS = 2  # of hearsay shown in full


def since(memo: Memo, notes: Notes) -> Iterator[Block]:
    """What changed since the memo before. Nothing when there was none."""
    changes = memo.changes
    if changes is None:
        return
    day = long_date(changes.as_of)
    told: list[Block] = []
    if changes.calls:
        told.append(
            Para(f"{listed([clean(h) for h in changes.calls.values()])}.", lead="New calls:")
        )
    for title, accounts in (
        ("Heard for the first time:", changes.heard),
        ("Newly at risk:", changes.risks),
        ("No longer at risk:", changes.no_longer_at_risk),
    ):
        if accounts:
            told.append(Para(f"{listed([_name(memo, a) for a in accounts])}.", lead=title))
    told.extend(_needs(memo, changes.needs, notes))
    if told:
        yield Para(f"Compared with the memo of {day}.", tone="quiet")
        yield from told
    else:
        yield Para(f"Nothing: no call, need or risk is new since the memo of {day}.")


def weeks(memo: Memo) -> Iterator[Block]:
    for week in memo.plan:
        if week.actions:
            yield Heading(f"Week {week.week}")
        yield from map(_action, week.actions)


def horizons(memo: Memo) -> Iterator[Block]:
    for horizon in memo.horizons:
        if horizon.bets:
            first = f"Months {horizon.months - 2} to {horizon.months}"
            yield Heading(first)
        yield from map(_action, horizon.bets)
    if any(horizon.bets for horizon in memo.horizons):
        for left in memo.prompts:
            if left.place == "horizons":
                yield Para(clean(left.text), tone="prompt", lead="To be written by you:")


def questions(memo: Memo, notes: Notes) -> Iterator[Block]:
    for question in memo.open_questions:
        yield Para(clean(question), tone="bullet")
    if memo.verify:
        yield Heading("Said of others, to be verified before anybody acts on it")
    yield from (notes.statement(said) for said in memo.verify[:_LEADS])


def method(memo: Memo) -> Iterator[Block]:
    made = memo.provenance
    yield Para(
        f"{_how(memo)} Every call was read in full; every quote is cut from it to the letter. "
        "Only customers count, and only what they said for themselves; all numbers are computed."
    )
    if memo.needs:
        yield Para(
            f"{_named(memo)}, ranked by the revenue behind them. "
            "Confidence is high with four accounts in two segments and a place that stands when "
            "any one account is left out; low with two accounts or fewer; else medium."
            + _otherwise(memo)
        )
    elif memo.candidates:
        yield Para(
            "Groups in the appendix are quotes alike in wording. A group may hold several matters, "
            "or only part of one; that is why none is ranked."
        )
    if made.dropped_quotes:
        held = "no longer holds and was" if made.dropped_quotes == 1 else "no longer hold and were"
        yield Para(f"{counted(made.dropped_quotes, 'quote')} {held} dropped.")
    if made.note:
        yield Para(clean(made.note), tone="quiet")


def _how(memo: Memo) -> str:
    """Who wrote it, and what became of what a model wrote."""
    made = memo.provenance
    if made.model is None:
        return "Drafted by code, without a language model."
    dropped = len(made.dropped)
    fell = f"{counted(dropped, 'sentence')} did not check out and {_was(dropped)} dropped"
    return (
        f"Drafted by code; sentences in words that are not the customers' were written with "
        f"{clean(made.model)}, each checked by code against the quotes it names: "
        f"{fell if dropped else 'none had to be dropped'}. No model counted or ranked."
    )


def _named(memo: Memo) -> str:
    found = [str(theme.rank) for theme in memo.needs if theme.by == "model"]
    if len(found) == len(memo.needs):
        return "Needs are named by the model, not yet confirmed by a person"
    if not found:
        return "Needs are themes that a person confirmed"
    which = f"need {found[0]} is" if len(found) == 1 else f"needs {listed(found)} are"
    return f"Needs are themes that a person confirmed, but {which} named by the model only"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _otherwise(memo: Memo) -> str:
    """The order by accounts, where it is another."""
    ranked = [theme for theme in memo.needs if theme.ranks is not None]
    order = sorted(ranked, key=lambda t: t.ranks.accounts if t.ranks else 0)
    if order == ranked:
        return ""
    return f" By accounts the order would be {listed([str(t.rank) for t in order])}."


def _needs(memo: Memo, needs: Sequence[ThemeChange], notes: Notes) -> Iterator[Para]:
    if len(needs) > 1 and all(need.rank_before is None for need in needs):
        then = "named" if any(theme.by == "model" for theme in memo.needs) else "confirmed"
        yield Para(f"All {len(needs)} needs are new; none was {then} then.", tone="bullet")
        return
    for need in needs:
        yield Para(_moved(memo, need), notes.marks(need.quotes), "bullet")


def _moved(memo: Memo, change: ThemeChange) -> str:
    label = clean(change.label).rstrip(".")
    if change.rank is None:
        return f"“{label}” was need {change.rank_before} and is none now."
    if change.rank_before is None:
        return f"Need {change.rank}, “{label}”, is new."
    told = []
    if change.rank != change.rank_before:
        told.append(f"was need {change.rank_before}")
    if change.accounts:
        told.append(f"{listed([_name(memo, a) for a in change.accounts])} joined")
    if change.arr_usd:
        more = "more" if change.arr_usd > 0 else "less"
        told.append(f"{money(abs(change.arr_usd))} a year {more}")
    if change.mentions_n:
        more = "more" if change.mentions_n > 0 else "fewer"
        passages = "passage" if abs(change.mentions_n) == 1 else "passages"
        told.append(f"{abs(change.mentions_n)} {more} {passages}")
    return f"Need {change.rank}, “{label}”: {', '.join(told)}."


def _action(action: Action) -> Para:
    return Para(clean(action.text), tone="bullet")


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
