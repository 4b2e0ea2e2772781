"""The end of a poll: who asked and who voted hear of the result."""

from sqlalchemy import select

from activitypub.events import PollEnded
from activitypub.models import Actor, PollVote
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, tell
from fediverse_kommune.models import NotificationType


def on_poll_ended(unit: Unit, event: PollEnded) -> None:
    """Tell the author, if local, and everybody here who voted."""
    status = event.status
    voters = (
        select(PollVote.actor_id)
        .join(Actor, Actor.id == PollVote.actor_id)
        .where(PollVote.status_id == status.id, Actor.domain.is_(None))
    )
    tell(unit, {status.actor_id, *unit.scalars(voters)}, News(NotificationType.POLL, status.actor_id, status))
