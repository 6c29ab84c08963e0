"""what people make of memos"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memo_versions",
        sa.Column("memo_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("cited", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memo_id"],
            ["memos.memo_id"],
            name=op.f("fk_memo_versions_memo_id_memos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("memo_id", "n", name=op.f("pk_memo_versions")),
    )


def downgrade() -> None:
    op.drop_table("memo_versions")
