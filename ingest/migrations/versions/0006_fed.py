"""what the vector store was fed"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fed",
        sa.Column("collection", sa.String(length=64), nullable=False),
        sa.Column("stamp", sa.String(length=120), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("collection", "stamp", name=op.f("pk_fed")),
    )


def downgrade() -> None:
    op.drop_table("fed")
