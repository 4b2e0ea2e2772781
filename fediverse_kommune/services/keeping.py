"""What an actor keeps to itself about posts: bookmarks, and threads it wants to hear no more of.

https://docs.joinmastodon.org/methods/statuses/#bookmark and https://docs.joinmastodon.org/methods/statuses/#mute
"""

from sqlalchemy import delete, literal, select

from activitypub.access import readable_by
from activitypub.models import Actor, Like, Status, new_id
from activitypub.models.base import Id
from activitypub.unit import Unit
from fediverse_kommune.events import StatusKept
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import Bookmark, ThreadMute
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.timelines import Lines


def bookmark(unit: Unit, actor: Actor, status_id: int) -> None:
    """Keep a post to find it again; a second time changes nothing. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    row = {"id": new_id(unit.now), "actor_id": actor.id, "status_id": status.id, "created_at": unit.now}
    insert_new_row(unit, Bookmark, **row)
    unit.publish(StatusKept(status.id))


def unbookmark(unit: Unit, actor: Actor, status_id: int) -> None:
    """Keep a post no longer. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    unit.execute(delete(Bookmark).where(Bookmark.actor_id == actor.id, Bookmark.status_id == status.id))


def mute_thread(unit: Unit, actor: Actor, status_id: int) -> None:
    """Hear no more of the conversation around a post. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    insert_new_row(unit, ThreadMute, actor_id=actor.id, conversation_uri=_thread(status), created_at=unit.now)


def unmute_thread(unit: Unit, actor: Actor, status_id: int) -> None:
    """Hear of the conversation around a post again. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    mine = (ThreadMute.actor_id == actor.id, ThreadMute.conversation_uri == _thread(status))
    unit.execute(delete(ThreadMute).where(*mine))


def kept_by(actor: Actor, table: type[Bookmark | Like]) -> Lines:
    """Return what an actor has bookmarked, or likes, in the order in which it did, as far as it may still read it."""
    query = (
        select(table.id.label("id"), table.status_id, literal(None, Id).label("announce_id"))
        .join(Status, Status.id == table.status_id)
        .where(table.actor_id == actor.id, readable_by(actor))
    )
    return Lines(query, table.id)


def _thread(status: Status) -> str:
    return status.conversation_uri or status.uri
