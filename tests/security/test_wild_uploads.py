"""Files made wrong and named worse, sent to a running server: it lives, stays small, and in the
end nothing is half there. FIRSTHAND_BIG=1 sends two thousand.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import sqlalchemy as sa

from ingest.library import Library
from ingest.store import files, list_calls
from ingest.tables import metadata, passages
from service.repairing import findings
from tests.conftest import BIG
from tests.durability.faults_home import (
    QUICK,
    all_ended,
    calls_of,
    check_files_whole,
    command,
    ended,
    jobs_of,
    open_home,
    until,
)
from tests.durability.processes import Web, below, is_worker
from tests.security.mutations import SENT_NAMES, Mutant, media, texts

MANY = 2000 if BIG else 60
_WAIT_S = 3600.0 if BIG else 600.0
_WARM = 12  # files after which everything that is loaded once is loaded
_SERVER, _WORKER = 150 << 20, 250 << 20  # by which each may grow after that
_PASSAGE = 20 << 10  # and the server by this much for each passage: its Chroma holds the vectors
_HAND = 2_500 << 20  # what a child process that works on files may ever take
_TUS = {"Tus-Resumable": "1.0.0"}


def test_a_server_outlives_them_and_nothing_is_half_there(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    outcomes: Counter[str] = Counter()
    with Web(home, env=QUICK, log=log) as web:
        assert web.ready(), log.read_text()
        library = open_home(home)
        until(lambda: _worker(web), "a worker")
        worker = _worker(web)
        for n, mutant in enumerate(_mutants()):
            outcomes[_sent(web.address, mutant, n)] += 1
            if n == _WARM:
                _await_all(library, outcomes)
                before = {pid: _resident(pid) for pid in (web.pid, worker)}
        _await_all(library, outcomes)
        assert web.lives
        assert _worker(web) == worker
        with library.read() as connection:
            kept = connection.scalar(sa.select(sa.func.count()).select_from(passages)) or 0
        for pid, most in ((web.pid, _SERVER + kept * _PASSAGE), (worker, _WORKER)):
            assert _resident(pid) - before[pid] < most, pid
            print(f"\n{(_resident(pid) - before[pid]) / 1e6:+.0f} MB", end="")
        for pid in below(web.pid):
            assert _resident(pid, "VmHWM") < _HAND
        answer = httpx2.get(f"{web.address}/api/calls", timeout=60)
        assert {call["state"] for call in answer.json()} <= {"ready"}
    states = Counter(job.state for job in jobs_of(library))
    print(f"\n{dict(outcomes)}, of which {dict(states)}")
    assert outcomes["taken in"] > MANY / 10
    assert outcomes["refused"] > MANY / 10
    assert states["done"] > MANY / 20
    for job in jobs_of(library):
        assert job.error is None or (10 < len(job.error) < 600 and job.error.isprintable()), job
    _check_whole(home)
    assert "nobody foresaw" not in log.read_text("utf-8", "replace")
    library.close()


def _mutants() -> Iterator[Mutant]:
    """Recordings and transcripts in turn; every third under a name that nobody here can give."""
    for n, pair in enumerate(zip(media(MANY // 2), texts(MANY // 2), strict=True)):
        for mutant in pair:
            name = mutant.name
            if n % 3 == 0:
                name = SENT_NAMES[n // 3 % len(SENT_NAMES)] + Path(name).suffix
            yield Mutant(name, mutant.body, mutant.how)


def _sent(address: str, mutant: Mutant, n: int) -> str:
    """What became of it, sent as a form or by tus."""
    told = (mutant.name, mutant.how)
    if n % 2:
        answer = httpx2.post(
            f"{address}/api/calls", files={"file": (mutant.name, mutant.body)}, timeout=300
        )
        taken = answer.status_code == 202
    else:
        name = base64.b64encode(mutant.name.encode("utf-8", "replace")).decode()
        said = {"Upload-Length": str(len(mutant.body)), "Upload-Metadata": f"filename {name}"}
        if len(said["Upload-Metadata"]) > 8000 or not mutant.body:
            name = base64.b64encode(b"short.wav").decode()
            said["Upload-Metadata"] = f"filename {name}"
        answer = httpx2.post(f"{address}/api/uploads", headers={**_TUS, **said}, timeout=60)
        if answer.status_code == 201 and mutant.body:
            headers = {
                **_TUS,
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
            }
            place = f"{address}{answer.headers['location']}"
            answer = httpx2.patch(place, headers=headers, content=mutant.body, timeout=300)
        taken = answer.status_code == 204
    if taken:
        return "taken in"
    # 404: it names an account that is not here.
    assert answer.status_code in (404, 409, 413, 422), (told, answer.status_code, answer.text)
    sentence = json.loads(answer.text)["detail"]
    assert 10 < len(sentence) < 600, told
    assert sentence.isprintable(), told
    return "broke its decoder" if "decoder broke off" in sentence else "refused"


def _await_all(library: Library, outcomes: Counter[str]) -> None:
    until(lambda: all_ended(library, min(1, outcomes["taken in"])), "an end", seconds=_WAIT_S)


def _worker(web: Web) -> int:
    return next((pid for pid in below(web.pid) if is_worker(pid)), 0)


def _resident(pid: int, which: str = "VmRSS") -> int:
    """Bytes of a process: now, or with ``VmHWM`` the most that it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) << 10
    return 0  # it ended


def _check_whole(home: Path) -> None:
    """No scrap, no row without its file, no file without its row; the doctor finds nothing."""
    check_files_whole(home)
    library = open_home(home)
    with library.read() as connection:
        rows = {call.call_id for call in list_calls(connection)}
        assert sorted(library.media.names()) == sorted(files(connection))
        for table in metadata.tables.values():
            if "call_id" in table.c and table.name not in ("calls", "jobs", "stage_runs"):
                of = set(connection.scalars(sa.select(table.c.call_id).distinct())) - {None}
                assert of <= rows, table.name
    assert {call.state for call in calls_of(library)} == {"ready"}
    assert [found.what for found in findings(library)] == []
    library.close()
    there = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    scraps = [p for p in there if any(part.startswith(".") for part in p.parts)]
    assert scraps == []
    # What an upload brought is gone with its outcome; one that is to be tried again has none yet.
    settled = {p.parent for p in there if p.parts[0] == "uploads" and p.name == "outcome.json"}
    assert not any("in" in p.parts and p.parents[1] in settled for p in there)
    # Nothing lies beside the home either, whatever a file was called.
    assert {path.name for path in home.parent.iterdir()} == {"home", "log"}
    status, said = ended(command(home, "doctor", "--json"))
    assert status == 0, said
    assert json.loads(said)["problems"] == []
