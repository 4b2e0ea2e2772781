"""The schema's history, inside the package, so that an installed server upgrades itself.

A revision is never edited once released; a column or table is dropped in two releases: first unused, then gone.
"""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Engine, inspect, text

VERSIONS = Path(__file__).parent / "versions"


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest revision, all of it in one transaction; True if there was anything to do."""
    if current_revision(engine) == newest_revision():
        return False
    # Alembic is a tenth of the time of a start and needed once in a release, so it is loaded when it is.
    import_module("fediverse_kommune.migrations.steps").upgrade(engine)
    return True


def newest_revision() -> str:
    """Return the revision of this release: the number that the file name of each begins with."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def current_revision(engine: Engine) -> str | None:
    """Return the revision of the database, as Alembic notes it; None if it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision
