"""What every table shares: the one `MetaData`, UTC time, HTML that has been sanitised, time-ordered ids."""

import itertools
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Enum, Integer, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import JSON, TypeDecorator

from activitypub.sanitize import SafeHTML

# Named constraints, so that a migration can drop or change each of them on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite keeps a table in the order of its INTEGER PRIMARY KEY; BIGINT would cost a second index.
Id = BigInteger().with_variant(Integer, "sqlite")

_sequence = itertools.count(secrets.randbelow(1 << 16))


def new_id(at: datetime) -> int:
    """Return a 64-bit id that sorts by `at` (milliseconds since 1970, 48 bits), then by the order of the calls.

    The low 16 bits count up from a random start, so two processes rarely meet; the primary key catches them if
    they do. The same layout as Mastodon's ids, so apps that sort ids by number stay right.
    """
    return (max(0, int(at.timestamp() * 1000)) << 16) | (next(_sequence) & 0xFFFF)


def first_id_at(at: datetime) -> int:
    """Return the lowest id that `new_id` can give for this time: a bound for "since" and "until"."""
    return max(0, int(at.timestamp() * 1000)) << 16


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive times on the way in, gives aware times on the way out of both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time its zone back: SQLite stores none."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Html(TypeDecorator[SafeHTML]):
    """Sanitised HTML. A plain `str` is refused, so nothing unsanitised can reach a column of this type."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: SafeHTML | None, dialect: Dialect) -> str | None:
        """Let sanitised HTML through; raises TypeError for a plain string."""
        if value is not None and not isinstance(value, SafeHTML):
            raise TypeError("this column takes SafeHTML; call activitypub.sanitize first")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> SafeHTML | None:
        """Trust what only sanitised HTML could reach."""
        return None if value is None else SafeHTML.stored(value)


def word_of(kind: type[StrEnum], length: int = 24) -> Enum:
    """Return the type of a column that holds one word of an enumeration, as text that a later release may extend."""
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda members: [word.value for word in members]
    )


class Base(DeclarativeBase):
    """The base of all tables of all packages."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as a class attribute)
        datetime: Instant,
        SafeHTML: Html,
        str: Text,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        list[str]: JSON,
        list[int]: JSON,
        list[dict[str, Any]]: JSON,
    }


Row = TypeVar("Row", bound=Base)


def attach(row: Row, **related: Any) -> Row:
    """Give `row` related rows that are already at hand, and return it.

    Nothing is loaded, and the related rows are not drawn into the row's session: they may have been read by
    another unit, or be shared with one that runs at the same time.
    """
    for name, value in related.items():
        set_committed_value(row, name, value)
    return row


# A URI is compared byte for byte; 2,048 characters is the cap of `activitypub.uris.validated_url`.
Uri = String(2048)
Host = String(255)
