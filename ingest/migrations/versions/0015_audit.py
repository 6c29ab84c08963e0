"""on PostgreSQL: the audit log; on SQLite it is a file of its own (ingest/audit_log.py)"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return

    def text(length: int) -> sa.String:
        return sa.String(length=length, collation="C")

    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", text(27), nullable=False),
        sa.Column("user_id", text(64), nullable=True),
        sa.Column("who", text(200), nullable=False),
        sa.Column("via", text(10), nullable=False),
        sa.Column("address", text(64), nullable=False),
        sa.Column("action", text(20), nullable=False),
        sa.Column("kind", text(40), nullable=False),
        sa.Column("subject", text(120), nullable=False),
        sa.Column("result", text(10), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("before_sha", text(64), nullable=False),
        sa.Column("sha", text(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.execute(
        """
        CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is only added to';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to()"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_table("audit")
        op.execute("DROP FUNCTION audit_only_added_to()")
