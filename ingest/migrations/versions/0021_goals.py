"""goals of people and meetings in their calendars"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listeners",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("goal_hours", sa.Float(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_listeners")),
    )
    op.create_table(
        "meetings",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("meeting_id", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.account_id"],
            name=op.f("fk_meetings_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["key"],
            ["listeners.key"],
            name=op.f("fk_meetings_key_listeners"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "meeting_id", name=op.f("pk_meetings")),
    )
    op.create_index("ix_meetings_day", "meetings", ["day"])


def downgrade() -> None:
    op.drop_table("meetings")
    op.drop_table("listeners")
