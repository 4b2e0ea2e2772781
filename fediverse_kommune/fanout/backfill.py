"""What other servers have and we do not: old posts after the first follow, and who follows by their word."""

from activitypub.events import ActorUpdated, FollowAccepted, FollowersDiffer
from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.services import backfill, followers_sync


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Have the latest posts of somebody elsewhere read, if nobody here followed before."""
    follow = event.follow
    ends = [unit.get_one(Actor, actor_id) for actor_id in (follow.follower_id, follow.followed_id)]
    if [end.is_local for end in ends] == [True, False]:
        backfill.want_profile(unit, follow)


def on_actor_updated(unit: Unit, event: ActorUpdated) -> None:
    """Have the pins of somebody elsewhere read again whose document has just been read again."""
    backfill.want_pins(unit, event.actor)


def on_followers_differ(unit: Unit, event: FollowersDiffer) -> None:
    """Have the followers compared."""
    followers_sync.want(unit, event.actor_id, event.url)
