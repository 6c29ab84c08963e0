"""The tables: one truth for calls, accounts and everything people said.

Written with SQLAlchemy Core so that the same statements run on SQLite and PostgreSQL. What stands
under "derived" can be rebuilt from the rest. The migrations under ``ingest/migrations`` create
exactly these tables; ``tests/ingest/test_migrations.py`` holds the two together.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest import access_tables as access_tables  # tables of the same schema
from ingest import outward_tables as outward_tables
from ingest.outward_tables import deliveries as deliveries
from ingest.outward_tables import hooks as hooks
from ingest.outward_tables import loop_states as loop_states
from ingest.outward_tables import noticed as noticed
from ingest.schema import metadata as metadata


def _call_id(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "call_id",
        sa.String(64),
        sa.ForeignKey("calls.call_id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("arr_usd", sa.Float),
    sa.Column("tier", sa.String(100)),
    sa.Column("segment", sa.String(100)),
    sa.Column("region", sa.String(100)),
    sa.Column("renewal_date", sa.Date),
    sa.Column("health", sa.String(100)),
    sa.Column("owner", sa.String(200)),
)

# A call that is to come: one at most for each account, kept until another day is set.
bookings = sa.Table(
    "bookings",
    metadata,
    sa.Column(
        "account_id",
        sa.String(64),
        sa.ForeignKey("accounts.account_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("date", sa.Date, nullable=False),
)

# By what else an account is known: ids in CRMs, domains, other names; see service/crm/signs.py.
account_signs = sa.Table(
    "account_signs",
    metadata,
    sa.Column(
        "account_id",
        sa.String(64),
        sa.ForeignKey("accounts.account_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("kind", sa.String(10), primary_key=True),  # crm_id, domain, alias
    sa.Column("value", sa.String(255), primary_key=True),  # as it is compared
    sa.Column("shown", sa.String(255), nullable=False),  # as the CRM has it
    sa.Column("import_id", sa.Integer, nullable=False),  # what it was learnt from
    sa.Index("ix_account_signs_value", "kind", "value"),
)

# How the columns of a CRM's file were mapped, by a digest of their names.
crm_mappings = sa.Table(
    "crm_mappings",
    metadata,
    sa.Column("mapping_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),  # accounts, deals
    sa.Column("columns", sa.JSON, nullable=False),  # [[column, field or null], ...]
    sa.Column("ways", sa.JSON, nullable=False),  # how its dates and amounts are read
    sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
)

# What was loaded from CRMs, newest last, so that it can be taken back; only the last few are kept.
crm_imports = sa.Table(
    "crm_imports",
    metadata,
    sa.Column("import_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,  # signs learnt from one that was taken back are never another's
)

crm_changes = sa.Table(
    "crm_changes",
    metadata,
    sa.Column(
        "import_id",
        sa.Integer,
        sa.ForeignKey("crm_imports.import_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("account_id", sa.String(64), primary_key=True),
    sa.Column("before", sa.JSON),  # the fields that were changed; null: there was no such account
    sa.Column("after", sa.JSON, nullable=False),
)

# People of ours who have hours to spend with customers: a goal of their own, a calendar, or both.
listeners = sa.Table(
    "listeners",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),  # the name's words, lower case
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("goal_hours", sa.Float),  # a week; null: the home's
    sa.Column("loaded_at", sa.DateTime(timezone=True)),  # the calendar; null: there is none
)

# Meetings with people of other firms in the calendars of ours: when and with which firms. No title,
# no words, no name and no address is kept of them.
meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column(
        "key",
        sa.String(200),
        sa.ForeignKey("listeners.key", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("meeting_id", sa.String(64), primary_key=True),  # digest of UID and RECURRENCE-ID
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # where the calendar is
    sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    sa.Column("domains", sa.JSON, nullable=False),
    # Of somebody whose address is known from a call; else the domains tell it.
    sa.Column(
        "account_id", sa.String(64), sa.ForeignKey("accounts.account_id", ondelete="SET NULL")
    ),
    sa.Index("ix_meetings_day", "day"),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("call_id", sa.String(64), primary_key=True),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("date", sa.Date),
    sa.Column(
        "account_id", sa.String(64), sa.ForeignKey("accounts.account_id", ondelete="SET NULL")
    ),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # working, ready, failed
    sa.Column("duration_s", sa.Float),
    sa.Column("engine", sa.String(40)),
    sa.Column("model", sa.String(200)),
    # As the file was called, for people.
    sa.Column("file_name", sa.String(255), nullable=False, server_default=""),
    sa.Column("media", sa.String(200), nullable=False),  # object name in the media store
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("playback", sa.String(200)),  # a copy to play, where the file is not fit for it
    sa.Column("is_recording", sa.Boolean, nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("speakers_doubt", sa.Float, nullable=False, server_default="0"),
    sa.Column("warnings", sa.JSON, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    # Whether the customer agreed to be quoted: given, refused; null: nobody asked.
    sa.Column("consent", sa.String(10)),
    sa.Column("notes", sa.JSON),  # what is to be known of its files, however often it is heard
    sa.Index("ix_calls_account", "account_id"),
)

# The transcript that a meeting tool made of a call whose recording is here too.
call_transcripts = sa.Table(
    "call_transcripts",
    metadata,
    _call_id(primary_key=True),
    sa.Column("media", sa.String(200), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False, unique=True),
    # The file that came last: if the two turn out not to be of one call, it makes one of its own.
    sa.Column("came_last", sa.String(10), nullable=False),  # recording, transcript
    sa.Column("alone", sa.JSON, nullable=False),  # the row in `calls` that it would have then
    sa.Column("asked", sa.Boolean, nullable=False),  # a person said that they are of one call
    sa.Column("words_from", sa.String(10)),  # recording, transcript; null until both were compared
    sa.Column("agreement", sa.Float),
    sa.Column("offset_s", sa.Float),
)

speakers = sa.Table(
    "speakers",
    metadata,
    _call_id(primary_key=True),
    sa.Column("label", sa.String(200), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),  # customer, internal
    sa.Column("basis", sa.String(10), nullable=False),  # person, file, domain, channel, speech
    sa.Column("doubt", sa.Float, nullable=False),
    sa.Column("title", sa.String(200)),
    sa.Column("email", sa.String(320)),
    sa.Column("named_by_person", sa.Boolean, nullable=False),
)

utterances = sa.Table(
    "utterances",
    metadata,
    _call_id(primary_key=True),
    sa.Column("i", sa.Integer, primary_key=True),
    sa.Column("speaker", sa.String(200), nullable=False),  # a label of this call's speakers
    sa.Column("start_s", sa.Float),
    sa.Column("end_s", sa.Float),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("original", sa.Text),  # before a person corrected it
    sa.Column("original_speaker", sa.String(200)),  # the label before a person moved it
)

# What a call said before it was heard anew or corrected, as digests; see ingest/runs.py.
earlier_words = sa.Table(
    "earlier_words",
    metadata,
    _call_id(primary_key=True),
    sa.Column("runs", sa.LargeBinary, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),  # ingest, memo
    sa.Column("state", sa.String(12), nullable=False),  # queued, working, done, failed, cancelled
    sa.Column("stage", sa.String(20)),
    sa.Column("fraction", sa.Float, nullable=False, server_default="0"),
    sa.Column("call_id", sa.String(64)),
    sa.Column("memo_id", sa.String(64)),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    # Whether the engine of service/engine.py has been given this attempt; see service/takeover.py.
    sa.Column("handed_over", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_jobs_state", "state"),
    sa.Index("ix_jobs_call", "call_id"),
)

# What each stage of the work on a call came to, until the call is ready: nothing is done twice.
stage_results = sa.Table(
    "stage_results",
    metadata,
    _call_id(primary_key=True),
    sa.Column("stage", sa.String(20), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),  # 0: the whole; from 1 on: windows of sound
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Every run of a stage: how long it took and how it ended. Holds nothing that anybody said.
stage_runs = sa.Table(
    "stage_runs",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String(64), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("executor_id", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),  # done, failed, cancelled, again, died
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("audio_s", sa.Float),  # of the recording, where it is one
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_stage_runs_job", "job_id"),
)

# The processes that work: each says every few seconds that it lives.
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("executor_id", sa.String(64), primary_key=True),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("beat", sa.Float, nullable=False),  # seconds since 1970 by the database's clock
)

memos = sa.Table(
    "memos",
    metadata,
    sa.Column("memo_id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

# Answers as they were given, see service/answer_history.py.
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("answer_id", sa.String(64), primary_key=True),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("asked", sa.JSON, nullable=False),  # the filters as they were set
    sa.Column("statements", sa.Integer, nullable=False),  # how many; for the list
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("ix_answers_asked", "asked_at", "answer_id"),
)

# Statements of answers that somebody wants in the memo.
picks = sa.Table(
    "picks",
    metadata,
    sa.Column("pick_id", sa.String(64), primary_key=True),
    sa.Column("answer_id", sa.String(64), sa.ForeignKey("answers.answer_id", ondelete="SET NULL")),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("statement", sa.JSON, nullable=False),
    sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
)

# What a person made of a memo: the whole text each time it was saved. Version 0 is the draft, and
# is not here.
memo_versions = sa.Table(
    "memo_versions",
    metadata,
    sa.Column(
        "memo_id",
        sa.String(64),
        sa.ForeignKey("memos.memo_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("note", sa.String(300), nullable=False),
    # The words cited then, so that a change of them is noticed; see service/edited/gate.py.
    sa.Column("cited", sa.JSON, nullable=False),
)

# --- what people decided ------------------------------------------------------------------------

# The codebook: themes that a person wrote or confirmed (or dismissed), see service/codebook.py.
codes = sa.Table(
    "codes",
    metadata,
    sa.Column("code_id", sa.String(64), primary_key=True),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("include", sa.Text, nullable=False),  # words and cases that belong to it
    sa.Column("exclude", sa.Text, nullable=False),  # and those that do not
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # active, dismissed
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    # What became of the need: open, planned, shipped, declined; null: since ever.
    sa.Column("status", sa.String(10), nullable=False, server_default="open"),
    sa.Column("status_at", sa.DateTime(timezone=True)),
)

# Which words belong to a code, or do not: of a call, or (without one) examples from elsewhere.
judgements = sa.Table(
    "judgements",
    metadata,
    sa.Column("judgement_id", sa.String(64), primary_key=True),
    sa.Column(
        "code_id",
        sa.String(64),
        sa.ForeignKey("codes.code_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("call_id", sa.String(64), sa.ForeignKey("calls.call_id", ondelete="CASCADE")),
    sa.Column("utterance", sa.Integer),
    sa.Column("words", sa.Text, nullable=False),  # so that they are found when heard anew
    sa.Column("verdict", sa.String(10), nullable=False),  # confirmed, rejected
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_judgements_code", "code_id"),
    sa.Index("ix_judgements_call", "call_id"),
)

# What people changed in the ledger; applied whenever a call is read again.
evidence_edits = sa.Table(
    "evidence_edits",
    metadata,
    sa.Column("edit_id", sa.String(64), primary_key=True),
    _call_id(),
    sa.Column("utterance", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # the quote, to the letter
    sa.Column("action", sa.String(10), nullable=False),  # add, reject, kind
    sa.Column("kind", sa.String(12)),
    sa.Column("strength", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_evidence_edits_call", "call_id"),
)

# Corrections of a call's words and speakers, newest last, each with what it found. Once the call is
# heard anew none can be taken back (``before`` is empty); ``lost`` are those that no longer fit.
call_corrections = sa.Table(
    "call_corrections",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    _call_id(),
    sa.Column("what", sa.String(300), nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("lost", sa.JSON, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_call_corrections_call", "call_id"),
    sqlite_autoincrement=True,  # the number of one that was taken back is never another's
)

# Changes of the codebook, newest last, each with what it found, so that it can be undone.
codebook_history = sa.Table(
    "codebook_history",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("what", sa.String(300), nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# What a language model read in a call, checked: one reading of a call, the newest. ``matters`` hold
# the words they rest on, so that they are found again when the call is corrected or heard anew.
readings = sa.Table(
    "readings",
    metadata,
    _call_id(primary_key=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("prompt", sa.String(64), nullable=False),  # digest
    sa.Column("said", sa.String(64), nullable=False),  # digest of what was read
    sa.Column("matters", sa.JSON, nullable=False),
    sa.Column("dropped", sa.JSON, nullable=False),  # what did not check out, with its reason
    sa.Column("names", sa.JSON, nullable=False),  # who the speakers may be, with the words
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# Groups of evidence that a model named; a code once a person confirms one.
found_themes = sa.Table(
    "found_themes",
    metadata,
    sa.Column("theme_id", sa.String(64), primary_key=True),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# Where a model put a matter of a reading: under a code or a theme it found, or (``theme_id`` empty)
# under none. No foreign key to either: what was merged away is looked up, and an undo brings it
# back.
placements = sa.Table(
    "placements",
    metadata,
    _call_id(primary_key=True),
    sa.Column("matter", sa.Integer, primary_key=True),  # its number in the reading
    sa.Column("theme_id", sa.String(64), nullable=False),
    sa.Column("against", sa.Boolean, nullable=False),  # it speaks against the theme
)

# What was asked of a model and came back, so that the same is not asked and paid for twice.
model_replies = sa.Table(
    "model_replies",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),  # digest of model, prompt and input
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("calls", sa.JSON, nullable=False),  # ids of the calls whose words went into it
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# Every request to a model: what for, how much, at what price. Holds nothing that anybody said.
model_usage = sa.Table(
    "model_usage",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("prompt", sa.String(40), nullable=False),  # its name
    sa.Column("purpose", sa.String(12), nullable=False),  # call, themes, question, memo
    sa.Column("subject", sa.String(64), nullable=False),  # id of the call, question or memo
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float),  # null where no price is known
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# Facts about the home as a whole: which embedder made the vectors, the start date.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

# The workspaces of a home, told by the main one, which has a row itself only when it was given a
# title. In the databases of the others it is empty.
workspaces = sa.Table(
    "workspaces",
    metadata,
    sa.Column("name", sa.String(31), primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True)),
)

# A value for each of the tables that triggers give anew whenever a row of it changes; see
# ingest/stamps.py.
stamps = sa.Table(
    "stamps",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

# The same for each call: a value that triggers give anew whenever a row of it changes.
call_stamps = sa.Table(
    "call_stamps",
    metadata,
    sa.Column("call_id", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

# The files of watched folders and buckets that were looked at, by the digest of where they lie: no
# name is kept. A row outlives its call, so that what was erased does not come in again.
watched = sa.Table(
    "watched",
    metadata,
    sa.Column("file", sa.String(64), primary_key=True),
    sa.Column("stamp", sa.String(200), nullable=False),  # another once the file is another
    sa.Column("aside", sa.String(64), nullable=False),  # likewise for what is said beside it
    sa.Column("state", sa.String(10), nullable=False),  # taken, failed, skipped
    sa.Column("content_sha256", sa.String(64), nullable=False),  # of its bytes; empty: not known
    sa.Column("call_id", sa.String(64), sa.ForeignKey("calls.call_id", ondelete="SET NULL")),
    sa.Column("given", sa.JSON, nullable=False),  # marks of what the call was told; see remembered
    sa.Column("unmatched", sa.Boolean, nullable=False),  # said to be of an account that is none
    sa.Index("ix_watched_content", "content_sha256"),
    sa.Index("ix_watched_call", "call_id"),
)

# --- derived -----------------------------------------------------------------------------------

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("passage_id", sa.String(120), primary_key=True),
    _call_id(),
    sa.Column("size", sa.String(10), nullable=False),  # which of the window sizes
    sa.Column("first", sa.Integer, nullable=False),  # utterances first..last, inclusive
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("role", sa.String(10), nullable=False),  # whose words it is kept for
    sa.Column("text", sa.Text, nullable=False),  # what was embedded, speaker names in it
    sa.Column("vector", sa.LargeBinary, nullable=False),  # float32, little endian, unit length
    sa.Index("ix_passages_role", "role", "call_id", "passage_id"),
    sa.Index("ix_passages_call", "call_id"),
)

# What Chroma may hold of a call's passages of one role: told before it is given them, and removed
# after they were, so that nothing lies there unknown. No foreign key: a call that is gone is to be
# removed there too.
fed = sa.Table(
    "fed",
    metadata,
    sa.Column("collection", sa.String(64), primary_key=True),  # Chroma's own id of it
    sa.Column("stamp", sa.String(120), primary_key=True),  # id of the first of the passages
    sa.Column("passages", sa.Integer, nullable=False),  # how many follow one another from there
    sa.Column("done", sa.Boolean, nullable=False),  # Chroma has all of them
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("evidence_id", sa.String(120), primary_key=True),
    _call_id(),
    sa.Column("utterance", sa.Integer, nullable=False),
    sa.Column("first_char", sa.Integer, nullable=False),  # the quote is text[first_char:end_char]
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),  # pain, request, praise, risk, competitor
    sa.Column("strength", sa.Integer, nullable=False),  # 1 to 3
    sa.Column("hand", sa.String(5), nullable=False),  # first, third
    sa.Column("role", sa.String(10), nullable=False),  # internal evidence is kept apart
    sa.Column("content", sa.Boolean, nullable=False, server_default=sa.false()),  # no trouble here
    sa.Column("by_person", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("matter", sa.Integer),  # of the model's reading; null: found by rules or a person
    sa.Column("missed", sa.Boolean, nullable=False, server_default=sa.false()),  # by the model
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("ix_evidence_call", "call_id"),
)
