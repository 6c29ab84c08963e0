"""The JSON of the contract as frozen models: one definition is API schema, file and test.

Money is US dollars a year (ARR); times are seconds from the start of the recording.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from ingest.models import Frozen, Role

QuestionKind = Literal["lookup", "aggregate", "compare", "count"]
EvidenceKind = Literal["pain", "request", "praise", "risk", "competitor"]
Hand = Literal["first", "third"]
Confidence = Literal["high", "medium", "low"]
JobState = Literal["queued", "working", "done", "failed", "cancelled"]


class Filters(Frozen):
    """Which accounts and calls are asked about. ``None`` leaves that side open."""

    top: int | None = Field(default=None, ge=1, description="only the N accounts with the most ARR")
    tier: str | None = None
    segment: str | None = None
    region: str | None = None
    accounts: tuple[str, ...] | None = Field(default=None, description="account ids")
    since: date | None = None
    until: date | None = None


class Quote(Frozen):
    """Verbatim words of one utterance. Built by ``service.quotes.cut`` and nowhere else."""

    call_id: str
    utterance: int
    text: str
    speaker: str
    role: Role
    account_id: str | None
    start_s: float | None
    end_s: float | None
    hand: Hand = "first"
    role_doubt: float = Field(default=0.0, description="chance that the speaker's role is wrong")


class Statement(Frozen):
    """A sentence and the words it rests on; accounts and ARR are those of its quotes."""

    text: str
    accounts: tuple[str, ...]
    accounts_n: int
    arr_usd: float
    quotes: tuple[Quote, ...] = Field(min_length=1)


class Coverage(Frozen):
    """Who in scope was heard, and who was not."""

    accounts_in_scope: int
    accounts_heard: int
    accounts_silent: tuple[str, ...]
    calls_read: int
    arr_in_scope_usd: float
    arr_heard_usd: float


class Provenance(Frozen):
    """How an answer or memo came about."""

    mode: Literal["extractive", "llm"] = "extractive"
    model: str | None = None
    prompts: dict[str, str] = Field(default={})
    dropped_quotes: int = 0


class Answer(Frozen):
    question: str
    kind: QuestionKind
    filters: Filters
    coverage: Coverage
    abstained: bool
    reason: str | None
    statements: tuple[Statement, ...]
    counter: tuple[Statement, ...] = ()
    internal: tuple[Statement, ...] = Field(
        default=(), description="said only by the vendor's own people"
    )
    nearest: tuple[Statement, ...] = Field(
        default=(), description="closest customer words when abstaining; not an answer"
    )
    provenance: Provenance = Provenance()


class ThemeAccount(Frozen):
    account_id: str
    arr_usd: float | None
    intensity: int = Field(ge=1, le=3)


class Ranks(Frozen):
    """A theme's place by each measure among the themes it is listed with, from 1."""

    arr: int
    accounts: int
    top: int
    mentions: int


class Theme(Frozen):
    """Evidence about one matter. Confirmed themes are codes of the codebook; candidates are groups
    by likeness that nobody has confirmed, listed after them and never ranked among them.
    """

    id: str
    label: str
    statement: str
    kind: EvidenceKind
    rank: int
    status: Literal["candidate", "confirmed"] = "candidate"
    accounts: tuple[ThemeAccount, ...]
    accounts_n: int
    top_accounts_n: int
    arr_usd: float
    mentions_n: int
    evidence: tuple[Quote, ...] = Field(min_length=1)
    counter: tuple[Quote, ...] = ()
    first_heard: date | None
    last_heard: date | None
    definition: str = ""
    pinned: bool = False
    segments_n: int = Field(default=0, description="industries among its accounts")
    confidence: Confidence = "low"
    stable: bool = Field(
        default=False, description="keeps its rank when any one account is left out"
    )
    ranks: Ranks | None = None
    notes: tuple[str, ...] = Field(
        default=(), description="what a reader should know: one account only, rankings disagree"
    )


class Code(Frozen):
    """A theme as a person wrote or confirmed it: an entry of the codebook."""

    id: str
    label: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    kind: EvidenceKind
    state: Literal["active", "dismissed"] = "active"
    pinned: bool = False
    examples: tuple[str, ...] = Field(default=(), description="words that belong to it")
    counterexamples: tuple[str, ...] = Field(default=(), description="words that do not")


class AtRisk(Frozen):
    account_id: str
    arr_usd: float | None
    renewal_date: date | None
    statements: tuple[Statement, ...]


class NotNow(Frozen):
    text: str
    why: str
    theme_id: str | None
    quotes: tuple[Quote, ...] = Field(default=(), description="the words ``text`` is made of")


class Action(Frozen):
    text: str
    theme_id: str | None = None
    accounts: tuple[str, ...] = ()


class Week(Frozen):
    week: int
    actions: tuple[Action, ...]


class Horizon(Frozen):
    months: int
    bets: tuple[Action, ...]


class NextCall(Frozen):
    account_id: str
    why: str


class Memo(Frozen):
    id: str
    title: str
    as_of: date
    day: int
    filters: Filters
    summary: tuple[Statement, ...]
    coverage: Coverage
    needs: tuple[Theme, ...]
    strengths: tuple[Theme, ...]
    at_risk: tuple[AtRisk, ...]
    dissent: tuple[Statement, ...]
    not_now: tuple[NotNow, ...]
    internal_ideas: tuple[Statement, ...]
    plan: tuple[Week, ...]
    horizons: tuple[Horizon, ...]
    open_questions: tuple[str, ...]
    next_calls: tuple[NextCall, ...]
    vision: str | None = None
    names: dict[str, str] = Field(default={}, description="account names by id, for the renderings")
    calls: dict[str, str] = Field(default={}, description="titles and dates of the calls quoted")
    provenance: Provenance = Provenance()


class BoardRow(Frozen):
    """One account on the listening board, largest first."""

    rank: int
    account_id: str
    name: str
    arr_usd: float | None
    tier: str | None
    segment: str | None
    region: str | None
    renewal_date: date | None
    health: str | None
    calls: tuple[str, ...]
    first_heard: date | None
    last_heard: date | None
    customer_minutes: float


class CoverageReport(Coverage):
    """``firsthand coverage``: the numbers, the board behind them and whom to call next."""

    start: date | None
    day: int | None
    board: tuple[BoardRow, ...]
    next_calls: tuple[NextCall, ...]
    calls_without_account: tuple[str, ...] = ()


class Job(Frozen):
    job_id: str
    kind: Literal["ingest", "memo"]
    state: JobState
    stage: str | None
    fraction: float
    call_id: str | None
    memo_id: str | None
    file: str | None = Field(default=None, description="name of the file the work is on")
    error: str | None
    created_at: datetime
    updated_at: datetime
