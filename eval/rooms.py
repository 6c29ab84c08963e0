"""``python -m eval bench --only rooms``: what a visit to each room of the page costs.

Real Chromium in front of ``firsthand serve``, over the bundled sample and over 500 calls of a whole
customer base (``eval.population``). For each room: the bytes over the wire with an empty cache,
without sound, and the first paint; then, without the browser, which would take the server's cores,
the server's time for the page and for each answer it asked for, one after another, of which the
slowest counts. The first of each warm the server and are not counted. Before them, jumps all over
an hour's recording. Wall times: on a busy machine they are upper bounds.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Request as Asked

from eval.bench import Figure
from eval.population import Population
from eval.served import wait_for
from ingest.accounts import read_accounts
from ingest.audio import decode
from ingest.channels import mixed
from ingest.library import Library, Options
from ingest.models import RATE
from ingest.pipeline import About, receive
from ingest.playback import make
from ingest.store import playback_name, put_accounts, update_call
from ingest.tables import accounts, calls, memos
from service import codebook_files, sample
from service.adding import Adding
from service.demo import START, TODAY
from service.drafting import draft_and_save
from service.hands import dismiss
from service.shapes import Filters

WARM, VISITS = 2, 8
QUESTION = "/ask?q=What+do+our+top+customers+need%3F"
_SETTLED_MS = 60_000

# The bytes of a visit and its first paint.
_READ = """() => {
  const every = [...performance.getEntriesByType("navigation"),
                 ...performance.getEntriesByType("resource")]
    .filter((e) => !/\\/audio$|\\/events/.test(new URL(e.name).pathname));
  return {
    bytes: every.reduce((sum, e) => sum + e.transferSize, 0),
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
  };
}"""

_JUMPS = """async (places) => {
  const sound = new Audio(`/api/calls/${document.getElementById("main").dataset.call}/audio`);
  const once = (name) => new Promise((done) => sound.addEventListener(name, done, { once: true }));
  sound.muted = true;
  const known = once("loadedmetadata");
  sound.preload = "metadata";
  await known;
  const took = [];
  for (const at of places) {
    sound.pause();
    const started = performance.now();
    sound.currentTime = at;
    const playing = once("playing");
    await Promise.all([sound.play(), playing]);
    took.push(performance.now() - started);
  }
  return took;
}"""


@dataclass(frozen=True, slots=True)
class Visits:
    """p95 of the server's slowest answer and of the first paint, ms; most bytes."""

    slowest_ms: float
    paint_ms: float
    kilobytes: float


def run() -> Iterator[Figure]:
    """Every room over both homes."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {"sample": Path(folder) / "sample", "500 calls": Path(folder) / "many"}
        # Before Chromium: its driver's event loop in this thread keeps the jobs from theirs.
        _sample(homes["sample"])
        _crowd(homes["500 calls"])
        with _chromium() as browser:
            yield from seeking(browser, Path(folder))
            for (told, home), most_ms in zip(homes.items(), (50.0, 150.0), strict=True):
                for room, visits in visited(browser, home):
                    name = f"rooms: {told}, {room}"
                    yield Figure(f"{name}, slowest answer p95 ms", visits.slowest_ms, most_ms)
                    yield Figure(f"{name}, kB", visits.kilobytes, 150.0)
                    yield Figure(f"{name}, first paint p95 ms", visits.paint_ms, 300.0)


def seeking(browser: Browser, folder: Path) -> Iterator[Figure]:
    """Jumps all over an hour's recording, played from its copy: from the jump to sound."""
    path = folder / "hour.wav"
    _hour(path)
    library = Library(folder / "hour", Options(models=folder))
    call_id = receive(library, path, About()).call_id
    started = time.process_time()
    make(library, call_id)
    yield Figure("rooms: a copy to play of an hour, CPU s", time.process_time() - started, None)
    with library.change() as connection:
        update_call(connection, call_id, state="ready")
        name = playback_name(connection, call_id) or ""
    yield Figure("rooms: a copy to play of an hour, MB", library.media.size(name) / 1e6, None)
    library.close()
    with _served(folder / "hour") as address:
        page = browser.new_page()
        page.goto(f"{address}/calls/{call_id}")
        took = page.evaluate(_JUMPS, [3600.0 * (n * 37 % 100) / 100 for n in range(1, 41)])
        page.close()
    yield Figure("rooms: an hour, jump to sound, p95 ms", float(np.percentile(took, 95)), 200.0)


def _hour(path: Path) -> None:
    """An hour of the sample's recordings, over and over, as WAV."""
    spoken = [mixed(decode(r.path, rate=RATE)) for r in sample.recordings()]
    turns = [(np.concatenate(list(one), axis=1) * 32767).astype("<i2").tobytes() for one in spoken]
    left = 3600 * RATE * 2
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for turn in itertools.cycle(turns):
            file.writeframes(turn[:left])
            left -= len(turn)
            if left <= 0:
                return


def visited(browser: Browser, home: Path, n: int = VISITS) -> Iterator[tuple[str, Visits]]:
    """Each room of a home, visited ``n`` times."""
    with _served(home) as address:
        for room, path in _rooms(home).items():
            asked: dict[tuple[str, str], Request] = {}
            seen = [_visit(browser, address + path, asked) for _ in range(WARM + n)]
            size, paint = zip(*seen[WARM:], strict=True)
            slowest = [max(map(_answer_ms, asked.values())) for _ in range(WARM + n)]
            yield (
                room,
                Visits(
                    float(np.percentile(slowest[WARM:], 95)),
                    float(np.percentile(paint, 95)),
                    float(np.max(size)) / 1000,
                ),
            )


def _visit(
    browser: Browser, address: str, asked: dict[tuple[str, str], Request]
) -> tuple[float, float]:
    """Bytes and first paint; what was asked of the server but files goes into ``asked``."""
    context = browser.new_context()  # with nothing in its cache
    page = context.new_page()

    def note(request: Asked) -> None:
        if not re.search(r"/static/|/events$|/audio$|/healthz$", request.url):
            body = request.post_data_buffer
            headers = {"Accept-Encoding": "gzip"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            made = Request(request.url, data=body, headers=headers, method=request.method)
            asked[request.method, request.url] = made

    page.on("request", note)
    page.goto(address, timeout=_SETTLED_MS)
    page.wait_for_load_state("networkidle", timeout=_SETTLED_MS)
    told = page.evaluate(_READ)
    context.close()
    return told["bytes"], told["paint"]


def _answer_ms(request: Request) -> float:
    started = time.perf_counter()
    with urlopen(request, timeout=60) as answer:
        answer.read()
    return 1000 * (time.perf_counter() - started)


def _rooms(home: Path) -> dict[str, str]:
    library = Library(home, Options(models=home))
    with library.read() as connection:
        call = connection.scalar(sa.select(calls.c.call_id).order_by(calls.c.call_id))
        account = connection.scalar(
            sa.select(accounts.c.account_id).order_by(accounts.c.arr_usd.desc())
        )
        memo = connection.scalar(sa.select(memos.c.memo_id))
    library.close()
    return {
        "home": "/",
        "calls": "/calls",
        "a call": f"/calls/{call}",
        "ask": "/ask",
        "an answer": QUESTION,
        "themes": "/themes",
        "accounts": "/accounts",
        "an account": f"/accounts/{account}",
        "memos": "/memos",
        "a memo": f"/memos/{memo}",
        "settings": "/settings",
    }


# --- homes -----------------------------------------------------------------------------------


def _sample(home: Path) -> None:
    """The bundled sample as transcripts: sound is not what is measured."""
    library = Library(home, Options(models=home))
    with library.change() as connection:
        put_accounts(connection, read_accounts(sample.accounts()))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sample.calls():
        adding.receive(path, About())
    adding.finish()
    codebook_files.import_file(library, sample.codebook())
    draft_and_save(library, filters=Filters(top=20), start=START, today=TODAY)
    library.close()
    dismiss()


def _crowd(home: Path) -> None:
    library = Library(home, Options(models=home))
    Population(library).grow(500)
    draft_and_save(library, filters=Filters(top=20), start=None, today=TODAY)
    library.close()
    dismiss()


# --- processes -------------------------------------------------------------------------------


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium")
        if path is None:
            raise SystemExit("There is no Chromium to visit the rooms with; install `chromium`.")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """``firsthand serve`` without a worker; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTHAND_")}
    command = [sys.executable, "-m", "service.cli", "--home", str(home), "serve", "--no-worker"]
    with subprocess.Popen([*command, "--port", str(port)], env=environment) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address)
            yield address
        finally:
            process.terminate()
