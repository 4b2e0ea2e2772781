"""The schema's history, inside the package, so that an installed server upgrades itself.

A revision is never edited once released; a column or table is dropped in two releases: first unused, then gone.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest revision, all of it in one transaction; True if there was anything to do."""
    config = _config()
    with engine.connect() as connection, connection.begin():
        current = MigrationContext.configure(connection).get_current_revision()
        if current == ScriptDirectory.from_config(config).get_current_head():
            return False
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
