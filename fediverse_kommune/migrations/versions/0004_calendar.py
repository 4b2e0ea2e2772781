"""Events in the calendar's sense, and who takes part in them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calendar_events",
        sa.Column("status_id", ID, autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shows_end", sa.Boolean(), nullable=False),
        sa.Column("time_zone", sa.String(100), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("online_url", sa.String(2048), nullable=True),
        sa.Column("join_mode", sa.String(24), nullable=True),
        sa.Column("external_url", sa.String(2048), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("organisers", sa.JSON(), nullable=False),
        sa.Column("comments", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_calendar_events_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_calendar_events")),
    )
    op.create_index(op.f("ix_calendar_events_starts_at"), "calendar_events", ["starts_at"])
    op.create_table(
        "participations",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(2048), nullable=False),
        sa.Column("status_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["status_id"],
            ["calendar_events.status_id"],
            name=op.f("fk_participations_status_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_participations_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participations")),
        sa.UniqueConstraint("uri", name=op.f("uq_participations_uri")),
        sa.UniqueConstraint("status_id", "actor_id", name=op.f("uq_participations_status_id_actor_id")),
    )
    op.create_index("ix_participations_actor_id_id", "participations", ["actor_id", "id"])
