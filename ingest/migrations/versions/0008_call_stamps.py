"""stamps of single calls"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What a call consists of, as it was when this revision was written.
_PARTS = ("evidence", "passages", "speakers", "utterances")


def upgrade() -> None:
    op.create_table(
        "call_stamps",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_stamps")),
    )
    if op.get_context().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    op.execute("INSERT INTO call_stamps SELECT call_id, random() FROM calls")
    for name, put in (
        ("insert", "INSERT INTO call_stamps VALUES (new.call_id, random())"),
        ("update", "UPDATE call_stamps SET value = random() WHERE call_id = new.call_id"),
        ("delete", "DELETE FROM call_stamps WHERE call_id = old.call_id"),
    ):
        trigger = f"call_stamp_calls_{name}"
        op.execute(f"CREATE TRIGGER {trigger} AFTER {name.upper()} ON calls BEGIN {put}; END")
    for part in _PARTS:
        for name, row in (("insert", "new"), ("update", "new"), ("delete", "old")):
            # Only an update: a call that is being erased loses its parts after its stamp.
            renew = f"UPDATE call_stamps SET value = random() WHERE call_id = {row}.call_id"  # noqa: S608  # ours
            trigger = f"call_stamp_{part}_{name}"
            op.execute(
                f"CREATE TRIGGER {trigger} AFTER {name.upper()} ON {part} BEGIN {renew}; END"
            )


def _on_postgresql() -> None:
    value = "hashtextextended(gen_random_uuid()::text, 0)"
    op.execute(f"INSERT INTO call_stamps SELECT call_id, {value} FROM calls")  # noqa: S608  # ours
    _make_function(
        "put_call_stamp",
        f"INSERT INTO call_stamps SELECT call_id, {value} FROM changed "  # noqa: S608  # ours
        f"ON CONFLICT (call_id) DO UPDATE SET value = {value}",
    )
    _make_function(
        "drop_call_stamp",
        "DELETE FROM call_stamps WHERE call_id IN (SELECT call_id FROM changed)",
    )
    # Only an update: a call that is being erased loses its parts after its stamp.
    _make_function(
        "renew_call_stamp",
        f"UPDATE call_stamps SET value = {value} "  # noqa: S608  # ours
        "WHERE call_id IN (SELECT call_id FROM changed)",
    )
    for name, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
        done = {"insert": "put", "update": "renew", "delete": "drop"}[name]
        _trigger("calls", name, rows, f"{done}_call_stamp")
        for part in _PARTS:
            _trigger(part, name, rows, "renew_call_stamp")


def _make_function(name: str, statement: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {statement}; RETURN NULL; END $$"
    )


def _trigger(table: str, name: str, rows: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER call_stamp_{table}_{name} AFTER {name.upper()} ON {table} "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def downgrade() -> None:
    on_sqlite = op.get_context().dialect.name == "sqlite"
    for part in ("calls", *_PARTS):
        for name in ("insert", "update", "delete"):
            op.execute(
                f"DROP TRIGGER call_stamp_{part}_{name}" + ("" if on_sqlite else f" ON {part}")
            )
    if not on_sqlite:
        for name in ("put", "drop", "renew"):
            op.execute(f"DROP FUNCTION {name}_call_stamp()")
    op.drop_table("call_stamps")
