"""Telling a program of the digest: sent as webhooks are, signed with a secret of its own."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from ingest.errors import Unavailable
from service.digest.mailing import NotTaken
from service.digest.options import Hook
from service.doctor import host_of
from service.hooks.sending import To, send

_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


def post_signed(hook: Hook, message_id: str, body: bytes, now: dt.datetime) -> int:
    """Post the JSON ``body``; the status it was taken with. The same ``message_id`` is the same
    message, however often it comes.

    Raises ``Unavailable`` where it may be taken later, else ``NotTaken``.
    """
    # Whoever may set the address of the digest sits at this machine, so it may be a private one.
    answer = send(To(hook.url, hook.secret, private=True), message_id, body, now)
    if not answer.why and answer.status is not None:
        return answer.status
    told = f"{host_of(hook.url)} did not take it. {answer.why}"
    if answer.status is None or answer.status >= 500 or answer.status in _LATER:
        raise Unavailable(told)
    raise NotTaken(told)
