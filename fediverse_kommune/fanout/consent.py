"""What waits for the consent of one of ours is told to them, until it is decided or taken back.

GoToSocial's API has the kinds `pending.favourite`, `pending.reply` and `pending.reblog`; quotes are ours.
https://docs.gotosocial.org/en/latest/api/swagger/ (notification)
"""

from activitypub.events import InteractionRequested, InteractionSettled
from activitypub.models import Wish
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, take_back, tell
from fediverse_kommune.models import NotificationType

KINDS = {
    Wish.LIKE: NotificationType.PENDING_FAVOURITE,
    Wish.REPLY: NotificationType.PENDING_REPLY,
    Wish.ANNOUNCE: NotificationType.PENDING_REBLOG,
    Wish.QUOTE: NotificationType.PENDING_QUOTE,
}


def on_interaction_requested(unit: Unit, event: InteractionRequested) -> None:
    """Tell the author; the notification shows their post, or the one that wants to answer or quote it."""
    request = event.request
    tell(unit, [request.author_id], News(KINDS[request.wish], request.actor_id, event.subject))


def on_interaction_settled(unit: Unit, event: InteractionSettled) -> None:
    """Take the notification back: there is nothing left to decide."""
    take_back(unit, KINDS[event.wish], event.actor_id, event.subject_id)
