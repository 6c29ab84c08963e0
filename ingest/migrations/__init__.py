"""Bringing a database up to the schema of this program, with Alembic.

``HEAD`` is repeated here so that opening an up-to-date database does not import Alembic;
``tests/ingest/test_migrations.py`` checks that it is the newest revision.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest.errors import BadInput, Conflict

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0022"


def upgrade(engine: sa.Engine) -> None:
    """Create or migrate the schema. Raises ``Conflict`` when a newer program made the database,
    ``BadInput`` when this one's user may not make tables in it.

    All of it or nothing. Of several processes that open the database one migrates, the others wait.
    """
    with engine.connect() as connection:
        current = revision(connection)
    if current != HEAD:
        _migrate(engine)
    # It holds what customers said, and calls that are erased later must not live on in it.
    _forget_copies(engine)


def _migrate(engine: sa.Engine) -> None:
    from alembic import command

    config = _config()
    try:
        with engine.execution_options(writes=True).begin() as connection:
            current = revision(connection)  # as it is now that nobody else writes
            _accept(config, current)
            if current == HEAD:
                return
            on_postgresql = connection.dialect.name == "postgresql"
            if on_postgresql:
                connection.execute(sa.text("SET LOCAL statement_timeout = 0"))  # what it takes
            elif current is not None:
                _copy(engine, current)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if on_postgresql:
                _sort_by_code_point(connection)
            elif broken := connection.execute(sa.text("PRAGMA foreign_key_check")).all():
                raise Conflict(f"{len(broken)} rows would belong to nothing in the new schema.")
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        raise BadInput(
            f"The database user {engine.url.username} may not make tables in "
            f"{engine.url.database}; grant it CREATE on the schema."
        ) from None


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    # Alembic reads the option through configparser, where a lone % is an error.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _accept(config: Config, current: str | None) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            f"The database was made by a newer Firsthand (schema {current}); update this program."
        )


def _sort_by_code_point(connection: sa.Connection) -> None:
    """Make texts sort, and their letters fold, as on SQLite, whatever the server's language."""
    from ingest.tables import metadata

    told = sa.text(
        "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND data_type IN ('character varying', 'text') "
        "AND collation_name IS DISTINCT FROM 'C'"
    )
    quote = connection.dialect.identifier_preparer.quote
    for table, column, length in connection.execute(told).all():
        if table in metadata.tables:
            kind = "TEXT" if length is None else f"VARCHAR({length})"
            connection.exec_driver_sql(
                f'ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} TYPE {kind} COLLATE "C"'
            )


def _copy(engine: sa.Engine, current: str) -> None:
    """Put a copy of an SQLite file beside it, for whoever finds a migration broken off.

    Raises ``BadInput`` when there is no room for it.
    """
    _forget_copies(engine)
    # Beside the transaction that keeps others from writing, since within one it is not done.
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        connection.rollback()
        try:
            raw.execute("VACUUM INTO ?", (f"{_file(engine)}.before-{current}",))
        except sqlite3.OperationalError as error:
            raise BadInput(
                f"{_file(engine)} cannot be copied before its schema changes ({error}); make room "
                "for it."
            ) from error


def _forget_copies(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite" and engine.url.database:
        file = _file(engine)
        for copy in file.parent.glob(f"{file.name}.before-*"):
            copy.unlink(missing_ok=True)


def _file(engine: sa.Engine) -> Path:
    return Path(engine.url.database or "")


def revision(connection: sa.Connection) -> str | None:
    """The schema that the database has; ``None`` while it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found
