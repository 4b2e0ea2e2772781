"""INSERT … ON CONFLICT. Both databases spell it alike, but SQLAlchemy keeps it in the package of each dialect."""

from importlib import import_module
from typing import Any

from activitypub.models import Base


def insert_for(dialect_name: str, table: type[Base]) -> Any:
    """Return an INSERT into `table` that knows ON CONFLICT, in the dialect "sqlite" or "postgresql"."""
    return import_module(f"sqlalchemy.dialects.{dialect_name}").insert(table)
