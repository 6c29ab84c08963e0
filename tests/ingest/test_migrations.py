from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from ingest import migrations
from ingest.database import open_database
from ingest.errors import Conflict
from ingest.tables import metadata


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    # The keyword index is SQLite's own (FTS5) and no table of ours.
    ours = [d for d in differences if "_fts" not in str(d)]
    assert ours == []
    engine.dispose()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_newer_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match="made by a newer Firsthand"):
        open_database(url)


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    open_database(f"sqlite:///{folder / 'a.db'}").dispose()


def test_stamps_are_made_where_no_trigger_of_ours_can_be() -> None:
    """The triggers are in SQLite's words; elsewhere nothing is remembered (``ingest.stamps``)."""
    script = next(
        s for s in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
        if s.revision == "0004"
    )  # fmt: skip
    for dialect, triggers in (("sqlite", True), ("postgresql", False)):
        told = io.StringIO()
        context = MigrationContext.configure(
            dialect_name=dialect, opts={"as_sql": True, "output_buffer": told}
        )
        with Operations.context(context):
            script.module.upgrade()
            script.module.downgrade()
        assert ("TRIGGER" in told.getvalue()) is triggers
        assert "CREATE TABLE stamps" in told.getvalue()
