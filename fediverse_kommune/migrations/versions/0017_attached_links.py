"""The page that a post from elsewhere is about, with what its author's server says of a page of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("statuses", sa.Column("attached_link", sa.JSON(), nullable=True))
