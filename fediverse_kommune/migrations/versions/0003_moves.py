"""Where actors elsewhere have moved to, and who still has to go along."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("origin_id", ID, autoincrement=False, nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["origin_id"], ["actors.id"], name=op.f("fk_moves_origin_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_moves_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("origin_id", name=op.f("pk_moves")),
    )
    op.create_index(op.f("ix_moves_target_id"), "moves", ["target_id"])
    op.create_index(op.f("ix_moves_after_id"), "moves", ["after_id"])
