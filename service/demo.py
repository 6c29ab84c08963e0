"""The demo: load the bundled sample and its codebook, ask, draft.

The sample is fictional and ships in the wheel. The page loads it as well, in the background.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ingest.accounts import read_accounts
from ingest.errors import BadInput, Conflict
from ingest.library import Library
from ingest.models import Frozen
from ingest.pipeline import About
from ingest.redaction import Redaction
from ingest.store import list_accounts, list_calls, put_accounts
from service import codebook_files, sample
from service.adding import Adding
from service.ask import ask
from service.drafting import draft_and_save
from service.export import render
from service.following import Report
from service.home_settings import SettingsChange, change_settings
from service.jobs import get_job
from service.redaction import shown
from service.shapes import Answer, Filters, Job, Memo

QUESTION = "What do our top customers need?"
# The sample plays in May 2026; its memo is drafted when it ends, on the 30th day.
START, TODAY = date(2026, 5, 4), date(2026, 6, 3)
MEMO_FORMATS = ("html", "docx", "pdf", "md")

Tell = Callable[[str], None]


class DemoResult(Frozen):
    """What the demo did. ``seconds`` is wall time of each step."""

    accounts: int
    recordings: int
    transcripts: int
    codes: int
    answer: Answer
    memo: Memo
    files: tuple[str, ...]
    seconds: dict[str, float]


class Loading(Frozen):
    """The sample on its way in: ``jobs`` hear and read its calls."""

    accounts: int
    codes: int
    jobs: tuple[Job, ...]


def load(library: Library) -> Loading:
    """Put the sample into an empty home; a worker hears and reads its calls.

    Raises ``Conflict`` when the home has calls, or accounts that are not the sample's: what is
    fictional is not mixed with what is real.
    """
    rows = read_accounts(sample.accounts())
    with library.change() as connection:
        strangers = {a.account_id for a in list_accounts(connection)} - {r.account_id for r in rows}
        if list_calls(connection):
            raise Conflict("This home has calls; load the sample into an empty one, with --home.")
        if strangers:
            raise Conflict(
                "This home has accounts of its own; load the sample into an empty one, with --home."
            )
        put_accounts(connection, rows)
    change_settings(library, SettingsChange(start=START))
    codes = codebook_files.import_file(library, sample.codebook())
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    # Transcripts first: they are read at once, and the page fills while recordings are heard.
    for transcript in sample.calls():
        adding.receive(transcript, About())
    for recording in sample.recordings():
        adding.receive(recording.path, About(recording.account_id, recording.date, recording.title))
    if errors := adding.outcome().errors:
        raise BadInput("; ".join(e.error for e in errors))
    with library.read() as connection:
        jobs = tuple(get_job(connection, job_id) for job_id in adding.job_ids)
    return Loading(accounts=len(rows), codes=len(codes), jobs=jobs)


def run(library: Library, tell: Tell, report: Report) -> DemoResult:
    """Fill ``library`` with the sample (what is there already stays), ask and draft."""
    clock = time.monotonic
    seconds: dict[str, float] = {}
    started = clock()
    rows = read_accounts(sample.accounts())
    with library.change() as connection:
        put_accounts(connection, rows)
    tell(f"Loaded {len(rows)} accounts.")

    recordings, transcripts = sample.recordings(), sample.calls()
    adding = Adding(library, transcriber=None, report=report)
    tell(f"Hearing {len(recordings)} recordings …")
    for recording in recordings:
        about = About(recording.account_id, recording.date, recording.title)
        adding.receive(recording.path, about)
    adding.finish()
    seconds["recordings"] = clock() - started
    started = clock()
    tell(f"Reading {len(transcripts)} transcripts …")
    for transcript in transcripts:
        adding.receive(transcript, About())
    adding.finish()
    seconds["transcripts"] = clock() - started
    errors = adding.outcome().errors
    if errors:
        raise BadInput("; ".join(e.error for e in errors))

    codes = codebook_files.import_file(library, sample.codebook())
    tell(f"Loaded a codebook of {len(codes)} themes, as somebody wrote it who had heard the calls.")
    started = clock()
    answer = ask(library, QUESTION)
    seconds["ask"] = clock() - started
    started = clock()
    memo = draft_and_save(library, filters=Filters(top=20), start=START, today=TODAY)
    with library.read() as connection:
        redaction = shown(library, connection)
    files = [_write(library.home, memo, kind, redaction) for kind in MEMO_FORMATS]
    seconds["memo"] = clock() - started
    return DemoResult(
        accounts=len(rows),
        recordings=len(recordings),
        transcripts=len(transcripts),
        codes=len(codes),
        answer=answer,
        memo=memo,
        files=tuple(files),
        seconds={name: round(value, 2) for name, value in seconds.items()},
    )


def _write(home: Path, memo: Memo, kind: str, redaction: Redaction) -> str:
    path = home / f"memo.{kind}"
    path.write_bytes(render(memo, kind, redaction))
    return str(path)
