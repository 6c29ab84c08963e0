"""stamps that tell whether a table has changed"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# As they were when this revision was written; a later table needs a revision of its own.
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
    stamps = op.create_table(
        "stamps",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamps")),
    )
    op.bulk_insert(stamps, [{"name": name, "value": 0} for name in _STAMPED])
    if op.get_context().dialect.name != "sqlite":
        return  # the triggers are in its words; those of PostgreSQL come with revision 0005
    for name in _STAMPED:
        renew = f"UPDATE stamps SET value = random() WHERE name = '{name}'"  # noqa: S608  # ours
        for event in ("INSERT", "UPDATE", "DELETE"):
            trigger = f"stamp_{name}_{event.lower()}"
            op.execute(f"CREATE TRIGGER {trigger} AFTER {event} ON {name} BEGIN {renew}; END")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for name in _STAMPED:
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER stamp_{name}_{event}")
    op.drop_table("stamps")
