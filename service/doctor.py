"""The doctor: what is installed, which models are there, and what would leave this machine."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import sqlalchemy as sa

from ingest.library import Library
from ingest.models import Frozen
from ingest.tables import accounts, calls, utterances
from service.settings import Settings


class Part(Frozen):
    """A package or extra: ``None`` when it is not installed."""

    name: str
    version: str | None
    what_for: str


class Leaving(Frozen):
    """Data that would go to another machine under the present settings."""

    what: str
    where: str
    when: str


class Report(Frozen):
    """``leaving`` is empty when nothing leaves this machine."""

    version: str
    python: str
    home: str
    disk_free_gb: float
    calls: int
    accounts: int
    utterances: int
    transcriber: str
    transcriber_now: str
    parts: tuple[Part, ...]
    leaving: tuple[Leaving, ...]
    problems: tuple[str, ...]


_PARTS = (
    ("moonshine-voice", "default recogniser's weights"),
    ("onnxruntime", "recogniser, voices and sentence vectors"),
    ("chromadb", "vector store"),
    ("faster-whisper", "Whisper: extra [whisper]"),
    ("openai", "hosted transcription: extra [openai]"),
)


def examine(library: Library, settings: Settings) -> Report:
    """Look at this machine and this home; nothing is changed or fetched."""
    from ingest.errors import FirsthandError
    from ingest.transcribe import open_transcriber

    problems = []
    try:
        engine = open_transcriber(library.options)
        now = f"{engine.name} {engine.model}"
    except FirsthandError as problem:
        now = "none"
        problems.append(str(problem))
    with library.read() as connection:
        if apart := library.index.apart(connection):
            problems.append(
                f"The index lacks {len(apart.missing)} passages and holds {len(apart.orphans)} "
                "of no call; `firsthand doctor --repair` mends it."
            )
        counts = {t.name: _count(connection, t) for t in (calls, accounts, utterances)}
    return Report(
        version=version("firsthand"),
        python=platform.python_version(),
        home=str(library.home),
        disk_free_gb=round(shutil.disk_usage(library.home).free / 1e9, 1),
        calls=counts["calls"],
        accounts=counts["accounts"],
        utterances=counts["utterances"],
        transcriber=settings.transcriber,
        transcriber_now=now,
        parts=tuple(Part(name=n, version=_version(n), what_for=w) for n, w in _PARTS),
        leaving=_leaving(settings),
        problems=tuple(problems),
    )


def mend(library: Library) -> None:
    """Bring the index in line with the database. Raises ``Conflict`` while the home is in use."""
    with library.writing(), library.change() as connection:
        library.index.mend(connection)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _leaving(settings: Settings) -> tuple[Leaving, ...]:
    if settings.transcriber != "openai":
        return ()
    url = settings.openai_base_url or "https://api.openai.com/v1"
    return (
        Leaving(
            what="the sound of every recording added, and the names of its account and people",
            where=urlsplit(url).netloc,
            when="when a recording is transcribed",
        ),
    )
