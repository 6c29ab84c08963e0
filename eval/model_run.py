"""The language model that a corpus is run with: its name, who answers, and what a home hangs on.

With ``folder`` all requests go through an exchange (``eval.exchange``) over that folder, in this
process: people or programs answer, or the model of that name does (``eval.recording``), and a
second run over the same folder is answered from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import prompts
import service
from eval.exchange import MODEL, Exchange, serving
from eval.filling import NOBODY, Reader
from eval.recording import answered_by
from ingest.llm import ModelOptions

BY_HAND = f"openai:{MODEL}"
_FOR_EVER_S = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ModelRun:
    """``name`` is ``provider:model``; ``concurrency`` requests, and questions, run at a time."""

    name: str = BY_HAND
    folder: Path | None = None
    base_url: str | None = None
    timeout_s: float = 120.0
    concurrency: int = 4
    api_key: str | None = field(default=None, repr=False)


@contextmanager
def opened(run: ModelRun | None) -> Iterator[Reader]:
    """Who reads, for ``eval.filling``; an exchange is served meanwhile."""
    if run is None:
        yield NOBODY
        return
    options = ModelOptions(
        name=run.name,
        base_url=run.base_url,
        timeout_s=run.timeout_s,
        concurrency=run.concurrency,
        api_key=run.api_key,
    )
    if run.folder is None:
        yield _reader(run, options)
        return
    with serving(Exchange(run.folder)) as url, _answering(run, options):
        by_file = ModelOptions(
            name=BY_HAND, base_url=url, timeout_s=_FOR_EVER_S, concurrency=run.concurrency
        )
        yield _reader(run, by_file)


def _answering(run: ModelRun, options: ModelOptions) -> AbstractContextManager[None]:
    if run.folder is None or run.name == BY_HAND:
        return nullcontext()
    return answered_by(options, run.folder)


def _reader(run: ModelRun, options: ModelOptions) -> Reader:
    who = _digest([run.name, str(run.folder and run.folder.resolve())])
    code = sorted(Path(service.__path__[0]).glob("*.py"))
    texts = sorted(Path(prompts.__path__[0]).glob("*.md"))
    stamp = _digest([who, *(path.read_text("utf-8") for path in [*texts, *code])])
    return Reader(options, key=f"-model-{who[:12]}", stamp=stamp)


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
