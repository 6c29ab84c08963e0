"""What leaves this machine by hooks, for whoever asks what does."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa

from ingest.outbox import Event
from ingest.tables import hooks
from service.doctor import Act, Leaving, host_of

_WHAT: dict[Event, str] = {
    "call.ready": "that a call came in",
    "theme.gained_account": "that an account is new to a theme",
    "risk.heard": "that an account speaks of leaving",
    "memo.drafted": "that a memo was drafted",
}
_ACTS: dict[Event, tuple[Act, ...]] = {
    "call.ready": ("add",),
    "theme.gained_account": ("add", "read"),
    "risk.heard": ("add", "read"),
    "memo.drafted": ("memo",),
}

_SCHEMES = {"https": "https", "http": "http, which can be read on the way"}


def leaving_by_hooks(connection: sa.Connection) -> tuple[Leaving, ...]:
    """For each hook that is on and each event, what goes there."""
    rows = connection.execute(sa.select(hooks).where(hooks.c.is_on).order_by(hooks.c.created_at))
    return tuple(
        Leaving(
            what=_WHAT[event]
            + (
                ", with customers' words about it"
                if row.with_words
                else ": ids, figures, names of account, call and theme"
            ),
            where=host_of(row.url),
            when="when it happens",
            how=f"hook {row.hook_id}, {_SCHEMES[urlsplit(row.url).scheme]}; private details are "
            "masked as on the page",
            acts=_ACTS[event],
        )
        for row in rows
        for event in row.events
    )
