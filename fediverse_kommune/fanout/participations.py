"""Who would like to come, who may, who is invited: told to the one it concerns, if that is one of ours."""

from sqlalchemy import delete

from activitypub.events import (
    ParticipationAnswered,
    ParticipationEnded,
    ParticipationInvited,
    ParticipationRequested,
)
from activitypub.models import Actor, Status, Taking
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, take_back, tell
from fediverse_kommune.models import Notification, NotificationType

ANSWERS = {
    Taking.ACCEPTED: NotificationType.PARTICIPATION_ACCEPTED,
    Taking.REJECTED: NotificationType.PARTICIPATION_REJECTED,
}


def on_participation_requested(unit: Unit, event: ParticipationRequested) -> None:
    """Ask the organiser."""
    asking = event.participation.actor_id
    _tell(unit, event.status.actor_id, NotificationType.PARTICIPATION_REQUEST, asking, event.status)


def on_participation_answered(unit: Unit, event: ParticipationAnswered) -> None:
    """Tell the one who asked what the organiser says; nobody waits for it any more."""
    row, status = event.participation, event.status
    take_back(unit, NotificationType.PARTICIPATION_REQUEST, row.actor_id, status.id)
    earlier = Notification.actor_id == row.actor_id, Notification.status_id == status.id
    unit.execute(  # the latest word counts
        delete(Notification)
        .where(*earlier, Notification.type.in_(ANSWERS.values()))
        .execution_options(synchronize_session=False)
    )
    _tell(unit, row.actor_id, ANSWERS[row.state], status.actor_id, status)


def on_participation_invited(unit: Unit, event: ParticipationInvited) -> None:
    """Tell the one who is invited."""
    _tell(unit, event.participation.actor_id, NotificationType.EVENT_INVITATION, event.status.actor_id, event.status)


def on_participation_ended(unit: Unit, event: ParticipationEnded) -> None:
    """Take back that somebody waits for an answer."""
    take_back(unit, NotificationType.PARTICIPATION_REQUEST, event.actor_id, event.status_id)


def _tell(unit: Unit, actor_id: int, kind: NotificationType, from_actor_id: int, status: Status) -> None:
    if unit.get_one(Actor, actor_id).is_local and actor_id != from_actor_id:
        tell(unit, [actor_id], News(kind, from_actor_id, status))
