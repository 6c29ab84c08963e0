"""The outbox: what hooks are to be told, written in the transaction in which it came about.

So it is told if and only if it happened, whatever dies in between. ``service/hooks`` sends it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.tables import deliveries, hooks

Event = Literal["call.ready", "theme.gained_account", "risk.heard", "memo.drafted"]


def note(connection: sa.Connection, event: Event, about: Mapping[str, JsonValue]) -> None:
    """Tell it every hook that wants to know. ``about`` is ids and figures, never anybody's words:
    it stays when a call is erased.
    """
    wanted = sa.select(hooks.c.hook_id, hooks.c.events).where(hooks.c.is_on)
    for hook_id, events in connection.execute(wanted).all():
        if event in events:
            connection.execute(
                deliveries.insert().values(
                    delivery_id=f"msg_{uuid.uuid4().hex}",
                    hook_id=hook_id,
                    event=event,
                    about=dict(about),
                    happened_at=datetime.now(UTC),
                    state="waiting",
                    tries=0,
                    next_at=0.0,
                    status=None,
                    why="",
                )
            )
