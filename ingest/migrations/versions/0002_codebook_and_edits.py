"""the codebook, people's judgements, and their edits of the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "codes",
        sa.Column("code_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("include", sa.Text(), nullable=False),
        sa.Column("exclude", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_codes")),
    )
    op.create_table(
        "judgements",
        sa.Column("judgement_id", sa.String(length=64), nullable=False),
        sa.Column("code_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("utterance", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_judgements_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["codes.code_id"],
            name=op.f("fk_judgements_code_id_codes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgements")),
    )
    op.create_index("ix_judgements_call", "judgements", ["call_id"])
    op.create_index("ix_judgements_code", "judgements", ["code_id"])
    op.create_table(
        "evidence_edits",
        sa.Column("edit_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("utterance", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("strength", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_evidence_edits_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edit_id", name=op.f("pk_evidence_edits")),
    )
    op.create_index("ix_evidence_edits_call", "evidence_edits", ["call_id"])
    op.create_table(
        "codebook_history",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_codebook_history")),
    )
    op.add_column(
        "evidence",
        sa.Column("content", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "evidence",
        sa.Column("by_person", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
