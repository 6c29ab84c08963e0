"""The tables of what is told to others: hooks, what is on its way to them, and the loop to close.

No word of a customer stands in them, only ids, figures and states: what is told is put together
when it is sent, of what is there then. See ``service/hooks`` and ``service/loop.py``.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.schema import metadata

# Neither addresses nor secrets of hooks are copied or backed up (``ingest/copying.py``): a copy of
# a home is to send nothing to where the home itself does.
hooks = sa.Table(
    "hooks",
    metadata,
    sa.Column("hook_id", sa.String(64), primary_key=True),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("secret", sa.String(100), nullable=False),  # in the clear: it has to sign
    sa.Column("events", sa.JSON, nullable=False),
    sa.Column("format", sa.String(10), nullable=False),  # standard, slack
    sa.Column("with_words", sa.Boolean, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),  # may be in a private network
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("why", sa.String(300), nullable=False),  # it is off, or failing
    sa.Column("failing_since", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

# What a hook is to be told, or was: the outbox.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("delivery_id", sa.String(64), primary_key=True),  # the same at every try
    sa.Column(
        "hook_id",
        sa.String(64),
        sa.ForeignKey("hooks.hook_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("about", sa.JSON, nullable=False),  # ids and figures
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # waiting, delivered, given up, dropped
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),  # seconds since 1970 by the database's clock
    sa.Column("status", sa.Integer),  # of the last answer
    sa.Column("why", sa.String(300), nullable=False),  # it was not delivered
    sa.Index("ix_deliveries_due", "state", "next_at"),
    sa.Index("ix_deliveries_hook", "hook_id"),
)

# Which accounts a code of the codebook is known to have, and which calls of an account are known to
# speak of leaving: what is not here yet is new. Never removed, so that nothing is new twice.
noticed = sa.Table(
    "noticed",
    metadata,
    sa.Column("event", sa.String(40), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),  # id of the code or the call
    sa.Column("account_id", sa.String(64), primary_key=True),  # empty: the subject was looked at
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("is_new", sa.Boolean, nullable=False),  # not there from the first look on
)

# What became of an entry of the loop; one that is to do is not here.
loop_states = sa.Table(
    "loop_states",
    metadata,
    sa.Column("entry_id", sa.String(64), primary_key=True),
    sa.Column("code_id", sa.String(64), nullable=False),
    sa.Column("account_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # sent, dismissed
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
