"""corrections that can be undone, and copies for playing"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("playback", sa.String(length=200), nullable=True))
    op.add_column("utterances", sa.Column("original_speaker", sa.String(length=200), nullable=True))
    op.create_table(
        "call_corrections",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("lost", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_call_corrections_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_call_corrections")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_call_corrections_call", "call_corrections", ["call_id"])


def downgrade() -> None:
    op.drop_table("call_corrections")
    op.drop_column("utterances", "original_speaker")
    op.drop_column("calls", "playback")
