"""Which posts the relay has passed on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relayed_statuses",
        sa.Column("status_id", ID, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_relayed_statuses")),
    )
    op.create_index(op.f("ix_relayed_statuses_created_at"), "relayed_statuses", ["created_at"])
