"""consent to be quoted, and what calls said before"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("consent", sa.String(length=10), nullable=True))
    op.create_table(
        "earlier_words",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("runs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_earlier_words_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_earlier_words")),
    )

    if op.get_context().dialect.name == "sqlite":
        _settle_keywords()


def _settle_keywords() -> None:
    """Words of calls that were erased before may still lie in the keyword index."""
    made = sa.text("SELECT name FROM sqlite_master WHERE name = :name")
    for table in ("passage_words_customer", "passage_words_internal"):
        if op.get_bind().scalar(made, {"name": table}) is not None:
            op.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608  # ours


def downgrade() -> None:
    op.drop_table("earlier_words")
    op.drop_column("calls", "consent")
