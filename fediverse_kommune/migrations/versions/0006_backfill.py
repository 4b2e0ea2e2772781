"""What was there before us and is read in the background, without anybody being told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("statuses", sa.Column("unheard", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "backfills",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("status_id", ID, nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_backfills_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_backfills_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
        sa.UniqueConstraint("actor_id", name=op.f("uq_backfills_actor_id")),
        sa.UniqueConstraint("status_id", name=op.f("uq_backfills_status_id")),
    )
    op.create_index(op.f("ix_backfills_due_at"), "backfills", ["due_at"])
