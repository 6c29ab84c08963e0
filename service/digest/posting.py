"""Telling a program, signed as the Standard Webhooks specification says.

https://www.standardwebhooks.com
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

import httpx2
from standardwebhooks import Webhook

from ingest.errors import Unavailable
from service.digest.mailing import NotTaken
from service.digest.options import Hook
from service.doctor import host_of

_TIMEOUT_S = 15.0


def post_signed(hook: Hook, message_id: str, body: bytes, now: dt.datetime) -> int:
    """Post the JSON ``body``; the status it was taken with. The same ``message_id`` is the same
    message, however often it comes. What is answered is not read, redirections are not followed.

    Raises ``Unavailable`` where it may be taken later, else ``NotTaken``.
    """
    where = host_of(hook.url)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(hook.secret).sign(
            message_id, now.astimezone(dt.UTC), body.decode()
        ),
    }
    try:
        with (
            httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", hook.url, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except httpx2.HTTPError as problem:
        raise Unavailable(f"{where} cannot be told now ({type(problem).__name__}).") from problem
    if 200 <= status < 300:
        return status
    if status >= 500 or status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
        raise Unavailable(f"{where} does not take it now (status {status}).")
    raise NotTaken(f"{where} does not take it (status {status}).")
