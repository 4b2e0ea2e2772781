"""Posts that are for the county only."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("statuses", sa.Column("bubble_only", sa.Boolean(), nullable=False, server_default=sa.false()))
