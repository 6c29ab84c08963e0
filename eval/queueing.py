"""What it costs to have work done durably, beside the work itself.

The worker's own process does nothing but orchestrate: its engine, the job rows, the signs of life.
The stages are done in its child processes, whose time is not counted here.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from eval.bench import Figure
from ingest.accounts import read_accounts
from ingest.errors import Conflict
from ingest.library import Library, Options
from ingest.pipeline import About, receive
from ingest.store import put_accounts
from ingest.tables import jobs
from service.jobs import OPEN, cancel, enqueue
from service.worker import Worker

CORPUS = Path(__file__).parent / "corpora" / "larkspur"
ASKED = 100  # for the time it takes to ask for work
_LONGEST_S = 600.0


def run() -> Iterator[Figure]:
    """CPU of the orchestration for each call on SQLite, and how long asking for work takes."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "home", Options(models=Path(folder)))
        with library.change() as connection:
            put_accounts(connection, read_accounts(CORPUS / "accounts.csv"))
        worker = Worker(library)
        worker.start()
        try:
            first, *rest = sorted((CORPUS / "calls").iterdir())
            _ask(library, first)
            _wait(library)
            before = _cpu_s()
            for path in rest:
                _ask(library, path)
            _wait(library)
            used = _cpu_s() - before
            yield Figure("jobs: the engine's CPU ms per call", 1000 * used / len(rest), 100.0)
            took = sorted(_ask(library, _another(first, folder, n)) for n in range(ASKED))
            yield Figure("jobs: asking for work, p95 ms", 1000 * took[int(0.95 * ASKED)], 30.0)
            _stop_all(library)
        finally:
            worker.stop()
            library.close()


def _ask(library: Library, path: Path) -> float:
    """Seconds that it took to queue the work on a file that was stored already."""
    call_id = receive(library, path, About()).call_id
    start = time.perf_counter()
    with library.change() as connection:
        enqueue(connection, "ingest", call_id=call_id, request={"called": path.name})
    return time.perf_counter() - start


def _another(path: Path, folder: str, n: int) -> Path:
    """The same call under another id, so that it is another file."""
    told = json.loads(path.read_text("utf-8"))
    other = Path(folder) / f"other-{n}.json"
    other.write_text(json.dumps({**told, "call_id": f"other-{n}"}), "utf-8")
    return other


def _stop_all(library: Library) -> None:
    with library.read() as connection:
        waiting = connection.scalars(sa.select(jobs.c.job_id).where(jobs.c.state.in_(OPEN))).all()
    for job_id in waiting:
        with suppress(Conflict):  # it has ended meanwhile
            cancel(library, job_id)


def _wait(library: Library) -> None:
    end = time.monotonic() + _LONGEST_S
    while time.monotonic() < end:
        with library.read() as connection:
            waiting = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.in_(OPEN))
            if not connection.scalar(waiting):
                return
        time.sleep(0.5)
    raise RuntimeError("the work did not end")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
