"""files of watched folders"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watched",
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("stamp", sa.String(length=200), nullable=False),
        sa.Column("aside", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("unmatched", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_watched_call_id_calls"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_watched")),
    )
    op.create_index("ix_watched_content", "watched", ["content_sha256"])
    op.create_index("ix_watched_call", "watched", ["call_id"])


def downgrade() -> None:
    op.drop_table("watched")
