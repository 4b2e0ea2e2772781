"""INSERT … ON CONFLICT. Both databases spell it alike, but SQLAlchemy keeps it in the package of each dialect."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from activitypub.models import Base

_DIALECTS: dict[str, Any] = {"postgresql": postgresql, "sqlite": sqlite}


def insert_for(dialect_name: str, table: type[Base]) -> Any:
    """Return an INSERT into `table` that knows ON CONFLICT, in the dialect "sqlite" or "postgresql"."""
    return _DIALECTS[dialect_name].insert(table)
