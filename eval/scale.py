"""``python -m eval bench --only scale``: what searching and adding cost with very many passages.

A home of 100,000 passages (``eval.crowd``), then in a process of its own, as a server has them
after its start: searches over customers' words within one account and over all calls, each asking
for three words somebody said ("How long do invoices and drivers take with parking?"), and adding
transcripts of 200 real utterances by ``ingest.pipeline``, from file to searchable call. CPU seconds
count all threads; on a busy machine trust them rather than the wall times.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from eval.bench import Figure
from eval.crowd import account, fill, real_call
from ingest.keywords import content_terms
from ingest.library import Library, Options
from ingest.pipeline import About, process, receive
from ingest.search import search
from ingest.tables import calls, utterances

PASSAGES = 100_000
SEARCHES = 60
ADDED = 5  # calls
LENGTH = 200  # utterances of each, 20 words on average


def run(home: Path | None = None) -> list[Figure]:
    """Build (about three minutes) or take the home, then measure. ``home`` is kept."""
    with tempfile.TemporaryDirectory() as folder:
        held = home or Path(folder)
        library = Library(held, _options())
        fill(library, PASSAGES)
        library.close()
        command = [sys.executable, "-m", "eval.scale", str(held)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return [Figure(*told) for told in json.loads(done.stdout)]


def measure(library: Library, *, searches: int = SEARCHES, added: int = ADDED) -> Iterator[Figure]:
    """The figures of an open home that was filled."""
    started = time.process_time()
    questions = list(_questions(library, searches))
    _search(library, *questions[0])  # opens what a server has open
    yield Figure("scale: first search, CPU s", time.process_time() - started, None)
    for name, scoped, target in (("one account", True, 100.0), ("all calls", False, None)):
        costs = [_search(library, text, of if scoped else None) for text, of in questions]
        wall, cpu = np.percentile(costs, 95, axis=0) * 1000
        yield Figure(f"scale: search in {name}, p95 wall ms", float(wall), target)
        yield Figure(f"scale: search in {name}, p95 CPU ms", float(cpu), target)
    yield Figure("scale: memory after searching GB", peak_gb(), None)
    with tempfile.TemporaryDirectory() as folder:
        costs_s = [_add(library, Path(folder), number) for number in range(1 + added)]
    yield Figure("scale: first call added, CPU s", costs_s[0], None)
    yield Figure("scale: call of 200 utterances added, CPU s", float(np.median(costs_s[1:])), 1.5)
    yield Figure("scale: peak memory GB", peak_gb(), 1.0)


def _questions(library: Library, count: int) -> Iterator[tuple[str, list[str]]]:
    """Questions in words that somebody in an account said, with that account's calls."""
    rng = random.Random(0)
    c, u = calls.c, utterances.c
    with library.read() as connection:
        of_account: dict[str, list[str]] = {}
        for call_id, account_id in connection.execute(sa.select(c.call_id, c.account_id)):
            of_account.setdefault(account_id, []).append(call_id)
        for chosen in rng.sample(sorted(of_account), count):
            own = of_account[chosen]
            said = sa.select(u.text).where(u.call_id == rng.choice(own), u.speaker == "customer")
            words = content_terms(" ".join(connection.scalars(said)))
            some = rng.sample(words, 3)
            yield f"How long do {some[0]} and {some[1]} take with {some[2]}?", own


def _search(library: Library, question: str, scope: Sequence[str] | None) -> tuple[float, float]:
    """Seconds of the clock and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    with library.read() as connection:
        search(connection, library.index, library.embedder, question, call_ids=scope)
    return time.perf_counter() - wall, time.process_time() - cpu


def _add(library: Library, folder: Path, number: int) -> float:
    """CPU seconds of taking in a call of Larkspur's words from its transcript."""
    spoken, voices = real_call(LENGTH)
    path = folder / f"added-{number}.json"
    told = {
        "call_id": f"added-{time.time_ns()}",
        "participants": [{"name": v.label, "role": v.role} for v in voices],
        "utterances": [{"i": u.i, "speaker": u.speaker, "text": u.text} for u in spoken],
    }
    path.write_text(json.dumps(told), "utf-8")
    start = time.process_time()
    received = receive(library, path, About(account_id=account(number)))
    process(library, received.call_id)
    return time.process_time() - start


def peak_gb() -> float:
    """Of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _options() -> Options:
    return Options(models=Path("/nonexistent"))


if __name__ == "__main__":
    opened = Library(Path(sys.argv[1]), _options())
    print(json.dumps([(f.name, f.value, f.target, f.least) for f in measure(opened)]))
    opened.close()
