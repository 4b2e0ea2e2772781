"""What somebody posted before anybody here followed is read after the first follow."""

from activitypub.events import FollowAccepted
from activitypub.unit import Unit
from fediverse_kommune.services import backfill


def on_follow_accepted(unit: Unit, event: FollowAccepted) -> None:
    """Have the latest posts of somebody elsewhere read, if nobody here followed before."""
    follow = event.follow
    if follow.follower.is_local and not follow.followed.is_local:
        backfill.want_profile(unit, follow)
