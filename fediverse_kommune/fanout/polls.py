"""The end of a poll: who asked and who voted hear of the result."""

from sqlalchemy import or_, select

from activitypub.events import PollEnded
from activitypub.models import Actor, PollVote
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, tell
from fediverse_kommune.models import NotificationType


def on_poll_ended(unit: Unit, event: PollEnded) -> None:
    """Tell the author, if local, and everybody here who voted."""
    status = event.status
    voters = select(PollVote.actor_id).where(PollVote.status_id == status.id)
    whom = select(Actor.id).where(or_(Actor.id == status.actor_id, Actor.id.in_(voters)))
    tell(unit, whom, News(NotificationType.POLL, status.actor_id, status))
