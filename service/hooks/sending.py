"""Sending one message to one address, signed as https://www.standardwebhooks.com says.

Redirects are not followed, no proxy of the environment is asked, and of the answer nothing is read
but its status: a hook is told things and has nothing to tell us.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

import httpcore2
import httpx2
from standardwebhooks import Webhook

from service.hooks.addresses import Connecting, NotAllowed

PATIENCE_S = 15.0  # in all
_GONE = 410
_LATER = (429, 503)  # whose Retry-After counts
_LONGEST_WAIT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """``why`` is a sentence on what went wrong, empty when it arrived; ``wait_s`` is how long the
    other side wants to be left alone.
    """

    status: int | None = None
    why: str = ""
    wait_s: float = 0.0

    @property
    def gone(self) -> bool:
        """Nobody is there any more, and says so."""
        return self.status == _GONE


@dataclass(frozen=True, slots=True)
class To:
    url: str
    secret: str
    private: bool


def send(
    to: To, message_id: str, body: bytes, now: datetime, patience_s: float = PATIENCE_S
) -> Answer:
    """Post ``body``; whatever goes wrong is told in the answer."""
    text = body.decode()
    headers: dict[str | bytes, str | bytes] = {
        "Content-Type": "application/json",
        "User-Agent": f"Firsthand/{version('firsthand')}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        # The library takes the numbers of the clock for those of UTC.
        "webhook-signature": Webhook(to.secret).sign(message_id, now.astimezone(UTC), text),
    }
    # The context is not needed for http, but asked for before it is known.
    with httpcore2.ConnectionPool(
        ssl_context=_trusted(),
        network_backend=Connecting(private=to.private, seconds=patience_s),
    ) as pool:
        try:
            with pool.stream("POST", to.url, headers=headers, content=body) as response:
                return _answer(response.status, dict(response.headers))
        except NotAllowed as problem:
            return Answer(why=f"{problem} Nothing was sent there.")
        except httpcore2.TimeoutException:
            return Answer(why=f"It did not answer within {patience_s:g} s.")
        except (httpcore2.NetworkError, OSError) as problem:
            return Answer(why=f"It could not be reached ({_told(problem)}).")
        except httpcore2.ProtocolError:
            return Answer(why="The connection was closed before it answered.")
        except httpcore2.UnsupportedProtocol:
            return Answer(why="Its address is none that can be sent to.")


def _answer(status: int, headers: dict[bytes, bytes]) -> Answer:
    if 200 <= status < 300:
        return Answer(status)
    if status == _GONE:
        return Answer(status, "It answered 410 Gone: it wants to be told nothing more.")
    if 300 <= status < 400:
        return Answer(status, f"It answered {status}, a redirect; those are not followed.")
    wait = next((v for k, v in headers.items() if k.lower() == b"retry-after"), b"")
    wait_s = float(wait) if status in _LATER and wait.isdigit() and len(wait) < 7 else 0.0
    return Answer(status, f"It answered {status}.", min(wait_s, _LONGEST_WAIT_S))


def _told(problem: BaseException) -> str:
    """Why, in the system's own short words: nothing that the other side said."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "its certificate or its encryption is not trusted"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()[:100]
        cause = cause.__cause__ or cause.__context__
    return "no reason given"


@cache
def _trusted() -> ssl.SSLContext:
    return httpx2.create_ssl_context()
