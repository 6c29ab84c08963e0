"""What all tables are made on; ``ingest/tables.py`` and its neighbours fill it."""

from __future__ import annotations

import sqlalchemy as sa

# Named constraints, so that later migrations can alter them on every database.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
