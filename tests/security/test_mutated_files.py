"""Thousands of files made wrong: each is taken in or refused with a sentence, and nothing is left
half done. FIRSTHAND_BIG=1 tries ten times as many.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.listen import NOBODY
from ingest.pipeline import About, process, receive
from ingest.stages import run
from ingest.store import files
from ingest.tables import calls, metadata
from service import hands
from service.erase import erase_unfinished
from service.hands import Hands
from service.handwork import Task
from service.looking import look
from tests.conftest import BIG
from tests.security.mutations import Mutant, media, texts

MANY = 2000 if BIG else 200
_WHOLE = 20  # of so many that can be used, one is worked on to the end
_MEMORY = 1 << 30  # for a hand
_OWN_MEMORY = 600 << 20  # by which this process may grow, models included


@pytest.fixture(autouse=True)
def _none_idle() -> Iterator[None]:
    hands.dismiss()
    yield
    hands.dismiss()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def test_recordings(library: Library, inbox: Path) -> None:
    some = Hands(1)

    def use(call_id: str) -> None:
        task = Task(
            home=library.home,
            options=library.options,
            kind="ingest",
            stage="decode",
            call_id=call_id,
            memo_id=None,
            request={},
            memory=_MEMORY,
        )
        some.do(task, NOBODY, 300)

    outcomes = _all_of(library, inbox, media(MANY), use)
    assert outcomes["used"] > MANY / 20
    assert outcomes["refused"] > MANY / 10
    # It may; then the sentence cannot say what is wrong with the file.
    assert outcomes["broke its decoder"] <= MANY / 100


def test_transcripts(library: Library, inbox: Path) -> None:
    def use(call_id: str) -> None:
        for stage in ("store", "decode", "speakers"):
            run(library, call_id, stage)

    outcomes = _all_of(library, inbox, texts(MANY), use)
    assert outcomes["used"] > MANY / 20
    assert outcomes["refused"] > MANY / 10


def _all_of(
    library: Library, inbox: Path, mutants: Iterator[Mutant], use: Callable[[str], None]
) -> Counter[str]:
    """Have each taken in and worked on; what became of how many."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes: Counter[str] = Counter()
    for mutant in mutants:
        path = _written(inbox, mutant)
        call_id = None
        try:
            call_id = receive(library, path, About(), look=look).call_id
            use(call_id)
            if outcomes["used"] % _WHOLE == 0:
                process(library, call_id)
            outcomes["used"] += 1
        except FirsthandError as refused:
            outcomes["refused"] += 1
            sentence = str(refused)
            outcomes["broke its decoder"] += "the decoder broke off" in sentence
            assert 10 < len(sentence) < 600, mutant.how
            assert sentence.isprintable(), mutant.how
            if call_id is not None:
                erase_unfinished(library, call_id)  # as a job does that found nothing of use
        except Exception as problem:
            raise AssertionError(f"{mutant.name!r} ({mutant.how})") from problem
        path.unlink()
        _check_whole(library, mutant)
    assert not any(inbox.iterdir())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < _OWN_MEMORY
    print(f"\n{dict(outcomes)}, {grown / 1e6:.0f} MB more")
    return outcomes


def _written(inbox: Path, mutant: Mutant) -> Path:
    path = inbox / mutant.name.replace("/", "_")
    if path.name in (".", ".."):
        path = inbox / "dots"
    path.write_bytes(mutant.body)
    return path


def _check_whole(library: Library, mutant: Mutant) -> None:
    """No file without its call, no call without its file, no row of what is gone, no scrap."""
    with library.read() as connection:
        rows = set(connection.scalars(sa.select(calls.c.call_id)))
        named = files(connection)  # copies for playing as well
        for table in metadata.tables.values():
            if "call_id" in table.c and table.name not in ("calls", "jobs"):
                of = set(connection.scalars(sa.select(table.c.call_id).distinct())) - {None}
                assert of <= rows, (mutant.how, table.name)
    there = [path for path in (library.home / "media").rglob("*") if path.is_file()]
    assert sorted(path.name for path in there) == sorted(named), mutant.how
    with suppress(FileNotFoundError):
        folders = {path.name for path in (library.home / "media").iterdir()}
        assert folders == {name[:2] for name in named}, mutant.how
