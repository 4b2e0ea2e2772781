"""Whom other servers take for followers, compared with what is stored (FEP-8fcf)."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    followers_only = sa.Column("followers_only", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("outgoing_activities", followers_only)
    op.create_table(
        "followers_checks",
        sa.Column("actor_id", ID, autoincrement=False, nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_followers_checks_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_followers_checks")),
    )
    op.create_index(op.f("ix_followers_checks_due_at"), "followers_checks", ["due_at"])
