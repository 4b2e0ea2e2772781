"""Who may find the posts of others by their words (FEP-268d): as it is stored, and as a condition. Pure.

What a post says counts before what its author says of all posts, and both before `indexable` (FEP-5feb).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from activitypub.models import Actor, Follow, Status
from activitypub.vocabulary import PUBLIC

_EVERYBODY, _FOLLOWERS = "\npublic\n", "\nfollowers\n"


def words_of(uris: Sequence[str], followers_uri: str | None) -> str | None:
    """Return how it is stored who may find something: "public", "followers" and URIs of actors, a line each."""
    if not uris:
        return None
    words = {PUBLIC: "public", followers_uri: "followers"}
    return "".join(f"\n{words.get(uri, uri)}" for uri in uris) + "\n"


def is_for_some(status: Status) -> bool:
    """True if more people may find a status than it names. Its author has to be loaded."""
    said = status.actor.searchable_by if status.searchable_by is None else status.searchable_by
    return status.actor.indexable if said is None else _EVERYBODY in said or _FOLLOWERS in said


def said() -> ColumnElement[Any]:
    """Return what is said of a `Status`: by itself, else by its author; NULL for nothing."""
    by_author = select(Actor.searchable_by).where(Actor.id == Status.actor_id).scalar_subquery()
    return func.coalesce(Status.searchable_by, by_author)


def names_some() -> ColumnElement[bool]:
    """Return the condition on `Status` for what says that everybody, or who follows, may find it."""
    return or_(said().contains(_EVERYBODY), said().contains(_FOLLOWERS))


def names(reader: Actor) -> ColumnElement[bool]:
    """Return the condition on `Status` for what says that a reader may find it."""
    follows = exists().where(
        Follow.follower_id == reader.id, Follow.followed_id == Status.actor_id, Follow.accepted_at.is_not(None)
    )
    by_name = said().contains(f"\n{reader.uri}\n", autoescape=True)
    return or_(said().contains(_EVERYBODY), said().contains(_FOLLOWERS) & follows, by_name)
