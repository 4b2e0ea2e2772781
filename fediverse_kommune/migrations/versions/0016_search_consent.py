"""By whom posts elsewhere want to be found, and posts that only those may read who are logged in."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actors", sa.Column("searchable_by", sa.Text(), nullable=True))
    op.add_column("statuses", sa.Column("searchable_by", sa.Text(), nullable=True))
    op.add_column("statuses", sa.Column("logged_in_only", sa.Boolean(), nullable=False, server_default=sa.false()))
