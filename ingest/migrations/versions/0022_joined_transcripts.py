"""joined transcripts"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("notes", sa.JSON(), nullable=True))
    op.create_table(
        "call_transcripts",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("came_last", sa.String(length=10), nullable=False),
        sa.Column("alone", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("words_from", sa.String(length=10), nullable=True),
        sa.Column("agreement", sa.Float(), nullable=True),
        sa.Column("offset_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_call_transcripts_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_transcripts")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_call_transcripts_content_sha256")),
    )


def downgrade() -> None:
    op.drop_table("call_transcripts")
    op.drop_column("calls", "notes")
