"""The way to an S3-compatible store, through obstore, and what it says told in our own words.

Credentials, region and endpoint come from the usual ``AWS_*`` variables, read by obstore itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    InvalidPathError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from ingest.errors import FirsthandError, NotFound, StoreRefused, Unavailable

FETCH = 8 << 20  # bytes asked for at once when a whole file is fetched
_REFUSED = re.compile(r"status code: (?:3|4(?!08|29))\d\d")


def named(url: str) -> tuple[str, str]:
    """Bucket and prefix that ``url`` names. ``ValueError`` says why it names none."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it is s3://bucket/prefix")
    if "@" in parts.netloc:
        raise ValueError("keys do not belong in it; set AWS_ACCESS_KEY_ID and its secret")
    return parts.netloc, unquote(parts.path).strip("/")


def host() -> str:
    """The address of the store, for people."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        if os.environ.get(name):
            return os.environ[name]
    return "https://s3.amazonaws.com"


def open_store(bucket: str, prefix: str, *, timeout_s: float, patience_s: float) -> S3Store:
    """What of a bucket lies under ``prefix``; nothing is asked of it yet.

    A request may last ``timeout_s``, and is tried again for ``patience_s``.
    """
    timeout = timedelta(seconds=timeout_s)
    return S3Store(
        bucket,
        prefix=prefix or None,
        client_options={
            "allow_http": True,  # an endpoint may be http://; without one it is https
            "connect_timeout": min(timeout, timedelta(seconds=5)),
            "timeout": timeout,
        },
        retry_config={
            "max_retries": 8,
            "retry_timeout": timedelta(seconds=patience_s),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=8),
                "base": 2,
            },
        },
    )


@contextmanager
def telling(called: str, name: str, setting: str) -> Iterator[None]:
    """Say in our own words what the store or the way to it did wrong with ``name``.

    ``called`` is the place as people know it, ``setting`` where it is named.
    """
    try:
        yield
    except (AlreadyExistsError, InvalidPathError, PreconditionError):
        raise
    except (BaseError, FileNotFoundError) as error:
        raise _sentence(called, name, setting, error) from error


def _sentence(called: str, name: str, setting: str, error: Exception) -> FirsthandError:
    told = str(error)
    where = f"{called} at {host()}"
    if "NoSuchBucket" in told:
        return StoreRefused(f"There is no bucket {where}; make it, or correct {setting}.")
    if isinstance(error, FileNotFoundError):
        return NotFound(f"The file {name} is missing from {called}.")
    if "/latest/api/token" in told or "/security-credentials" in told:
        # Without a key obstore looks for one of the machine's, as EC2 gives them out.
        return StoreRefused(
            f"There is no key for {where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    denied = isinstance(error, PermissionDeniedError | UnauthenticatedError)
    if denied or _REFUSED.search(told):
        code = re.search(r"<Code>(\w+)</Code>", told)
        why = f" ({code[1]})" if code else ""
        return StoreRefused(
            f"{where} refuses us{why}; check AWS_ACCESS_KEY_ID, its secret, AWS_REGION and "
            "what the key may do."
        )
    return Unavailable(f"{where} does not answer now; try again in a while.")
