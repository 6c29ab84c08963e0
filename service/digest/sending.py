"""Sending the digest: by hand, or by itself when it is due.

By itself each way of sending (mail, a program) is at most once a week: that it is being sent is
noted, and committed, before it is. Where surely nothing went out the note is taken back, and it is
tried again until the next one is due; so it is for those whom the mail server put off ("later")
while it took others, and for nobody else. Where a process dies in between, or the line breaks, it
is not: that errs to none rather than two, since a team that gets the same mail twice stops reading
it. Who was put off by then gets none either. ``firsthand digest`` sends it again by hand.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from pydantic import Field
from pydantic_core import to_json

from ingest.errors import BadInput, FirsthandError, Unavailable
from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.models import Frozen
from service.digest import slot
from service.digest.letter import letter
from service.digest.mailing import NotTaken, Refusal, named, send
from service.digest.options import Hook
from service.digest.posting import post_signed
from service.digest.week import Digest, digest, masked
from service.home_settings import digest_to, home_settings, put_off, put_put_off
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
        refused = _mail(settings, told, to)
        done = Sent(
            mailed_to=tuple(one for one in to if one not in refused),
            refused={one: no.why for one, no in refused.items()},
        )
    if hook is not None:
        try:
            done = done.model_copy(update={"webhook": _post(hook, told, settings)})
        except (Unavailable, NotTaken) as problem:
            if not done.mailed_to:
                raise
            # Else all of it is sent once more.
            went = f"The mail went to {', '.join(done.mailed_to)}."
            raise type(problem)(f"{problem} {went}") from problem
    return done


def _mail(settings: Settings, told: Digest, to: tuple[str, ...]) -> Mapping[str, Refusal]:
    mail = settings.mail()
    if mail is None:
        raise BadInput(
            "No mail server is set: FIRSTHAND_SMTP=smtps://user@host:465 and "
            "FIRSTHAND_MAIL_FROM=name@vendor.example."
        )
    return send(mail, letter(told, mail.sender, to, settings.workspace), to)


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
    return any(_due(connection, now))


def send_due(library: Library, settings: Settings, now: dt.datetime) -> None:
    """Send what is due to those who do not have it. What cannot be sent is told in the log."""
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
    since = _time(connection, slot.SINCE)
    if since is not None and moment <= since:
        return
    for way in slot.WAYS:
        sent = _time(connection, slot.sent(way))
        if sent is None or moment > sent or (way == "mail" and _rest(connection, moment)):
            yield way, moment


def _rest(connection: sa.Connection, moment: dt.datetime) -> tuple[str, ...]:
    """Those who were put off when the digest of this moment was mailed."""
    return put_off(connection) if _time(connection, slot.sent("mail")) == moment else ()


def _time(connection: sa.Connection, name: str) -> dt.datetime | None:
    found = fact(connection, name)
    return dt.datetime.fromisoformat(found) if isinstance(found, str) else None


def _send_once(
    library: Library, settings: Settings, way: str, moment: dt.datetime, now: dt.datetime
) -> None:
    hook = settings.hook() if way == "webhook" else None
    mails = way == "mail" and settings.mail() is not None
    with library.read() as connection:
        somebody = hook is not None or (mails and bool(digest_to(connection)))
    # Before it is noted: where this fails, nothing was sent and it is still due.
    week = slot.week_told(moment.date())
    found = made(library, settings, now, week) if somebody else None
    with library.change() as connection:
        if (way, moment) not in _due(connection, now):
            return  # another server was quicker, or nobody wants it any more
        before, waiting = fact(connection, slot.sent(way)), put_off(connection)
        # Now, and not before: meanwhile others may have it, or an address may be taken out.
        to = (_rest(connection, moment) or digest_to(connection)) if mails else ()
        put_fact(connection, slot.sent(way), moment.isoformat())
        if way == "mail":
            put_put_off(connection, ())
    if found is None or not (to or hook):
        return  # nothing names where to: noted all the same, else the next to be named gets it late
    try:
        if hook is not None:
            _post(hook, found, settings)
            refused: Mapping[str, Refusal] = {}
        else:
            refused = _mail(settings, found, to)
    except Unavailable:
        _goes_on(library, way, moment, before, waiting)
        raise
    if not refused:
        log.info("the digest of %s was sent by %s", moment.date(), way)
        return
    later = {one: no for one, no in refused.items() if no.later}
    never = {one: no for one, no in refused.items() if not no.later}
    log.warning(
        "the digest of %s was mailed to %d of %d; tried again: %s; not tried again: %s",
        *(moment.date(), len(to) - len(refused), len(to)),
        *(named(later) or "nobody", named(never) or "nobody"),
    )
    if later:
        _goes_on(library, way, moment, moment.isoformat(), later)


def _goes_on(
    library: Library, way: str, moment: dt.datetime, sent: object, waiting: Collection[str]
) -> None:
    """It is still due: as a whole, with ``sent`` as it was, or to those who are ``waiting``."""
    with library.change() as connection:
        if _time(connection, slot.sent(way)) == moment:
            put_fact(connection, slot.sent(way), sent)
            if way == "mail":
                put_put_off(connection, waiting)


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
