"""Who wants to be named among those who come to an event."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participations", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
