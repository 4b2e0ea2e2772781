"""Posts by mail to those who have no login here."""

from activitypub.events import ActorSuspended, StatusCreated, StatusEdited
from activitypub.unit import Unit
from fediverse_kommune.services import subscriptions


def on_status_created(unit: Unit, event: StatusCreated) -> None:
    """Send a new post to all who subscribed."""
    subscriptions.mail_post(unit, event.status)


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Send what the post says now, where it has not been sent. Of one that is deleted the waiting mails go with it."""
    subscriptions.correct(unit, event.status)


def on_actor_suspended(unit: Unit, event: ActorSuspended) -> None:
    """Send nothing more of somebody who is suspended while it waits."""
    subscriptions.call_back(unit, event.actor.id)
