"""This machine and what this home runs on: engines, stores, spending. No password is in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import version

from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.llm.spending import spent
from ingest.models import Frozen
from ingest.transcribe import open_transcriber
from service.doctor import Leaving, host_of, leaving
from service.settings import Settings


class Engine(Frozen):
    """``what`` it does, ``which`` one does it, and ``where``."""

    what: str
    which: str
    where: str


class Machine(Frozen):
    """``leaving`` is empty when nothing leaves this machine; money is US dollars;
    ``internal_domains`` are those of the environment. ``home`` is told at the machine only.
    """

    model: str | None
    transcriber: str
    leaving: tuple[Leaving, ...]
    version: str
    home: str | None
    disk_free_gb: float
    engines: tuple[Engine, ...]
    stores: tuple[Engine, ...]
    spent_usd: float
    budget_usd: float | None
    internal_domains: tuple[str, ...]


HERE = "on this machine"
_IN_HOME = "in the home folder"


def machine(library: Library, settings: Settings) -> Machine:
    """As it is now. Nothing is opened, sent or fetched for it."""
    with library.read() as connection:
        money = spent(connection)
    return Machine(
        model=settings.model,
        transcriber=settings.transcriber,
        leaving=leaving(settings, library),
        version=version("firsthand"),
        home=str(library.home),
        disk_free_gb=round(shutil.disk_usage(library.home).free / 1e9, 1),
        engines=tuple(_engines(library, settings)),
        stores=tuple(_stores(settings)),
        spent_usd=money,
        budget_usd=settings.model_budget_usd,
        internal_domains=settings.internal_domains,
    )


def _engines(library: Library, settings: Settings) -> Iterator[Engine]:
    from ingest.embed import NAME

    sent = {one.what: one.where for one in leaving(settings)}
    try:
        hears = open_transcriber(library.options)
        which = f"{hears.name}, {hears.model}"
    except FirsthandError as problem:
        which = f"none: {problem}"
    away = [where for what, where in sent.items() if what.startswith("the sound")]
    yield Engine(what="Hears recordings", which=which, where=away[0] if away else HERE)
    yield Engine(what="Tells voices apart", which="GE2E", where=HERE)
    yield Engine(what="Finds what is alike", which=NAME, where=HERE)
    if settings.model is None:
        which = "no language model: rules read, answer and draft"
        yield Engine(what="Reads and writes", which=which, where=HERE)
        return
    url = settings.model_base_url
    provider = f"the provider {settings.model.partition(':')[0]}"
    where = host_of(url) if url else provider
    yield Engine(what="Reads and writes", which=settings.model, where=where)
    masks = "e-mail addresses, telephone, card and bank numbers"
    yield Engine(
        what="Masks before that",
        which=masks if settings.model_mask else "nothing (FIRSTHAND_MODEL_MASK is off)",
        where=HERE,
    )


def _stores(settings: Settings) -> Iterator[Engine]:
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        yield Engine(what="Calls, evidence, memos", which="PostgreSQL", where=host_of(url))
    else:
        yield Engine(what="Calls, evidence, memos", which="SQLite", where=_IN_HOME)
    if settings.vectors_url:
        yield Engine(what="Vectors", which="Chroma server", where=host_of(settings.vectors_url))
    else:
        yield Engine(what="Vectors", which="Chroma", where=_IN_HOME)
    if settings.media_url:
        from ingest.media.s3 import host

        name = settings.media_url
        yield Engine(what="Recordings and files", which=name, where=host_of(host()))
    else:
        yield Engine(what="Recordings and files", which="files", where=_IN_HOME)
