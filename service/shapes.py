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
NamedBy = Literal["person", "model", "likeness"]
FitReading = Literal["serves", "leaves open", "conflicts"]
CodeStatus = Literal["open", "planned", "shipped", "declined"]
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
    by: Literal["code", "model"] = Field(
        default="code", description="who worded it; a model's sentence is borne by all its quotes"
    )


class Coverage(Frozen):
    """Who in scope was heard, and who was not."""

    accounts_in_scope: int
    accounts_heard: int
    accounts_silent: tuple[str, ...]
    calls_read: int
    arr_in_scope_usd: float
    arr_heard_usd: float


class DroppedSentence(Frozen):
    """What a language model gave that its quotes do not bear; shown as dropped, never counted."""

    text: str
    why: str


class Provenance(Frozen):
    """How an answer or memo came about. ``prompts`` are digests by name."""

    mode: Literal["extractive", "llm"] = "extractive"
    model: str | None = None
    prompts: dict[str, str] = Field(default={})
    dropped_quotes: int = 0
    dropped: tuple[DroppedSentence, ...] = ()
    note: str | None = Field(default=None, description="why no model was asked although one is set")


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
    id: str | None = Field(default=None, description="under which it is kept; null when it is not")


class AnswerLine(Frozen):
    """A kept answer as listed. ``asked`` are the filters as they were set."""

    id: str
    question: str
    asked: Filters
    asked_at: datetime
    statements_n: int


class KeptAnswer(Frozen):
    """An answer as it was given, less what does not hold any more."""

    id: str
    asked: Filters
    asked_at: datetime
    answer: Answer
    withdrawn: int = Field(description="quotes gone since: their call was erased or corrected")
    calls_since: int = Field(description="calls that came after it was given")


class Pick(Frozen):
    """A statement of an answer that somebody wants in the memo."""

    id: str
    question: str
    answer_id: str | None = Field(description="null once that answer was deleted")
    statement: Statement
    picked_at: datetime


class Suggestion(Frozen):
    """A question worth asking of what is there, and why."""

    question: str
    why: str
    filters: Filters = Filters()


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
    """Evidence about one matter. Confirmed themes are codes of the codebook; candidates nobody has
    confirmed: they are listed after those and never ranked among them. Candidates that a model
    named are ranked among themselves, groups by likeness are in no order.
    """

    id: str
    label: str
    statement: str
    kind: EvidenceKind
    rank: int
    status: Literal["candidate", "confirmed"] = "candidate"
    by: NamedBy = Field(default="likeness", description="who named it")
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
    status: CodeStatus = Field(default="open", description="what became of the need")
    status_at: datetime | None = Field(default=None, description="since when; null: from the start")
    examples: tuple[str, ...] = Field(default=(), description="words that belong to it")
    counterexamples: tuple[str, ...] = Field(default=(), description="words that do not")


class AtRisk(Frozen):
    """An account that may leave: it speaks of leaving or of a competitor (``threat``), or it
    complains hard and renews within 180 days.
    """

    account_id: str
    arr_usd: float | None
    renewal_date: date | None
    statements: tuple[Statement, ...]
    health: str | None = Field(default=None, description="as the CRM has it")
    threat: bool = True
    in_scope: bool = Field(default=True, description="among the Top N of the memo")
    needs: tuple[str, ...] = Field(default=(), description="ids of the needs it voices")


class HealthCheck(Frozen):
    """Where the CRM's health and the account's own words disagree."""

    account_id: str
    arr_usd: float | None
    renewal_date: date | None
    health: str
    reading: Literal["threatened", "content"]
    statements: tuple[Statement, ...] = Field(min_length=1)


class NeedPage(Frozen):
    """What stands on a need's own page; who has it and the numbers are the theme's."""

    theme_id: str
    cost: tuple[Statement, ...] = Field(description="time, money and numbers, in their words")
    workaround: tuple[Statement, ...] = Field(description="what they do instead")
    asked_for: tuple[Statement, ...]
    behind: tuple[Statement, ...] = Field(description="the trouble told beside what is asked for")
    quotes: tuple[Quote, ...] = Field(description="up to five, from different accounts")
    counter: tuple[Statement, ...]
    calls_n: int = Field(description="calls read for what speaks against it")
    renewals: tuple[str, ...] = Field(description="its accounts renewing within 180 days, by date")
    reason: str = Field(description="why its confidence is what it is")


class FitLine(Frozen):
    """A sentence of the vision beside what customers said that is nearest to it.

    ``theme_id`` is a need; without one ``quotes`` are single items; without quotes nobody spoke
    of it. Whether it *fits* is the author's to say; ``reading`` is what a model makes of it.
    """

    sentence: str
    theme_id: str | None
    quotes: tuple[Quote, ...]
    reading: FitReading | None = Field(
        default=None, description="what the sentence does with that need, as a model reads it"
    )


class Prompt(Frozen):
    """What only the author can write, with the numbers that bear on it."""

    place: Literal["bets", "decisions", "needs", "fit", "horizons"]
    text: str
    theme_id: str | None = None
    facts: str = ""
    proposal: Statement | None = Field(
        default=None, description="what a model proposes there; it never fills the prompt"
    )


class NotNow(Frozen):
    text: str
    why: str
    theme_id: str | None
    quotes: tuple[Quote, ...] = Field(default=(), description="the words ``text`` is made of")
    reopens: str = Field(default="", description="what would put it back on the table")
    sort: Literal["loud", "later", "single", "outside", "idea", "dismissed"] = "later"
    replies: tuple[Quote, ...] = Field(
        default=(), description="what a customer answered to an idea of our own people"
    )


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
    second_voice: bool = Field(
        default=False, description="one person of theirs was heard already; hear another"
    )


class ThemeChange(Frozen):
    """How a need moved since the memo before. ``quotes`` are new under it."""

    theme_id: str
    rank_before: int | None
    rank: int | None = Field(description="null when it is no longer among the needs")
    label: str
    accounts: tuple[str, ...] = Field(default=(), description="accounts that joined it")
    arr_usd: float = Field(default=0.0, description="ARR now, less the ARR then")
    mentions_n: int = 0
    quotes: tuple[Quote, ...] = ()


class Changes(Frozen):
    """What changed since ``memo_id``, the last memo of the same filters."""

    memo_id: str
    as_of: date
    calls: dict[str, str] = Field(description="calls read since, with title and date")
    heard: tuple[str, ...] = Field(description="accounts heard for the first time")
    needs: tuple[ThemeChange, ...]
    risks: tuple[str, ...] = Field(description="accounts at risk that were not")
    no_longer_at_risk: tuple[str, ...] = ()


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
    pages: tuple[NeedPage, ...] = Field(default=(), description="one for each need")
    voices: tuple[Statement, ...] = Field(
        default=(), description="what each account said most strongly, most ARR first"
    )
    liked: tuple[Statement, ...] = Field(
        default=(), description="what each account likes, most ARR first"
    )
    candidates: tuple[Theme, ...] = Field(
        default=(), description="groups by likeness, offered for confirmation; not ranked"
    )
    health: tuple[HealthCheck, ...] = ()
    verify: tuple[Statement, ...] = Field(
        default=(), description="hearsay: leads to verify; counted for nobody"
    )
    fit: tuple[FitLine, ...] = Field(default=(), description="the vision, sentence by sentence")
    untouched: tuple[str, ...] = Field(
        default=(), description="ids of needs that no sentence of the vision is near"
    )
    prompts: tuple[Prompt, ...] = ()
    picked: tuple[Pick, ...] = Field(
        default=(), description="statements of answers that somebody wants in the memo"
    )
    changes: Changes | None = None
    board: tuple[BoardRow, ...] = Field(default=(), description="the accounts in scope")
    milestones: tuple[Milestone, ...] = ()
    weeks: tuple[ListeningWeek, ...] = ()
    read: tuple[str, ...] | None = Field(default=None, description="ids of the calls read")
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
    calls: tuple[str, ...] = Field(description="those in which their own people spoke")
    first_heard: date | None
    last_heard: date | None
    customer_minutes: float = Field(description="how long their people spoke, by the clock")
    estimated_minutes: float = Field(description="and, by their words, where there are no times")
    people: int = Field(description="how many of their people were heard")
    heard: bool
    heard_by_day_14: bool | None = Field(
        description="from the start on; null when the day is to come or a call has no date"
    )
    heard_by_day_30: bool | None
    booked: date | None = Field(default=None, description="a call with them is to come")
    booked_by: Literal["person", "calendar"] | None = Field(
        default=None, description="who says so: somebody noted it, or one of your calendars has it"
    )
    overdue: date | None = Field(
        default=None, description="booked for a day that has passed, and no call since"
    )


class Milestone(Frozen):
    """The board as it stood at the end of a day counted from the start (the start is day 0)."""

    day: int
    date: date
    reached: bool
    accounts_heard: int
    accounts_silent: tuple[str, ...]
    arr_heard_usd: float


class ListeningWeek(Frozen):
    """Hours with customers in seven days; only calls in which customers spoke.

    ``call_hours`` is how long those calls lasted, ``None`` when no call says.
    """

    week: int
    first: date
    last: date
    calls: int
    customer_hours: float
    estimated_hours: float
    call_hours: float | None
    calls_without_length: int
    goal_met: bool | None = Field(description="null while the week still runs and is below")


class Gap(Frozen):
    """Who was heard among the accounts of one tier, segment or region."""

    value: str | None = Field(description="null for accounts whose value is not known")
    accounts_in_scope: int
    accounts_heard: int
    accounts_silent: tuple[str, ...]
    arr_in_scope_usd: float
    arr_heard_usd: float


class Gaps(Frozen):
    """The accounts of the board by each of their traits, most ARR not heard first."""

    tier: tuple[Gap, ...]
    segment: tuple[Gap, ...]
    region: tuple[Gap, ...]


class UnhappyAccount(Frozen):
    """An account that the CRM marks as in trouble or wavering, and that nobody has heard."""

    account_id: str
    name: str
    arr_usd: float | None
    renewal_date: date | None
    health: str
    on_board: bool


StartFrom = Literal["given", "set", "remembered", "first call"]


class CoverageReport(Coverage):
    """``firsthand coverage``: the numbers, the board behind them and whom to call next."""

    start: date | None
    start_from: StartFrom | None
    day: int | None
    milestones: tuple[Milestone, ...]
    board: tuple[BoardRow, ...]
    goal_hours: float = Field(description="a week is to have more customer hours than this")
    weeks: tuple[ListeningWeek, ...]
    gaps: Gaps
    unhappy_silent: tuple[UnhappyAccount, ...]
    next_calls: tuple[NextCall, ...]
    accounts_booked: tuple[str, ...] = Field(
        default=(), description="silent ones of the board with whom a call is booked"
    )
    arr_booked_usd: float = 0.0
    calls_without_account: tuple[str, ...] = ()
    calls_without_date: tuple[str, ...] = ()
    calls_before_start: tuple[str, ...] = ()
    calls_without_consent: tuple[str, ...] = Field(
        default=(), description="waiting for consent: they count nowhere"
    )
    calls_without_times: tuple[str, ...] = Field(
        default=(), description="customers' time in them is estimated from their words"
    )
    notes: tuple[str, ...] = Field(default=(), description="what to know before relying on it")


class Job(Frozen):
    job_id: str
    kind: Literal["ingest", "memo", "read"]
    state: JobState
    stage: str | None
    fraction: float
    call_id: str | None
    memo_id: str | None
    file: str | None = Field(default=None, description="name of the file the work is on")
    error: str | None
    attempt: int = Field(default=1, description="how often it was asked for")
    created_at: datetime
    updated_at: datetime
