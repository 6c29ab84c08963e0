"""what was erased before

Before 0012 an erased call's vectors stayed in Chroma's folder: where it was ever fed, it is made
anew. Who was being erased could be guessed from the name of a fact: erasing them once more is all
that it was for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM facts WHERE name LIKE 'erasing\\_%' ESCAPE '\\'"))
    if op.get_bind().dialect.name == "sqlite":  # elsewhere Chroma is a server
        op.execute(
            sa.text(
                "INSERT INTO facts (name, value) SELECT 'vectors_of_erased', 'true' "
                "WHERE EXISTS (SELECT 1 FROM fed) "
                "AND NOT EXISTS (SELECT 1 FROM facts WHERE name = 'vectors_of_erased')"
            )
        )


def downgrade() -> None:
    """Both are made again where they are needed."""
