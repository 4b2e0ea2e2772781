"""The last that a server hears before it is shut out: which follows have ended, so that neither side believes in them.

Mastodon says the same at that moment: a Reject for each that followed, an Undo for each that was followed
(https://github.com/mastodon/mastodon/blob/main/app/services/delete_account_service.rb). A block that is lifted later
finds both sides of one mind.
"""

from sqlalchemy import select

from activitypub.events import EndedFollow, TiesSevered
from activitypub.models import Actor, Follow, Instance, new_id
from activitypub.unit import Unit
from outbox import activities
from outbox.publish import Sending, publish_each
from outbox.recipients import Inbox


def on_ties_severed(unit: Unit, event: TiesSevered) -> None:
    """Queue a Reject or an Undo for each follow that ended; nothing for servers that have not answered for long."""
    ids = {actor_id for row in event.untold for actor_id in (row.follower_id, row.followed_id)}
    actors = {actor.id: actor for actor in unit.scalars(select(Actor).where(Actor.id.in_(ids)))}
    hosts = {actor.host for actor in actors.values()}
    away = select(Instance.host).where(Instance.host.in_(hosts), Instance.unavailable_since.is_not(None))
    unreached = set(unit.scalars(away))
    words = [_word(unit, row, actors[row.follower_id], actors[row.followed_id]) for row in event.untold]
    publish_each(unit, [word for word in words if word.inbox.host not in unreached])


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
