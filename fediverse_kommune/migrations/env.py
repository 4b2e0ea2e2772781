"""How Alembic runs: on a connection handed to it, never on a configuration of its own."""

from alembic import context

import fediverse_kommune.models
import inbox.models
import outbox.models
from activitypub.models import Base

TABLES = (fediverse_kommune.models, inbox.models, outbox.models)  # imported, so that `Base.metadata` is complete

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
