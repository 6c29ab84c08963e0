"""The doctor: what is installed, which models are there, and what would leave this machine."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Collection, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.llm.spending import spent
from ingest.models import Frozen
from ingest.tables import accounts, calls, model_usage, utterances
from service import seal
from service.repairing import Finding, findings
from service.settings import Settings


class Part(Frozen):
    """A package or extra: ``None`` when it is not installed."""

    name: str
    version: str | None
    what_for: str


Act = Literal["add", "read", "ask", "memo", "digest"]


class Leaving(Frozen):
    """Data that would go to another machine under the present settings.

    ``where`` is the host, ``how`` the model there and what is masked; ``acts`` are what a person
    does that sends it.
    """

    what: str
    where: str
    when: str
    how: str
    acts: tuple[Act, ...]


class Report(Frozen):
    """``leaving`` is empty when nothing leaves this machine; ``mended`` is what was repaired;
    ``seal`` is the kernel's version of it, 0 where it has none (``service.seal``).
    """

    version: str
    python: str
    home: str
    disk_free_gb: float
    calls: int
    accounts: int
    utterances: int
    transcriber: str
    transcriber_now: str
    model: str | None
    model_requests: int
    model_spent_usd: float
    parts: tuple[Part, ...]
    leaving: tuple[Leaving, ...]
    problems: tuple[str, ...]
    mended: tuple[str, ...] = ()
    seal: int = 0


_OPENAI = "https://api.openai.com/v1"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TOLD = "told_leaving"  # the fact that says of what people were told that it leaves
_PARTS = (
    ("moonshine-voice", "default recogniser's weights"),
    ("onnxruntime", "recogniser, voices and sentence vectors"),
    ("chromadb", "vector store"),
    ("faster-whisper", "Whisper: extra [whisper]"),
    ("langchain", "language models, when FIRSTHAND_MODEL names one"),
    ("openai", "hosted transcription"),
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
    problems += [_told(found) for found in findings(library)]
    with library.read() as connection:
        requests = _count(connection, model_usage)
        money = spent(connection)
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
        model=settings.model,
        model_requests=requests,
        model_spent_usd=money,
        parts=tuple(Part(name=n, version=_version(n), what_for=w) for n, w in _PARTS),
        leaving=leaving(settings, library),
        problems=tuple(problems),
        seal=seal.version(),
    )


def _told(found: Finding) -> str:
    return f"{found.what} `firsthand doctor --repair` mends it." if found.mend else found.what


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def leaving(settings: Settings, library: Library | None = None) -> tuple[Leaving, ...]:
    """Everything that would be sent away under these settings, and by the hooks of ``library``;
    empty when nothing would.
    """
    return (
        *_files(settings),
        *_watched(settings),
        *_sound(settings),
        *_words(settings),
        *_vectors(settings),
        *_traces(settings),
        *_digest(settings),
        *(() if library is None else _hooks(library)),
    )


def news(library: Library, settings: Settings, acts: Collection[Act]) -> tuple[Leaving, ...]:
    """What ``acts`` would send that this home has not been told of; from now on it has.

    Another host, model or masking is news again.
    """
    sent = [one for one in leaving(settings, library) if set(acts) & set(one.acts)]
    if not sent:
        return ()
    with library.change() as connection:
        known = fact(connection, _TOLD)
        told = list(known) if isinstance(known, list) else []
        fresh = tuple(one for one in sent if _stamp(one) not in told)
        if fresh:
            put_fact(connection, _TOLD, [*told, *(_stamp(one) for one in fresh)])
    return fresh


def _stamp(one: Leaving) -> str:
    return " | ".join((one.what, one.where, one.how))


def _files(settings: Settings) -> Iterator[Leaving]:
    if settings.media_url:
        from ingest.media.s3 import host

        yield Leaving(
            what="every recording and transcript added, as it came",
            where=host_of(host()),
            when="when it is added",
            how=f"kept in {settings.media_url}; nothing is masked",
            acts=("add",),
        )


def _watched(settings: Settings) -> Iterator[Leaving]:
    if buckets := [place for place in settings.watch if "://" in place]:
        from ingest.media.s3 import host

        yield Leaving(
            what=f"requests for what lies in {', '.join(buckets)}: nothing of yours",
            where=host_of(host()),
            when="all the while it is watched",
            how="files come from there, none goes there",
            acts=("add",),
        )


def _sound(settings: Settings) -> Iterator[Leaving]:
    if settings.transcriber == "openai":
        yield Leaving(
            what="the sound of every recording added, and the names of its account and people",
            where=host_of(settings.openai_base_url or _OPENAI),
            when="when a recording is transcribed",
            how=f"model {settings.openai_model}; nothing is masked",
            acts=("add",),
        )


def _words(settings: Settings) -> Iterator[Leaving]:
    if settings.model is None:
        return
    provider = settings.model.partition(":")[0]
    url = settings.model_base_url or (_OPENAI if provider == "openai" else "")
    masked = (
        "e-mail addresses, telephone, card and bank numbers are masked before"
        if settings.model_mask
        else "nothing is masked (FIRSTHAND_MODEL_MASK is off)"
    )
    acts: tuple[Act, ...]
    for what, when, acts in (
        (
            "the whole transcript of every call, its title, date and speakers",
            "after it was added",
            ("add", "read"),
        ),
        (
            "what was read in the calls, with customers' words",
            "when it is sorted into themes",
            ("add", "read"),
        ),
        (
            "every question, the names of accounts, and the words that may answer",
            "when you ask",
            ("ask",),
        ),
        (
            "customers' words under needs and risks, the names of accounts, your vision",
            "when a memo is drafted",
            ("memo",),
        ),
    ):
        yield Leaving(
            what=what,
            where=host_of(url) if url else f"the provider {provider}",
            when=when,
            how=f"model {settings.model}; {masked}",
            acts=acts,
        )


def _vectors(settings: Settings) -> Iterator[Leaving]:
    if settings.vectors_url:
        yield Leaving(
            what="vectors of what was said in every call, and of your questions: numbers, no words",
            where=host_of(settings.vectors_url),
            when="after a call was added, and when you ask",
            how="no password: whoever reaches that address can read them",
            acts=("add", "ask"),
        )


def _traces(settings: Settings) -> Iterator[Leaving]:
    if settings.otel_endpoint:
        yield Leaving(
            what="how long requests and the stages of jobs took, with ids of calls and jobs: no "
            "words",
            where=host_of(settings.otel_endpoint),
            when="all the while, from `firsthand serve` and `firsthand worker`",
            how="OpenTelemetry",
            acts=("add", "read", "ask", "memo"),
        )


def _hooks(library: Library) -> tuple[Leaving, ...]:
    from service.hooks.leaving import leaving_by_hooks  # which is made of what stands here

    with library.read() as connection:
        return leaving_by_hooks(connection)


def _digest(settings: Settings) -> Iterator[Leaving]:
    for where, how in (
        (settings.smtp, "e-mail to the addresses of digest_to"),
        (settings.digest_webhook, "signed, to a program"),
    ):
        if where:
            yield Leaving(
                what="hours of your people, names of accounts and needs with their figures; "
                "customers' words only with `firsthand digest --with-words`",
                where=host_of(where),
                when="with `firsthand digest`, and from `firsthand serve` at the time of its "
                "setting digest",
                how=f"{how}; private details are masked as on the page",
                acts=("digest",),
            )


def host_of(url: str) -> str:
    """Host and port of an address, without the name and password that may stand in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or url
    return f"{host} (on this machine)" if parts.hostname in _LOOPBACK else host
