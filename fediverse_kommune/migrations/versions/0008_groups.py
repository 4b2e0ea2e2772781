"""Groups: in which one a post is, whether that has taken it up, and whose posts a group passes on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actors", sa.Column("posting", sa.String(length=24), nullable=True))
    op.add_column("actors", sa.Column("local_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("statuses", sa.Column("audience_uri", sa.String(length=2048), nullable=True))
    op.add_column("statuses", sa.Column("in_group", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("statuses", sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
