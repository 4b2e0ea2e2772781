"""What says that somebody elsewhere agrees to be shown in a collection of ours."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collection_items", sa.Column("authorization_uri", sa.String(length=2048), nullable=True))
