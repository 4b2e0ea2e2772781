"""What locals hear of quotes: that somebody quotes them, and that what they quoted says something else now.

https://docs.joinmastodon.org/entities/Notification/#type
"""

from sqlalchemy import select

from activitypub.events import QuoteAccepted, QuoteEnded, StatusEdited
from activitypub.models import Actor, Quote, QuoteState, Status
from activitypub.unit import Unit
from fediverse_kommune.fanout.telling import News, take_back, tell
from fediverse_kommune.models import NotificationType
from fediverse_kommune.streaming.signals import StatusRewritten


def on_quote_accepted(unit: Unit, event: QuoteAccepted) -> None:
    """Tell the author of the quoted status, unless they quote themselves, and open streams."""
    quoted_author = event.quote.quoted_actor_id
    if quoted_author is not None and quoted_author != event.status.actor_id:
        tell(unit, [quoted_author], News(NotificationType.QUOTE, event.status.actor_id, event.status))
    if event.status.received_at < unit.now:  # who has the status open sees its quote appear
        unit.publish(StatusRewritten(event.status.id))


def on_quote_ended(unit: Unit, event: QuoteEnded) -> None:
    """Take the notification back with the quote, and tell open streams."""
    take_back(unit, NotificationType.QUOTE, event.status.actor_id, event.status.id)
    unit.publish(StatusRewritten(event.status.id))


def on_status_edited(unit: Unit, event: StatusEdited) -> None:
    """Tell local people that a status which they quote was edited; the notification shows their own post."""
    quoting = (
        select(Status)
        .join(Quote, Quote.status_id == Status.id)
        .join(Actor, Actor.id == Status.actor_id)
        .where(
            Quote.quoted_id == event.status.id,
            Quote.state == QuoteState.ACCEPTED,
            Actor.domain.is_(None),
            Actor.id != event.status.actor_id,
        )
    )
    for status in unit.scalars(quoting).all():
        # The notification of the latest edit takes the place of that of an earlier one.
        take_back(unit, NotificationType.QUOTED_UPDATE, event.status.actor_id, status.id)
        tell(unit, [status.actor_id], News(NotificationType.QUOTED_UPDATE, event.status.actor_id, status))
