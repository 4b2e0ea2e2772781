"""Keys for the proofs of our actors, also of those that are there already."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from activitypub.models.base import Instant
from activitypub.multikey import multikey
from activitypub.signatures.keys import generate_ed25519_key, private_pem

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    keys = op.create_table(
        "proof_keys",
        sa.Column("actor_id", ID, autoincrement=False, nullable=False),
        sa.Column("multibase", sa.String(length=48), nullable=False),
        sa.Column("private_pem", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_proof_keys_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_proof_keys")),
    )
    actors = sa.table("actors", sa.column("id"), sa.column("domain"))
    ours = op.get_bind().scalars(sa.select(actors.c.id).where(actors.c.domain.is_(None)))
    op.bulk_insert(keys, [_fresh_key(actor_id) for actor_id in ours])


def _fresh_key(actor_id: int) -> dict[str, object]:
    key = generate_ed25519_key()
    return {
        "actor_id": actor_id,
        "multibase": multikey(key.public_key()),
        "private_pem": private_pem(key),
        "created_at": datetime.now(UTC),
    }
