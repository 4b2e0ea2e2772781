"""The last that a server hears before it is shut out: which follows have ended, so that neither side believes in them.

Mastodon says the same at that moment: a Reject for each that followed, an Undo for each that was followed
(https://github.com/mastodon/mastodon/blob/main/app/services/delete_account_service.rb). A block that is lifted later
finds both sides of one mind.
"""

from collections.abc import Sequence

from sqlalchemy import select

from activitypub.events import EndedFollow, TiesSevered
from activitypub.models import Actor, Follow, Instance, new_id
from activitypub.unit import Unit
from outbox import activities
from outbox.publish import Sending, publish_each
from outbox.recipients import Inbox

AT_ONCE = 5_000  # SQLite takes 32,766 values in a statement, PostgreSQL 65,535


def on_ties_severed(unit: Unit, event: TiesSevered) -> None:
    """Queue a Reject or an Undo for each follow that ended; nothing for servers that have not answered for long."""
    actors = _actors_of(unit, event.untold)
    unreached = set(unit.scalars(select(Instance.host).where(Instance.unavailable_since.is_not(None))))
    words = [_word(unit, row, actors[row.follower_id], actors[row.followed_id]) for row in event.untold]
    publish_each(unit, [word for word in words if word.inbox.host not in unreached])


def _actors_of(unit: Unit, follows: Sequence[EndedFollow]) -> dict[int, Actor]:
    """Return both ends of each follow by id, some at a time: a database takes only so many values in a statement."""
    ids = sorted({actor_id for row in follows for actor_id in (row.follower_id, row.followed_id)})
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return {actor.id: actor for part in parts for actor in unit.scalars(select(Actor).where(Actor.id.in_(part)))}


def _word(unit: Unit, ended: EndedFollow, follower: Actor, followed: Actor) -> Sending:
    """Return what is said of one follow: by the one of the two that is ours, to the other."""
    row = Follow(
        id=new_id(unit.now), uri=ended.uri, follower_id=follower.id, followed_id=followed.id, created_at=unit.now
    )
    ours, theirs = (followed, follower) if followed.is_local else (follower, followed)
    uri = unit.instance.activity_uri(ours.uri, "reject" if ours is followed else "undo", row.id)
    if ours is followed:
        activity = activities.reject(row, follower=follower, followed=followed, uri=uri)
    else:
        activity = activities.undo(activities.follow(row, follower=follower, followed=followed), uri=uri)
    return Sending(activity, ours, theirs.uri, Inbox(theirs.inbox_uri, theirs.host))
