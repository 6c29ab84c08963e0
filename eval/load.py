"""``python -m eval load``: a team at work on one server, at the pace of people.

``firsthand serve`` on loopback over the sample's calls, with users, masking and the audit log.
Everybody is signed in with a session as a browser has it: opens a room with what it asks for, asks
a question, or jumps in a recording, and then thinks for some seconds. Meanwhile recordings come in,
evenly over the first half of the time, and are transcribed. People and server share the cores.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from eval.bench import Figure
from eval.load_home import PASSWORD, Memory, made, recordings, served

PEOPLE, RECORDINGS = 50, 20
THINKS_S = 5.0  # between two things that somebody does, in the mean
SIGN_IN_S = 60.0  # everybody within so long
PAGE_MS = 500.0
QUESTIONS = (
    "What do our top customers need?",
    "Why do customers count stock by hand?",
    "What did they say about invoices?",
    "Who asked for an export?",
    "What would make them leave?",
    "Which work takes hours every week?",
    "What do they like?",
    "How do they get data out today?",
)


@dataclass
class Seen:
    """What people waited for, ms, by what it was; ``errors`` by what and how it failed."""

    pages: list[float] = field(default_factory=list)  # a room with all that it asks for
    answers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Known:
    calls: list[str]
    heard: str  # the call that can be played
    accounts: list[str]
    memos: list[str]


class Visitor:
    """Somebody who is signed in and works."""

    def __init__(self, client: httpx2.AsyncClient, known: Known, seen: Seen, seed: int) -> None:
        self._client, self._known, self._seen = client, known, seen
        self._random = random.Random(seed)

    async def sign_in(self, name: str) -> None:
        given = {"name": name, "password": PASSWORD}
        while not await self._asked("POST", "/api/session", json=given):
            await asyncio.sleep(2.0)  # too many come at once; each refusal counts as an error

    async def work(self, until: float) -> None:
        doing: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (0.55, self._visit),
            (0.25, self._ask),
            (0.20, self._jump),
        ]
        weights, deeds = zip(*doing, strict=True)
        while time.monotonic() < until:
            [deed] = self._random.choices(deeds, weights)
            await deed()
            await asyncio.sleep(self._random.expovariate(1 / THINKS_S))

    async def _visit(self) -> None:
        """A room and what its scripts ask for; together what its reader waits for."""
        page, wants = self._random.choice(self._rooms())
        started = time.perf_counter()
        whole = await self._asked("GET", page, told="the page itself")
        some = await asyncio.gather(*(self._asked("GET", one) for one in wants))
        if whole and all(some):
            self._seen.pages.append(1000 * (time.perf_counter() - started))

    def _rooms(self) -> list[tuple[str, list[str]]]:
        known, pick = self._known, self._random.choice
        call, account, memo = pick(known.calls), pick(known.accounts), pick(known.memos)
        return [
            ("/", ["/api/home", "/api/home/needs"]),
            ("/calls", ["/api/calls", "/api/accounts"]),
            (f"/calls/{call}", [f"/api/calls/{call}", f"/api/calls/{call}/evidence"]),
            ("/ask", ["/api/ask/suggestions", "/api/answers?limit=20"]),
            ("/themes", ["/api/themes?quotes=2&only=groups", "/api/codes?dismissed=true"]),
            ("/accounts", ["/api/accounts", "/api/coverage"]),
            (f"/accounts/{account}", [f"/api/accounts/{account}"]),
            ("/memos", ["/api/memos", "/api/jobs?kind=memo"]),
            (f"/memos/{memo}", [f"/api/memos/{memo}/document"]),
        ]

    async def _ask(self) -> None:
        question = self._random.choice(QUESTIONS)
        await self._asked("POST", "/api/ask", json={"question": question})

    async def _jump(self) -> None:
        first = self._random.randrange(0, 400_000, 1000)
        headers = {"Range": f"bytes={first}-{first + 65_535}"}
        await self._asked("GET", f"/api/calls/{self._known.heard}/audio", headers=headers)

    async def _asked(self, method: str, path: str, told: str = "", **more: Any) -> bool:
        name = told or f"{method} {_kind(path, self._known)}"
        started = time.perf_counter()
        try:
            response = await self._client.request(method, path, **more)
        except httpx2.HTTPError as error:
            self._seen.errors[f"{name}: {type(error).__name__}"] += 1
            return False
        self._seen.answers[name].append(1000 * (time.perf_counter() - started))
        if response.status_code >= 400:
            self._seen.errors[f"{name}: {response.status_code} {response.text[:200]}"] += 1
        return response.status_code < 400


def _kind(path: str, known: Known) -> str:
    """The path without what it is about."""
    for one in (known.heard, *known.calls, *known.accounts, *known.memos):
        path = path.replace(f"/{one}", "/…")
    return path.partition("?")[0]


def run(minutes: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        print("… filling a home", file=sys.stderr)
        names, known = made(home, PEOPLE)
        files = recordings(Path(folder), RECORDINGS)
        with served(home) as server:
            seen = Seen()
            memory = Memory(server.pid)
            asyncio.run(_work(server.address, names, Known(*known), files, seen, memory, minutes))
            return list(_figures(seen, memory))


async def _work(
    address: str,
    names: list[str],
    known: Known,
    files: list[Path],
    seen: Seen,
    memory: Memory,
    minutes: float,
) -> None:
    until = time.monotonic() + 60 * minutes
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(memory.watch())
        people = [
            group.create_task(_person(address, name, known, seen, n, until))
            for n, name in enumerate(names)
        ]
        bringing = group.create_task(_bring(address, names[0], known, files, seen, 30 * minutes))
        await asyncio.gather(*people, bringing)
        watching.cancel()


def _client(address: str) -> httpx2.AsyncClient:
    # As a browser: its origin with every change, packed answers, a minute's patience. It leaves a
    # connection before the server does (after 75 s), as it would else send into one being closed.
    limits = httpx2.Limits(keepalive_expiry=3)
    return httpx2.AsyncClient(
        base_url=address, headers={"Origin": address}, timeout=60, limits=limits
    )


async def _person(address: str, name: str, known: Known, seen: Seen, n: int, until: float) -> None:
    async with _client(address) as client:
        await asyncio.sleep(SIGN_IN_S * n / PEOPLE)
        visitor = Visitor(client, known, seen, n)
        await visitor.sign_in(name)
        await visitor.work(until)


async def _bring(
    address: str, name: str, known: Known, files: list[Path], seen: Seen, within_s: float
) -> None:
    """An editor sends the recordings one after another."""
    async with _client(address) as client:
        await Visitor(client, known, seen, PEOPLE).sign_in(name)
        for path in files:
            started = time.perf_counter()
            sent = await client.post(
                "/api/calls", files={"file": (path.name, path.read_bytes(), "audio/wav")}
            )
            seen.answers["POST /api/calls"].append(1000 * (time.perf_counter() - started))
            if sent.status_code != 202:
                seen.errors[f"POST /api/calls: {sent.status_code} {sent.text[:200]}"] += 1
            await asyncio.sleep(within_s / len(files))
        jobs = (await client.get("/api/jobs?kind=ingest&limit=1000")).json()
        states = Counter(job["state"] for job in jobs)
        print(f"… all recordings are sent: {dict(states)}", file=sys.stderr)


def _figures(seen: Seen, memory: Memory) -> Iterator[Figure]:
    every = [ms for some in seen.answers.values() for ms in some]
    for what, n in seen.errors.items():
        print(f"! {n} × {what}", file=sys.stderr)
    yield Figure("load: requests", len(every), None)
    yield Figure("load: errors", seen.errors.total(), 0.0)
    for name, some, most in (
        ("a page", seen.pages, PAGE_MS),
        ("an answer of the API", every, None),
    ):
        for share in (50, 95, 99):
            value = float(np.percentile(some, share))
            yield Figure(f"load: {name}, p{share} ms", value, most if share == 95 else None)
    for name, some in sorted(seen.answers.items()):
        yield Figure(f"load: {name}, p95 ms of {len(some)}", float(np.percentile(some, 95)), None)
    for name, at in memory.curves().items():
        yield Figure(f"load: {name}, MB at a third of the time", at[len(at) // 3], None)
        yield Figure(f"load: {name}, MB in the end", at[-1], 1.1 * at[len(at) // 3])
        yield Figure(f"load: {name}, most MB", max(at), None)
