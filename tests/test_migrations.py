"""The schema that the migrations make is the one that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import fediverse_kommune.models
import inbox.models
import outbox.models
from activitypub.models import Base
from fediverse_kommune import migrations
from fediverse_kommune.database import driver_url, open_engine
from fediverse_kommune.migrations import steps

TABLES = (fediverse_kommune.models, inbox.models, outbox.models)


def test_models_and_migrations_agree(database_url: str) -> None:
    engine = open_engine(driver_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_described})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def _is_described(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave out the full-text index and SQLite's tables behind it, which no model describes."""
    return not (kind == "table" and (name or "").startswith("search_index"))


def test_an_upgrade_that_has_nothing_to_do_does_nothing(database_url: str) -> None:
    engine = open_engine(driver_url(database_url))
    assert migrations.upgrade(engine) is False
    engine.dispose()


def test_the_newest_revision_is_the_one_that_alembic_finds(database_url: str) -> None:
    head = ScriptDirectory.from_config(steps.settings()).get_current_head()
    assert migrations.newest_revision() == head
    engine = open_engine(driver_url(database_url))
    assert migrations.current_revision(engine) == head
    engine.dispose()
