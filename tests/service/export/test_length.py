"""A memo is read in ten minutes, however much stands behind it: about 2,500 words.

Counted are the words of headings, paragraphs and tables before the appendix; not the notes at the
foot, nor what is drawn. The memo here is heavier than any of the corpora's, which have 2,470 to
2,570 with five needs.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service import author, plan
from service.export.blocks import Block, Chart, Heading, Para, Said, Table
from service.export.view import view
from service.gist import Body, Known, summary
from service.quotes import Spoken, cut, statement
from service.shapes import (
    AtRisk,
    BoardRow,
    Coverage,
    Filters,
    Memo,
    NeedPage,
    NextCall,
    NotNow,
    Provenance,
    Quote,
    Statement,
    Theme,
    ThemeAccount,
)

AS_OF = date(2026, 6, 3)
IDS = tuple(f"A{n}" for n in range(1, 21))
NAMES = {a: f"Northern {a} Freezers" for a in IDS}
ARR: dict[str, float | None] = dict.fromkeys(IDS, 100000.0)
# As long as a quote gets: thirty words.
TOLD = "and every night somebody has to walk the whole length of the store by hand " * 2


def quote(account: str, i: int) -> Quote:
    told = f"{account}/{i}: {TOLD.strip()}"
    who = f"Ana Bell {account}"
    words = Spoken(f"C-{account}", i, told, who, "customer", 0.0, account, None, None)
    return cut(words)


def said(account: str, i: int) -> Statement:
    one = quote(account, i)
    text = f"{one.speaker} ({NAMES[account]}): “{one.text[:110]}…”"
    return statement(text, [one], ARR)


def need(rank: int) -> tuple[Theme, NeedPage]:
    mine = IDS[rank : rank + 6]
    theme = Theme(
        id=f"need-{rank}",
        label=f"Somebody walks the store at night, case {rank}",
        statement="",
        definition="What is kept cold is watched by people who walk. " * 2,
        kind="pain",
        rank=rank,
        status="confirmed",
        confidence="medium",
        accounts=tuple(ThemeAccount(account_id=a, arr_usd=100_000, intensity=2) for a in mine),
        accounts_n=6,
        top_accounts_n=6,
        arr_usd=600_000,
        mentions_n=40,
        evidence=tuple(quote(a, 100 * rank) for a in mine),
        first_heard=AS_OF,
        last_heard=AS_OF,
        segments_n=4,
    )
    lists = [
        tuple(said(a, 100 * rank + 10 * n + k) for k, a in enumerate(mine[:2])) for n in range(1, 5)
    ]
    page = NeedPage(
        theme_id=theme.id,
        cost=lists[0],
        workaround=lists[1],
        asked_for=lists[2],
        behind=lists[3],
        quotes=tuple(quote(a, 100 * rank + 50) for a in mine),
        counter=tuple(said(a, 100 * rank + 60) for a in IDS[:2]),
        calls_n=18,
        renewals=mine[:3],
        reason="6 accounts in 4 segments; its place hangs on one of them",
    )
    return theme, page


def loaded() -> Memo:
    """Twenty accounts, eight needs, six accounts that may leave, all of them quoted at length."""
    needs, pages = zip(*(need(rank) for rank in range(1, 9)), strict=True)
    board = tuple(
        BoardRow(
            rank=n,
            account_id=a,
            name=NAMES[a],
            arr_usd=100_000,
            tier=None,
            segment=f"Segment {n % 5}",
            region=None,
            renewal_date=AS_OF + timedelta(days=17 * n),
            health="green",
            calls=(),
            first_heard=None,
            last_heard=None,
            customer_minutes=1,
            estimated_minutes=0,
            people=1 + n % 2,
            heard=n > 4,
            heard_by_day_14=None,
            heard_by_day_30=None,
        )
        for n, a in enumerate(IDS, start=1)
    )
    risk = tuple(
        AtRisk(
            account_id=row.account_id,
            arr_usd=row.arr_usd,
            renewal_date=row.renewal_date,
            statements=(said(row.account_id, 901), said(row.account_id, 902)),
            health="yellow",
            threat=n < 6,
            needs=("need-1", "need-2"),
        )
        for n, row in enumerate(board[5:13])
    )
    silent = tuple(
        NextCall(account_id=a, why="no customer of theirs has been heard; $100,000 a year; renews "
                 "2026-09-12, in 101 days; health yellow")
        for a in IDS[:4]
    )  # fmt: skip
    covered = Coverage(
        accounts_in_scope=20,
        accounts_heard=16,
        accounts_silent=IDS[:4],
        calls_read=18,
        arr_in_scope_usd=2_000_000,
        arr_heard_usd=1_600_000,
    )
    body = Body(needs=needs, strengths=(), risk=risk, voices=(), liked=(said("A9", 950),))
    left_open = author.Known(NAMES, needs, pages, risk, covered)
    return Memo(
        id="memo-1",
        title="What our top 20 customers told us",
        as_of=AS_OF,
        day=30,
        filters=Filters(top=20),
        summary=tuple(summary(body, Known(NAMES, ARR))),
        coverage=covered,
        needs=needs,
        strengths=(),
        at_risk=risk,
        dissent=(),
        not_now=tuple(
            NotNow(
                text=said("A9", 960 + n).text,
                why="loud but small: 10 accounts speak of it, and those of them among the Top 20 "
                "are 6% of the revenue heard",
                reopens="larger accounts saying the same, or a decision to grow among these",
                theme_id=None,
                quotes=(quote("A9", 960 + n),),
                sort="loud",
            )
            for n in range(3)
        ),
        internal_ideas=(),
        plan=plan.weeks(needs, risk, silent, NAMES),
        horizons=plan.horizons(needs, risk, board, AS_OF),
        open_questions=("What do they need who were not heard? A fifth of all revenue was not.",),
        next_calls=silent,
        pages=pages,
        voices=tuple(said(a, 970) for a in IDS[4:]),
        liked=body.liked,
        verify=tuple(said(a, 980) for a in IDS[4:7]),
        prompts=tuple(author.prompts(left_open, vision=False)),
        board=board,
        names=NAMES,
    )


# As long as a model is asked to keep them: twenty words, and fourteen for a bet and for its test.
SENTENCE = (
    "Somebody has to walk the store at night because nobody learns of a door that stands open."
)
SENTENCE = f"{SENTENCE[:-1]} for hours."
BET = "Tell whoever is on call at once which of the doors is standing open."


def worded() -> Memo:
    """The same memo with sentences of a model in every place that can hold one."""
    memo = loaded()

    def one(said: Statement, text: str = SENTENCE) -> Statement:
        update = {"text": text, "quotes": (said.quotes[0],), "by": "model"}
        return said.model_copy(update=update)

    def page(one_page: NeedPage) -> NeedPage:
        lists = {
            name: (one(getattr(one_page, name)[0]), *getattr(one_page, name))
            for name in ("cost", "workaround", "asked_for", "behind")
        }
        return one_page.model_copy(update=lists)

    proposal = one(memo.voices[0], f"{BET} How we would know: {BET}")
    return memo.model_copy(
        update={
            "summary": tuple(
                one(s, f"{s.text.partition('Northern')[0]} {SENTENCE}") for s in memo.summary
            ),
            "pages": tuple(page(p) for p in memo.pages),
            "at_risk": tuple(
                a.model_copy(update={"statements": (one(a.statements[0]), *a.statements)})
                for a in memo.at_risk
            ),
            "needs": tuple(t.model_copy(update={"by": "model"}) for t in memo.needs),
            "prompts": tuple(
                p.model_copy(update={"proposal": proposal}) if p.place == "bets" else p
                for p in memo.prompts
            ),
            "provenance": Provenance(mode="llm", model="provider:a-model"),
        }
    )


def texts(block: Block) -> list[str]:
    if isinstance(block, Para):
        return [block.lead, block.text]
    if isinstance(block, Heading):
        return [block.text, block.facts]
    if isinstance(block, Said):
        return [block.text, block.by]
    if isinstance(block, Table):
        return [*block.columns, *(cell for row in block.rows for cell in row)]
    assert isinstance(block, Chart)
    return [block.title]


@pytest.mark.parametrize("memo", [loaded(), worded()], ids=["by code", "worded by a model"])
def test_what_stands_before_the_appendix_is_read_in_ten_minutes(memo: Memo) -> None:
    page = view(memo)
    body = [s for s in page.sections if not s.title.startswith("Appendix")]
    told = [t for s in body for t in (s.title, *(x for b in s.blocks for x in texts(b)))]
    assert 1_500 < sum(len(t.split()) for t in told) <= 2_900


def test_no_quote_is_printed_twice() -> None:
    page = view(loaded())
    told = [t for s in page.sections for b in s.blocks for t in texts(b)]
    numbers = [word for t in told for word in t.split() if word.startswith("“A")]
    assert len(numbers) > 40
    assert len(numbers) == len(set(numbers))


def test_pages_of_the_first_needs_are_in_the_body_and_the_others_in_the_appendix() -> None:
    titles = [s.title for s in view(loaded()).sections]
    assert [t for t in titles if t.startswith("Need ")] == [
        f"Need {n}: Somebody walks the store at night, case {n}" for n in (1, 2, 3)
    ]
    assert [t.split(":")[1] for t in titles if t.startswith("Appendix: need")] == [
        f" need {n}" for n in range(4, 9)
    ]
    against = next(s for s in view(loaded()).sections if s.title == "What speaks against it")
    leads = [b.lead for b in against.blocks if isinstance(b, Para)]
    assert list(dict.fromkeys(leads)) == [f"Need {n}:" for n in range(1, 9)]
