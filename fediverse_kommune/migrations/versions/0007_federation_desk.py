"""What was refused in the name of which server, and how many deliveries each took on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_arrivals",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", "day", "reason", "what", name=op.f("pk_refused_arrivals")),
    )
    op.create_index(op.f("ix_refused_arrivals_last_at"), "refused_arrivals", ["last_at"])
    op.create_table(
        "delivery_days",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", "day", name=op.f("pk_delivery_days")),
    )
