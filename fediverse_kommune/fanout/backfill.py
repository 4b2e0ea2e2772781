"""What other servers have and we do not: old posts after the first follow, and who follows by their word."""

from activitypub.events import FollowAccepted, FollowersDiffer
from activitypub.unit import Unit
from fediverse_kommune.services import backfill, followers_sync


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Have the latest posts of somebody elsewhere read, if nobody here followed before."""
    follow = event.follow
    if follow.follower.is_local and not follow.followed.is_local:
        backfill.want_profile(unit, follow)


def on_followers_differ(unit: Unit, event: FollowersDiffer) -> None:
    """Have the followers compared."""
    followers_sync.want(unit, event.actor_id, event.url)
