"""on PostgreSQL: the stamps' triggers and the keyword index"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Those of revision 0004, which made the triggers on SQLite.
_STAMPED = (
    "accounts",
    "calls",
    "codes",
    "evidence",
    "evidence_edits",
    "facts",
    "found_themes",
    "judgements",
    "passages",
    "placements",
    "speakers",
    "utterances",
)


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    op.execute(
        """
        CREATE FUNCTION renew_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE stamps SET value = hashtextextended(gen_random_uuid()::text, 0)
            WHERE name = TG_TABLE_NAME;
            RETURN NULL;
        END $$
        """
    )
    for name in _STAMPED:
        op.execute(
            f"CREATE TRIGGER stamp_{name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION renew_stamp()"
        )
    op.create_table(
        "passage_words",
        sa.Column("passage_id", sa.String(length=120, collation="C"), nullable=False),
        sa.Column("call_id", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("role", sa.String(length=10, collation="C"), nullable=False),
        # Which of the call's passages of this role it is, and the last of them.
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),  # words
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_passage_words_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("passage_id", name=op.f("pk_passage_words")),
    )
    op.create_index("ix_passage_words_call", "passage_words", ["call_id", "role", "place"])
    op.create_index("ix_passage_words_role", "passage_words", ["role", "length"])
    op.create_index("ix_passage_words_words", "passage_words", ["words"], postgresql_using="gin")
