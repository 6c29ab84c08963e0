"""What went wrong between here and the model, sorted by what to do about it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.errors import BadInput, FirsthandError, withheld
from ingest.llm.client import key_variable, server_of
from ingest.llm.errors import ModelFailed, TooLong
from ingest.llm.modes import Mode
from ingest.llm.options import ModelOptions
from ingest.llm.replies import Reply

LONGEST_WAIT_S = 300.0
# Names and not classes: each provider's client has its own, and httpx exists in two versions.
_CONNECTION = {
    "APIConnectionError",
    "ConnectionError",
    "ModelConnectionError",
    "ModelTimeoutError",
    "TimeoutError",
    "TransportError",
}
_NEVER_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
_UNSUPPORTED = re.compile(
    r"response[_ ]format|json[_ ]?(object|mode)|schema|structured|tool|function|grammar|guided",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(
    r"context[_ ](length|window|size)|maximum context|too (long|many tokens)|reduce the length"
    r"|input tokens exceed",
    re.IGNORECASE,
)


class Unsupported(Exception):
    """The server does not know this mode: ask in a lower one."""


class Unstreamable(Exception):
    """The server does not stream, or not in our way: ask for the whole."""


class Passing(Exception):
    """Another try may help.

    ``wait_s`` is what the server asked for, if it did. ``billed``: the server may have worked on
    the request, and charged for it. ``finally_`` is what to raise after the last try.
    """

    def __init__(
        self, finally_: ModelFailed, *, wait_s: float | None = None, billed: bool = False
    ) -> None:
        super().__init__(str(finally_))
        self.finally_ = finally_
        self.wait_s = wait_s
        self.billed = billed


def as_reply(error: Exception) -> Reply | None:
    """The reply that a client threw instead of giving it: cut off, or refused."""
    kind = type(error).__name__
    used = getattr(getattr(error, "completion", None), "usage", None)
    tokens = (used.prompt_tokens, used.completion_tokens) if used else None
    if kind == "LengthFinishReasonError":
        return Reply("", "cut", tokens)
    if kind == "ContentFilterFinishReasonError" or getattr(error, "code", "") == "content_filter":
        return Reply("", "refused", tokens)
    return None


def fault(error: Exception, options: ModelOptions, mode: Mode, *, streaming: bool) -> Exception:
    """The error as one of the three above, or as the ``FirsthandError`` that ends the request.

    Of the server's words there is at most a short excerpt in it, and never the key.
    """
    whom, status, said = server_of(options), getattr(error, "status_code", None), _said(error)
    names = _kinds(error)
    if "ContextOverflowError" in names or (status in (400, 413, 422) and _TOO_LONG.search(said)):
        return TooLong(f"The request is more than {options.name} takes: ask about less at a time.")
    if streaming and status in (400, 422) and re.search(r"\bstream", said, re.IGNORECASE):
        return Unstreamable()
    if status in (400, 404, 422, 501) and mode != "plain" and _UNSUPPORTED.search(said):
        return Unsupported()
    if status in (401, 403, 404):
        return _settings_are_wrong(options, status)
    if status == 429:
        return _busy(error, options, said)
    if isinstance(status, int) and (status >= 500 or status in (408, 409)):
        failed = ModelFailed(f"{whom} failed ({status}), again and again: try later.")
        return Passing(failed, wait_s=_wait_s(error))
    if isinstance(status, int):
        quoted = withheld(said, options.api_key, options.base_url)[:200]
        return ModelFailed(f"{whom} refused the request ({status}: {quoted}).")
    if not names.isdisjoint(_CONNECTION):
        return Passing(
            ModelFailed(
                f"{whom} cannot be reached or breaks off, again and again: check the connection"
                " and FIRSTHAND_MODEL_BASE_URL, or set a longer FIRSTHAND_MODEL_TIMEOUT_S."
            ),
            billed=names.isdisjoint(_NEVER_SENT),
        )
    return ModelFailed(
        f"{whom} answered with something that is no model's reply ({type(error).__name__}): check"
        " FIRSTHAND_MODEL_BASE_URL."
    )


def _kinds(error: BaseException | None) -> set[str]:
    """The names of the classes of an error and of what caused it."""
    names: set[str] = set()
    while error is not None:
        names |= {kind.__name__ for kind in type(error).__mro__}
        error = error.__cause__
    return names


def _settings_are_wrong(options: ModelOptions, status: int) -> FirsthandError:
    whom, key = server_of(options), key_variable(options)
    if status == 404:
        return BadInput(
            f"{whom} knows no model {options.name}: check FIRSTHAND_MODEL,"
            f" FIRSTHAND_MODEL_BASE_URL and what the key in {key} may use."
        )
    return BadInput(
        f"{whom} refused the key: check {key}, and that FIRSTHAND_MODEL and"
        " FIRSTHAND_MODEL_BASE_URL are of the same provider."
    )


def _busy(error: Exception, options: ModelOptions, said: str) -> Exception:
    whom, wait_s = server_of(options), _wait_s(error)
    if "insufficient_quota" in f"{getattr(error, 'code', '')} {said}":
        return ModelFailed(
            f"{whom} says that the account has no credit left: add some there, or choose another"
            " FIRSTHAND_MODEL."
        )
    if wait_s is not None and wait_s > LONGEST_WAIT_S:
        return ModelFailed(f"{whom} takes no requests for the next {wait_s / 60:.0f} minutes.")
    slower = ModelFailed(
        f"{whom} asks to slow down, again and again: set FIRSTHAND_MODEL_RPM and"
        " FIRSTHAND_MODEL_TPM to the limits of the account, or try later."
    )
    return Passing(slower, wait_s=wait_s)


def _said(error: Exception) -> str:
    """The server's message in one line, shortened."""
    return " ".join(str(getattr(error, "message", error)).split())[:1000]


def _wait_s(error: Exception) -> float | None:
    """``Retry-After`` in seconds, which may be written as milliseconds, seconds or a date."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return None
    try:
        if (exact := headers.get("retry-after-ms")) is not None:
            seconds = float(exact) / 1000
        else:
            seconds = _seconds(headers.get("retry-after"))
    except (TypeError, ValueError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds(told: str | None) -> float:
    if told is None:
        raise ValueError
    try:
        return float(told)
    except ValueError:
        return (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
