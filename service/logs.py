"""The program's log: lines of text or of JSON on stderr, in which nobody's words stand.

What customers said, names, titles, file names and questions are confidential, and a log goes where
the calls do not. So an exception is told by its type and the places it went through, never by its
message; and of other people's packages only where they log is told, since their messages hold what
they were given. ``about`` says what the work is on; every line written meanwhile has it.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import walk_tb
from types import TracebackType
from typing import Literal, TextIO

log = logging.getLogger(__name__)

Form = Literal["text", "json"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

OURS = ("ingest", "prompts", "service", "uvicorn")
# What a line may have beside time, level, logger and message: ids, figures and names of ours.
FIELDS = (
    "workspace",
    "request_id",
    "method",
    "route",
    "status",
    "ms",
    "job_id",
    "attempt",
    "call_id",
    "stage",
    "worker",
    "outcome",
    "seconds",
)
_about: ContextVar[dict[str, object] | None] = ContextVar("about", default=None)


@dataclass(frozen=True, slots=True)
class Log:
    """How to log, for this process and those that it starts."""

    form: Form = "text"
    level: Level = "WARNING"
    workspace: str | None = None  # that all of it is about


chosen = Log()


def set_up(log: Log) -> None:
    """Log so from now on, in this process. What nobody caught is logged, too."""
    global chosen
    chosen = log
    handler = _Stderr()
    handler.setFormatter(AsJson() if log.form == "json" else AsText())
    root = logging.getLogger()
    for there in root.handlers[:]:
        if isinstance(there, _Stderr):
            root.removeHandler(there)
    root.addHandler(handler)
    # Others tell what they are given from INFO on: requests with their bodies, SQL, addresses.
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(log.level)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )


def say(sentence: str) -> None:
    """Tell whoever started the program on stderr, whatever the level: as a line of the log where
    that is for programs.
    """
    if chosen.form == "text":
        print(sentence, file=sys.stderr, flush=True)
    else:
        logging.getLogger().handle(
            logging.LogRecord("service", logging.INFO, __file__, 0, sentence, None, None)
        )


class _Stderr(logging.StreamHandler[TextIO]):
    """To stderr as it is when a line is written."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("an error that nobody foresaw", exc_info=(kind, error, trace))


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Every line that is logged meanwhile in this context has these fields, of ``FIELDS``."""
    token = _about.set({**(_about.get() or {}), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def current() -> dict[str, object]:
    """What the work is on now, for a process that does a part of it."""
    return dict(_about.get() or {})


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What is known of a line, ``FIELDS`` among it, in the order to show."""
    known = {"workspace": chosen.workspace, **(_about.get() or {}), **record.__dict__}
    told: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
    }
    told |= {name: known[name] for name in FIELDS if known.get(name) is not None}
    if record.exc_info and record.exc_info[1] is not None:
        told["error"] = _error(record.exc_info[1])
    return told


class AsJson(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields_of(record), default=str)


class AsText(logging.Formatter):
    """``LEVEL message (field=value …)``, and the way of an exception below it."""

    def format(self, record: logging.LogRecord) -> str:
        told = fields_of(record)
        known = " ".join(f"{name}={told[name]}" for name in FIELDS if name in told)
        line = f"{told['level']} {told['message']}" + (f" ({known})" if known else "")
        error = told.get("error")
        return "\n  ".join([line, *(error if isinstance(error, list) else ())])


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return f"logged at {record.module}:{record.lineno}, its words withheld"


def _error(error: BaseException) -> list[str]:
    """Type and way of an exception and of those that led to it, the first cause last."""
    told: list[str] = []
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        told.append(f"{type(here).__module__}.{type(here).__qualname__}")
        told += [
            f"at {frame.f_code.co_filename}:{line} {frame.f_code.co_qualname}"
            for frame, line in walk_tb(here.__traceback__)
        ]
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
    return told
