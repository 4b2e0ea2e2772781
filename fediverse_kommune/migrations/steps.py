"""Going from revision to revision with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, all of it in one transaction."""
    config = settings()
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def settings() -> Config:
    """Return how Alembic finds the revisions."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
