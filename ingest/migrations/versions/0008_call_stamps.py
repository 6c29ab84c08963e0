"""stamps of single calls"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0004"
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
    if op.get_context().dialect.name != "sqlite":
        return  # the triggers are in its words; elsewhere ingest/stamps.py trusts no stamp
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


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for part in ("calls", *_PARTS):
            for name in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER call_stamp_{part}_{name}")
    op.drop_table("call_stamps")
