"""A home with a corpus in it, filled through the public verbs as ``firsthand add`` does it.

Filling is most of a run. A home kept between runs is used again while the corpus and the code that
reads calls are the same; what is measured always runs on a copy, so that codes and memos of one run
are not there in the next.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ingest
from eval.cases import Corpus
from eval.watching import watched
from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.llm import ModelOptions
from ingest.pipeline import About
from ingest.store import put_accounts
from service.adding import Adding

_STAMP = "filled-from"


@dataclass(frozen=True, slots=True)
class Reader:
    """The model that reads the calls. ``key`` is added to its homes' name; a home of another
    ``stamp`` is filled anew. ``database`` is an empty one's URL, for homes that are not kept."""

    options: ModelOptions | None = None
    key: str = ""
    stamp: str = ""
    database: str | None = None


NOBODY = Reader()


@contextmanager
def filled(corpus: Corpus, kept: Path | None, reader: Reader = NOBODY) -> Iterator[Library]:
    """An open library that holds the corpus, no codes and no memos; gone afterwards.

    ``kept`` is a folder in which the filled home stays for the next run by the same ``reader``.
    """
    with tempfile.TemporaryDirectory(prefix="firsthand-eval-") as folder:
        home = Path(folder) / "home"
        if kept is None:
            fill(corpus, home, reader)
        else:
            shutil.copytree(_kept(corpus, kept, reader), home)
        library = _open(home, reader)
        try:
            yield library
        finally:
            library.close()


def _kept(corpus: Corpus, folder: Path, reader: Reader) -> Path:
    """The filled home in ``folder``, filled now unless it was, from the same files and code."""
    home, now = folder / f"{corpus.name}{reader.key}", fingerprint(corpus) + reader.stamp
    stamp = home / _STAMP
    if not stamp.exists() or stamp.read_text() != now:
        folder.mkdir(parents=True, exist_ok=True)
        # A path that no index was open at in this process, and never half a home.
        fresh = Path(tempfile.mkdtemp(dir=folder, prefix=f"{corpus.name}-"))
        fill(corpus, fresh, reader)
        (fresh / _STAMP).write_text(now)
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)
    return home


def fill(corpus: Corpus, home: Path, reader: Reader = NOBODY) -> None:
    """Import the accounts, add every call, and have the model read them if there is one.

    Raises when a call could not be added.
    """
    library = _open(home, reader)
    try:
        with library.change() as connection:
            put_accounts(connection, read_accounts(corpus.folder / "accounts.csv"))
        adding = Adding(library, transcriber=None, report=lambda _job: None)
        for path in sorted((corpus.folder / "calls").glob("*.json")):
            adding.receive(path, About())
        adding.finish()
        errors = adding.outcome().errors
        if errors:
            raise RuntimeError("; ".join(error.error for error in errors))
        read_by_model(library)
    finally:
        library.close()


def read_by_model(library: Library) -> None:
    """Have the model read the calls it has not read, and sort what has no place yet.

    Nothing where there is no model.
    """
    from service.model_reading import see_to

    with watched(library):
        for problem in see_to(library).unread:
            print(f"… {problem}", file=sys.stderr)


def fingerprint(corpus: Corpus) -> str:
    """Changes when the accounts, a call or the code and weights of the ingest floor change."""
    files = [corpus.folder / "accounts.csv", *sorted((corpus.folder / "calls").glob("*.json"))]
    code = Path(ingest.__path__[0])
    files += sorted(p for p in code.rglob("*") if p.suffix in (".py", ".onnx", ".json"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _open(home: Path, reader: Reader) -> Library:
    options = Options(models=home / "models", model=reader.options, database_url=reader.database)
    return Library(home, options)
