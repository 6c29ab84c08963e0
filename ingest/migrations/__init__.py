"""Bringing a database up to the schema of this program, with Alembic.

``HEAD`` is repeated here so that opening an up-to-date database does not import Alembic;
``tests/ingest/test_migrations.py`` checks that it is the newest revision.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ingest.errors import Conflict

HEAD = "0008"


def upgrade(engine: sa.Engine) -> None:
    """Create or migrate the schema. Raises ``Conflict`` when a newer program made the database."""
    current = _revision(engine)
    if current == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    # Alembic reads the option through configparser, where a lone % is an error.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            f"The database was made by a newer Firsthand (schema {current}); update this program."
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found
