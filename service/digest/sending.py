"""Sending the digest: by hand, or by itself when it is due.

By itself each way of sending (mail, a program) is at most once a week: that it is being sent is
noted, and committed, before it is. Where surely nothing went out the note is taken back, and it is
tried again; where a process dies in between, or the line breaks, it is not, since a team that gets
the same mail twice stops reading it. ``firsthand digest`` sends it again by hand.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

import sqlalchemy as sa
from pydantic import Field
from pydantic_core import to_json

from ingest.errors import BadInput, FirsthandError, Unavailable
from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.models import Frozen
from service.digest import slot
from service.digest.letter import letter
from service.digest.mailing import NotTaken, send
from service.digest.options import Hook
from service.digest.posting import post_signed
from service.digest.week import Digest, digest, masked
from service.home_settings import home_settings
from service.redaction import shown
from service.settings import Settings

log = logging.getLogger(__name__)


class Sent(Frozen):
    """To whom it went; ``refused`` are addresses that the mail server does not take, with why."""

    mailed_to: tuple[str, ...] = ()
    refused: dict[str, str] = Field(default_factory=dict)
    webhook: int | None = Field(default=None, description="status it was taken with")


def send_to(settings: Settings, told: Digest, to: tuple[str, ...], hook: Hook | None) -> Sent:
    """Send it to these addresses and to this program. Raises ``BadInput`` where no mail server is
    set, and what ``send`` and ``post_signed`` raise.
    """
    done = Sent()
    if to:
        mail = settings.mail()
        if mail is None:
            raise BadInput(
                "No mail server is set: FIRSTHAND_SMTP=smtps://user@host:465 and "
                "FIRSTHAND_MAIL_FROM=name@vendor.example."
            )
        refused = dict(send(mail, letter(told, mail.sender, to, settings.workspace), to))
        done = Sent(mailed_to=tuple(one for one in to if one not in refused), refused=refused)
    if hook is not None:
        done = done.model_copy(update={"webhook": _post(hook, told, settings)})
    return done


def _post(hook: Hook, told: Digest, settings: Settings) -> int:
    now = dt.datetime.now(
        dt.UTC
    )  # composing, and mail, may have taken longer than a signature lasts
    event = {
        "type": "digest.week",
        "timestamp": now.isoformat(),
        "workspace": settings.workspace,
        "data": told,
    }
    message_id = f"digest-{settings.workspace}-{told.hours.week}"
    return post_signed(hook, message_id, to_json(event), now)


# --- by itself -----------------------------------------------------------------------------------


def waits(connection: sa.Connection, now: dt.datetime) -> bool:
    """Whether ``send_due`` may have anything to do."""
    return bool(home_settings(connection).digest) and any(_due(connection, now))


def send_due(library: Library, settings: Settings, now: dt.datetime) -> None:
    """Send what is due and was not sent. What cannot be sent is told in the log."""
    with library.read() as connection:
        due = list(_due(connection, now))
    for way, moment in due:
        try:
            _send_once(library, settings, way, moment, now)
        except (FirsthandError, OSError) as problem:
            log.warning("the digest of %s was not sent by %s: %s", moment.date(), way, problem)


def _due(connection: sa.Connection, now: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
    when = home_settings(connection).digest
    if when is None:
        return
    moment = slot.last_due(when, now)
    for way in slot.WAYS:
        seen = [fact(connection, name) for name in (slot.SINCE, slot.sent(way))]
        times = [dt.datetime.fromisoformat(one) for one in seen if isinstance(one, str)]
        if all(moment > time for time in times):
            yield way, moment


def _send_once(
    library: Library, settings: Settings, way: str, moment: dt.datetime, now: dt.datetime
) -> None:
    with library.read() as connection:
        told_to = home_settings(connection).digest_to
    to = told_to if way == "mail" and settings.mail() is not None else ()
    hook = settings.hook() if way == "webhook" else None
    # Before it is noted: where this fails, nothing was sent and it is still due.
    week = slot.week_told(moment.date())
    found = made(library, settings, now, week) if to or hook is not None else None
    name = slot.sent(way)
    with library.change() as connection:
        before = fact(connection, name)
        if way not in dict(_due(connection, now)):
            return  # another server was quicker
        put_fact(connection, name, moment.isoformat())
    if found is None:
        return  # nothing names where to: noted all the same, else the next to be named gets it late
    try:
        done = send_to(settings, found, to, hook)
    except Unavailable:
        with library.change() as connection:
            if fact(connection, name) == moment.isoformat():
                put_fact(connection, name, before)
        raise
    if done.refused:
        which = "; ".join(f"{address} ({why})" for address, why in done.refused.items())
        raise NotTaken(f"the others have it, these were refused: {which}")
    log.info("the digest of %s was sent by %s", moment.date(), way)


def made(
    library: Library,
    settings: Settings,
    now: dt.datetime,
    week: dt.date,
    *,
    with_words: bool = False,
    originals: bool = False,
) -> Digest:
    """The digest as it may be sent: private details are masked as they are on the page."""
    found = digest(library, now, week, settings.page, with_words=with_words)
    if originals:
        return found
    with library.read() as connection:
        redaction = shown(library, connection)
    return masked(found, redaction)
