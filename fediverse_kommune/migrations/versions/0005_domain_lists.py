"""Lists of domains that others keep, and what they propose."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("domain_blocks", "domain_allows"):
        op.add_column(table, sa.Column("list_id", ID, nullable=True))
    op.create_table(
        "domain_lists",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("next_read_at", MOMENT, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_lists")),
        sa.UniqueConstraint("url", name=op.f("uq_domain_lists_url")),
    )
    op.create_index(op.f("ix_domain_lists_next_read_at"), "domain_lists", ["next_read_at"])
    op.create_table(
        "domain_proposals",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("change", sa.String(24), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("reject_media", sa.Boolean(), nullable=False),
        sa.Column("reject_reports", sa.Boolean(), nullable=False),
        sa.Column("public_comment", sa.Text(), nullable=False),
        sa.Column("obfuscate", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["domain_lists.id"], name=op.f("fk_domain_proposals_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_proposals")),
        sa.UniqueConstraint("list_id", "domain", name=op.f("uq_domain_proposals_list_id_domain")),
    )
    op.create_index(op.f("ix_domain_proposals_state"), "domain_proposals", ["state"])
