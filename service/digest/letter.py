"""The digest as people read it: plain text, and the same as HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from hashlib import sha256

import jinja2

from service.digest.slot import address
from service.digest.week import Digest, in_hours
from service.export.words import clean, money, short_date
from service.links import Links
from service.settings import MAIN


def text(told: Digest) -> str:
    return _template("letter.txt", autoescape=False).render(d=told, links=_links(told))


def html(told: Digest) -> str:
    """One page with its own styles, nothing loaded from elsewhere."""
    return _template("letter.html", autoescape=True).render(d=told, links=_links(told))


def letter(told: Digest, sender: str, to: tuple[str, ...], workspace: str = MAIN) -> EmailMessage:
    """The message. The same week of a workspace has the same Message-ID, so that a second copy is
    known as one.

    Raises ``BadInput`` for what is no address; nothing else of it comes from outside.
    """
    made = EmailMessage()
    made["Subject"] = clean(told.title if workspace == MAIN else f"{workspace}: {told.title}")
    made["From"] = address(sender)
    made["To"] = ", ".join(map(address, to))
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = f"<firsthand-{_digest(told, to, workspace)}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text(told))
    made.add_alternative(html(told), subtype="html")
    return made


def _links(told: Digest) -> Links:
    return Links(told.url, told.workspace)


def _digest(told: Digest, to: tuple[str, ...], workspace: str) -> str:
    what = f"{workspace}\n{told.hours.week}\n{told.url}\n{to}"
    return sha256(what.encode()).hexdigest()[:32]


@cache
def _template(name: str, *, autoescape: bool) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service", "templates/digest"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"hours": in_hours, "money": money, "line": clean, "day": _day}
    return environment.get_template(name)


def _day(value: date) -> str:
    return short_date(value)
