"""Hooks: where other programs want to be told what, and whether it arrives there."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal, get_args

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Frozen
from ingest.outbox import Event
from ingest.tables import deliveries, hooks
from service.hooks.addresses import checked, require_public, require_safe, shown

Format = Literal["standard", "slack"]
EVENTS: tuple[Event, ...] = get_args(Event)
FORMATS: tuple[Format, ...] = get_args(Format)
_MOST = 20  # hooks of a home


class Hook(Frozen):
    """A hook as it is shown: neither its whole address nor its secret."""

    id: str
    url: str = Field(description="the host, and the last characters of what stands behind it")
    events: tuple[Event, ...]
    format: Format
    with_words: bool = Field(description="whether it is sent customers' words")
    private: bool = Field(description="whether it may be in a private network")
    is_on: bool
    why: str = Field(description="why it is off, or what fails; empty while all is well")
    failing_since: datetime | None
    waiting_n: int = Field(description="of what is on its way")
    created_at: datetime


class HookMade(Hook):
    """With the secret that signs what it is sent; shown this once."""

    secret: str


class NewHook(Frozen):
    url: str
    events: tuple[Event, ...] = Field(min_length=1)
    format: Format = "standard"
    with_words: bool = False


def add(library: Library, new: NewHook, *, private: bool) -> HookMade:
    """``private``: it may be on this machine or in a private network, whatever the setting says.

    Raises ``BadInput`` for an address that cannot be used, ``Conflict`` when there are too many.
    """
    url = checked(new.url)
    if not (private or library.options.hooks_private):
        require_public(url)
    require_safe(url)
    made = f"hook-{uuid.uuid4().hex[:12]}"
    secret = _new_secret()
    with library.change() as connection:
        if (connection.scalar(sa.select(sa.func.count()).select_from(hooks)) or 0) >= _MOST:
            raise Conflict(f"There are {_MOST} hooks already; remove one first.")
        connection.execute(
            hooks.insert().values(
                hook_id=made,
                url=url,
                secret=secret,
                events=[event for event in EVENTS if event in new.events],
                format=new.format,
                with_words=new.with_words,
                private=private,
                is_on=True,
                why="",
                created_at=datetime.now(UTC),
            )
        )
        return HookMade(**dict(get_hook(connection, made)), secret=secret)


def list_hooks(connection: sa.Connection) -> list[Hook]:
    """In the order in which they were added."""
    waiting = (
        sa.select(sa.func.count())
        .where(deliveries.c.hook_id == hooks.c.hook_id, deliveries.c.state == "waiting")
        .scalar_subquery()
    )
    query = sa.select(hooks, waiting.label("waiting_n"))
    rows = connection.execute(query.order_by(hooks.c.created_at, hooks.c.hook_id))
    return [_hook(row) for row in rows.mappings()]


def get_hook(connection: sa.Connection, hook_id: str) -> Hook:
    """Raises ``NotFound``."""
    for one in list_hooks(connection):
        if one.id == hook_id:
            return one
    raise NotFound(f"There is no hook {hook_id[:80]!r}; see `firsthand hooks`.")


def _hook(row: sa.RowMapping) -> Hook:
    since: datetime | None = row["failing_since"]
    return Hook(
        id=row["hook_id"],
        url=shown(row["url"]),
        failing_since=since and since.replace(tzinfo=UTC),
        created_at=row["created_at"].replace(tzinfo=UTC),
        **{
            name: row[name]
            for name in ("events", "format", "with_words", "private", "is_on", "why", "waiting_n")
        },
    )


def switch(library: Library, hook_id: str, *, on: bool) -> Hook:
    """Tell it from now on, or nothing more until it is switched on; what waits then goes on."""
    with library.change() as connection:
        get_hook(connection, hook_id)
        why = "" if on else "switched off by a person"
        values = {"is_on": on, "why": why, "failing_since": None}
        connection.execute(hooks.update().where(hooks.c.hook_id == hook_id).values(values))
        if on:
            where = (deliveries.c.hook_id == hook_id, deliveries.c.state == "waiting")
            connection.execute(deliveries.update().where(*where).values(next_at=0.0))
        return get_hook(connection, hook_id)


def rotate(library: Library, hook_id: str) -> HookMade:
    """Give it another secret; what is sent from now on is signed with that."""
    secret = _new_secret()
    with library.change() as connection:
        hook = get_hook(connection, hook_id)
        where = hooks.c.hook_id == hook_id
        connection.execute(hooks.update().where(where).values(secret=secret))
        return HookMade(**dict(hook), secret=secret)


def remove(library: Library, hook_id: str) -> None:
    """With all that is on its way to it."""
    with library.change() as connection:
        get_hook(connection, hook_id)
        connection.execute(hooks.delete().where(hooks.c.hook_id == hook_id))


def events_of(text: str) -> tuple[Event, ...]:
    """The events that are named, by comma. Raises ``BadInput``."""
    named = [one.strip() for one in text.split(",") if one.strip()]
    found = tuple(event for event in EVENTS if event in named)
    if unknown := set(named) - set(EVENTS) or (not named and {"nothing"}):
        raise BadInput(f"{_list(unknown)} is no event; there are {', '.join(EVENTS)}.")
    return found


def _list(names: Collection[str]) -> str:
    return ", ".join(repr(name[:40]) for name in sorted(names))


def _new_secret() -> str:
    """As the Standard Webhooks specification writes one: 24 to 64 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
