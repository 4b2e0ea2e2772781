"""What there is most of. https://docs.joinmastodon.org/methods/admin/dimensions/

Every table is one statement. Which app a post was written with is not stored, so `sources` is empty.
"""

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from babel import Locale, UnknownLocaleError
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import Session

from activitypub.graph.domains import of_domain
from activitypub.models import Actor, Status, StatusHashtag
from fediverse_kommune.services.periods import Period

UNDETERMINED = "und"
_POSTS = func.count()


class Question(Struct, frozen=True):
    """What is asked: when, about which hashtag or domain, how many lines."""

    period: Period | None
    limit: int
    subject: str = ""

    def within(self, key: Any) -> list[ColumnElement[bool]]:
        """Return the condition on an id that it is of the period, if one was given."""
        return [self.period.holds(key)] if self.period else []


class Line(Struct, frozen=True):
    """One line of a table, as machines and as people read it."""

    key: str
    name: str
    value: str
    unit: str | None = None
    shown: str | None = None


def languages(session: Session, asked: Question) -> list[Line]:
    """Return in which languages people here write."""
    return _by_language(session, asked, Status.local.is_(True))


def servers(session: Session, asked: Question) -> list[Line]:
    """Return from which other servers most posts came."""
    return _by_host(session, asked, select(Actor.host, _POSTS).join(Status, Status.actor_id == Actor.id))


def sources(_session: Session, _asked: Question) -> list[Line]:
    """Return with which apps people here write: nobody keeps that."""
    return []


def tag_servers(session: Session, asked: Question) -> list[Line]:
    """Return from which other servers posts with a hashtag came."""
    posts = select(Actor.host, _POSTS).join(Status, Status.actor_id == Actor.id)
    tagged = posts.join(StatusHashtag, StatusHashtag.status_id == Status.id).where(StatusHashtag.tag == asked.subject)
    return _by_host(session, asked, tagged)


def tag_languages(session: Session, asked: Question) -> list[Line]:
    """Return in which languages posts with a hashtag are."""
    tagged = select(StatusHashtag.status_id).where(StatusHashtag.tag == asked.subject)
    return _by_language(session, asked, Status.id.in_(tagged))


def instance_accounts(session: Session, asked: Question) -> list[Line]:
    """Return who of a server has most followers here."""
    rows = session.execute(
        select(Actor.username, Actor.followers_count)
        .where(of_domain(asked.subject))
        .order_by(Actor.followers_count.desc(), Actor.id)
        .limit(asked.limit)
    )
    return [Line(name, name, str(count)) for name, count in rows]


def instance_languages(session: Session, asked: Question) -> list[Line]:
    """Return in which languages people of a server write."""
    return _by_language(session, asked, Status.actor_id.in_(select(Actor.id).where(of_domain(asked.subject))))


def software_versions(session: Session, _asked: Question) -> list[Line]:
    """Return which programs work here."""
    name, number = _database(session)
    own = version("fediverse-kommune")
    return [
        Line("fediverse_kommune", "fediverse_kommune", own, shown=own),
        Line("python", "Python", platform.python_version(), shown=platform.python_version()),
        Line(name.lower(), name, number, shown=number),
    ]


def space_usage(session: Session, _asked: Question) -> list[Line]:
    """Return how large the database is; what the files take up is added by whoever knows where they are."""
    name, _ = _database(session)
    if name == "SQLite":
        pages = session.scalar(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
    else:
        pages = session.scalar(text("SELECT pg_database_size(current_database())"))
    return [size_line(name.lower(), name, int(pages or 0))]


def size_line(key: str, name: str, size: int) -> Line:
    """Return a line with a size in bytes, which people read in larger units."""
    return Line(key, name, str(size), "bytes", readable(size))


def readable(size: float) -> str:
    """Return a number of bytes as people read it: "46.2 GB"."""
    for unit in ("Bytes", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "Bytes" else f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} TB"


def _by_language(session: Session, asked: Question, *conditions: ColumnElement[bool]) -> list[Line]:
    language = func.coalesce(Status.language, UNDETERMINED)
    rows = session.execute(
        select(language, _POSTS)
        .where(*conditions, Status.held.is_(False), *asked.within(Status.id))
        .group_by(language)
        .order_by(_POSTS.desc(), language)
        .limit(asked.limit)
    )
    return [Line(code, language_name(code), str(count)) for code, count in rows]


def _by_host(session: Session, asked: Question, posts: Select[str, int]) -> list[Line]:
    rows = session.execute(
        posts.where(Actor.domain.is_not(None), Status.held.is_(False), *asked.within(Status.id))
        .group_by(Actor.host)
        .order_by(_POSTS.desc(), Actor.host)
        .limit(asked.limit)
    )
    return [Line(host, host, str(count)) for host, count in rows]


def language_name(code: str) -> str:
    """Return the English name of a language; the code where nobody knows one."""
    if code == UNDETERMINED:
        return code  # which babel takes for American English
    try:
        return Locale.parse(code, sep="-").english_name or code
    except (UnknownLocaleError, ValueError):
        return code


def _database(session: Session) -> tuple[str, str]:
    if session.get_bind().dialect.name == "sqlite":
        return "SQLite", session.scalar(text("SELECT sqlite_version()")) or ""
    return "PostgreSQL", str(session.scalar(text("SHOW server_version")) or "").partition(" ")[0]


Count = Callable[[Session, Question], Sequence[Line]]

OF_INSTANCE: Mapping[str, Count] = {
    "languages": languages,
    "sources": sources,
    "servers": servers,
    "space_usage": space_usage,
    "software_versions": software_versions,
}
OF_TAG: Mapping[str, Count] = {"tag_servers": tag_servers, "tag_languages": tag_languages}
OF_SERVER: Mapping[str, Count] = {"instance_accounts": instance_accounts, "instance_languages": instance_languages}
DIMENSIONS: Mapping[str, Count] = {**OF_INSTANCE, **OF_TAG, **OF_SERVER}
"""The tables there are, by the `keys` of the method."""
