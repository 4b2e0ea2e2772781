"""Reactions with an emoji, and how many there are of each below a status."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "emoji_reactions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("status_id", ID, nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=True),
        sa.Column("static_url", sa.String(length=2048), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_emoji_reactions_actor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_emoji_reactions_status_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emoji_reactions")),
        sa.UniqueConstraint("uri", name=op.f("uq_emoji_reactions_uri")),
        sa.UniqueConstraint("actor_id", "status_id", "name", name=op.f("uq_emoji_reactions_actor_id_status_id_name")),
    )
    op.create_index("ix_emoji_reactions_status_id_name", "emoji_reactions", ["status_id", "name"])
    op.add_column("statuses", sa.Column("reactions", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("notifications", sa.Column("reaction_id", ID, nullable=True))
