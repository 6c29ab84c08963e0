"""``python -m eval scale``: what asking and adding cost as a home grows to ten thousand calls.

Homes of a whole customer base (``eval.population``) of some sizes, each measured in a process of
its own, as a server is after its start: the first question, which reads the home; then kinds of
questions one after another; then calls of 200 utterances taken in by ``ingest.pipeline``, and the
first questions after each. Wall times, and CPU seconds of all threads: on a busy machine trust
those.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from eval.population import Population
from eval.scale import peak_gb
from ingest.library import Library, Options
from ingest.models import Account
from ingest.pipeline import About, process, receive
from ingest.store import list_accounts
from ingest.tables import calls, evidence, utterances
from service.ask import ask
from service.coverage import report
from service.erase import erase
from service.shapes import Filters
from service.themes import themes

SIZES = (1_000, 3_000, 10_000)
ADDED = 3  # calls
_TOPICS = (
    "invoices and parking",
    "the tablet freezing",
    "training new people",
    "the price of the drivers",
    "photos of the finished work",
)
_TODAY = date(2026, 11, 1)


Seconds = tuple[float, float]  # wall, CPU


@dataclass(frozen=True, slots=True)
class Costs:
    """What one home costs. ``kinds`` has the seconds of each question, by kind, as the clock and
    as the CPU tell them; ``first`` those of what is done once, by name.
    """

    calls: int
    utterances: int
    evidence: int
    database_gb: float
    kinds: dict[str, list[Seconds]] = field(default_factory=dict)
    first: dict[str, Seconds] = field(default_factory=dict)
    added_cpu_s: list[float] = field(default_factory=list)
    peak_gb: float = 0.0
    own_gb: float = 0.0

    def percentile(self, kind: str, share: float, *, cpu: bool = False) -> float:
        return float(np.percentile([told[cpu] for told in self.kinds[kind]], share))


def run(home: Path | None = None, sizes: Sequence[int] = SIZES) -> Iterator[Costs]:
    """Make or take a home of each size, then measure it. ``home`` is kept."""
    with tempfile.TemporaryDirectory() as folder:
        within = home or Path(folder)
        for size in sizes:
            held = within / f"calls-{size}"
            library = Library(held, _options())
            population = Population(library, within / "seeds.npy")
            made = _timed(partial(population.grow, size))
            library.close()
            command = [sys.executable, "-m", "eval.growth", str(held)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            costs = Costs(**json.loads(done.stdout))
            costs.first["the home made, unless it was there"] = made
            yield costs


def measure(library: Library, *, rounds: int = 3, added: int = ADDED) -> Costs:
    """The figures of an open home that was filled."""
    costs = _sized(library)
    with library.read() as connection:
        accounts = list_accounts(connection)
    kinds = questions(accounts)
    needs, topic, look_up = (kinds[kind][0] for kind in ("needs, all", "a topic", "look-up"))
    for name, asked in (
        ("first question", needs),
        ("first topic", topic),
        ("first look-up", look_up),
        ("first question who may leave", kinds["who may leave"][0]),
    ):
        costs.first[name] = _timed(_asking(library, *asked))
    for kind, asked_of in kinds.items():
        each = [_asking(library, *asked_of[n % len(asked_of)]) for n in range(rounds + 1)]
        each[0]()  # what a filter takes once
        costs.kinds[kind] = [_timed(one) for one in (*each[1:], each[0])]
    for name, done in (
        ("themes", lambda: themes(library, Filters())),
        ("coverage and board", lambda: report(library, Filters(), None, _TODAY)),
    ):
        costs.first[f"first {name}"] = _timed(done)
        costs.kinds[name] = [_timed(done) for _ in range(rounds)]
    _add(library, costs, accounts, kinds, added)
    own, most = _memory()
    return Costs(**{**asdict(costs), "peak_gb": most, "own_gb": own})


def questions(
    accounts: Sequence[Account],
) -> Mapping[str, Sequence[tuple[str, Filters | None]]]:
    """By kind, in the words of somebody who asks."""
    some = accounts[3:40:9]
    return {
        "needs, Top 20": [("What do our top customers need?", None)],
        "needs, all": [("What do customers need most?", None)],
        "needs, a tier": [
            ("What do our customers need?", Filters(tier=tier))
            for tier in ("SMB", "enterprise", "mid-market")
        ],
        "needs, a region": [
            ("What do our customers need?", Filters(region=region)) for region in ("EMEA", "APAC")
        ],
        "a topic": [(f"What do customers say about {topic}?", None) for topic in _TOPICS],
        "how many": [(f"How many customers complain about {topic}?", None) for topic in _TOPICS],
        "a code": [
            ("Which customers lose work without signal?", None),
            ("Who has to type finished jobs into the accounts again?", None),
        ],
        "a comparison": [(f"Do EMEA and APAC differ on {topic}?", None) for topic in _TOPICS],
        "who may leave": [("Which customers might leave us?", None)],
        "renewal": [(f"When does {one.name} renew?", None) for one in some],
        "look-up": [(f"What did {one.name} say about the scanner?", None) for one in some],
        "look-up, all": [
            ("How long did the pump room take with the tools on a rope?", None),
            ("Who has to wait for the drivers in the yard?", None),
        ],
    }


def _asking(library: Library, text: str, filters: Filters | None) -> Callable[[], object]:
    return lambda: ask(library, text, filters)


def _timed(done: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    done()
    return time.perf_counter() - wall, time.process_time() - cpu


def _add(
    library: Library,
    costs: Costs,
    accounts: Sequence[Account],
    kinds: Mapping[str, Sequence[tuple[str, Filters | None]]],
    added: int,
) -> None:
    """Take in calls and erase them again; what a question costs right after each."""
    after = ("needs, all", "needs, Top 20", "a topic", "look-up", "who may leave")
    made: list[str] = []
    population = Population(library)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(added):
            path = Path(folder) / f"added-{number}.json"
            path.write_text(_transcript(population, number), "utf-8")
            started = time.process_time()
            received = receive(library, path, About(account_id=accounts[number].account_id))
            process(library, received.call_id)
            costs.added_cpu_s.append(time.process_time() - started)
            made.append(received.call_id)
            for kind in after:
                seconds = _timed(_asking(library, *kinds[kind][0]))
                costs.kinds.setdefault(f"{kind}, after a call", []).append(seconds)
    for call_id in made:
        erase(library, call_id)


def _transcript(population: Population, number: int) -> str:
    """A call like the home's own that is not in it."""
    spoken, voices, _ = population.call(10**6 + number)
    told = {
        "call_id": f"added-{time.time_ns()}",
        "participants": [{"name": v.label, "role": v.role} for v in voices],
        "utterances": [{"i": u.i, "speaker": u.speaker, "text": u.text} for u in spoken],
    }
    return json.dumps(told)


def _sized(library: Library) -> Costs:
    with library.read() as connection:
        n_calls, n_utterances, n_items = (
            connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (calls, utterances, evidence)
        )
    size = sum(f.stat().st_size for f in library.home.rglob("*.db*")) / 1e9
    return Costs(n_calls, n_utterances, n_items, size)


def _memory() -> tuple[float, float]:
    """GB of this process that are its own now, and the most that it had at once, files mapped into
    memory included, which the system may take back.
    """
    told = Path("/proc/self/status")
    fields = dict(line.split(":", 1) for line in told.read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) / 1e6, peak_gb()


def _options() -> Options:
    return Options(models=Path("/nonexistent"))


if __name__ == "__main__":
    opened = Library(Path(sys.argv[1]), _options())
    print(json.dumps(asdict(measure(opened))))
    opened.close()
