"""The tables of who may come in: people, their roles in workspaces, sessions and tokens.

They are filled in the main home only; see ``service/access``. No password and no secret stands in
them, only hashes.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.schema import metadata


def _user_id(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "user_id",
        sa.String(64),
        sa.ForeignKey("users.user_id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.String(64), primary_key=True),
    # Folded (see service/access/users.py), so that unique means unique to a reader.
    sa.Column("name", sa.String(254), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(255)),  # null: signs in elsewhere only
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("disabled_at", sa.DateTime(timezone=True)),
    # Who they are to the provider of single sign-on, once they have come from there.
    sa.Column("oidc_issuer", sa.String(500)),
    sa.Column("oidc_subject", sa.String(255)),
    sa.UniqueConstraint("oidc_issuer", "oidc_subject"),
)

memberships = sa.Table(
    "memberships",
    metadata,
    _user_id(primary_key=True),
    sa.Column("workspace", sa.String(31), primary_key=True),
    sa.Column("role", sa.String(10), nullable=False),  # viewer, editor, admin
)

# Browsers that are signed in. Not copied: a home that is moved or restored is signed in to anew.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of what the cookie holds
    _user_id(),
    sa.Column("workspace", sa.String(31), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(120), nullable=False),  # what the browser calls itself
    sa.Index("ix_sessions_user", "user_id"),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("token_id", sa.String(64), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),  # SHA-256 of the whole token
    _user_id(),
    sa.Column("name", sa.String(100), nullable=False),  # what it is for
    sa.Column("workspace", sa.String(31), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),  # at most; never more than the user's own
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
    sa.Index("ix_api_tokens_user", "user_id"),
)
