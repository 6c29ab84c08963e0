"""durable jobs: attempts, results and runs of stages, workers"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        jobs.add_column(
            sa.Column("handed_over", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        jobs.create_index("ix_jobs_state", ["state"])
        jobs.create_index("ix_jobs_call", ["call_id"])
    op.create_table(
        "stage_results",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.call_id"],
            name=op.f("fk_stage_results_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", "stage", "part", name=op.f("pk_stage_results")),
    )
    op.create_table(
        "stage_runs",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("executor_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("audio_s", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stage_runs")),
    )
    op.create_index("ix_stage_runs_job", "stage_runs", ["job_id"])
    op.create_table(
        "workers",
        sa.Column("executor_id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("beat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_index("ix_stage_runs_job", table_name="stage_runs")
    op.drop_table("stage_runs")
    op.drop_table("stage_results")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_index("ix_jobs_call")
        jobs.drop_index("ix_jobs_state")
        jobs.drop_column("handed_over")
        jobs.drop_column("attempt")
