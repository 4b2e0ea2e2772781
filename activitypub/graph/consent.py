"""What the author's yes or no does to what somebody wants with a status: of ours, or ours with another's."""

from sqlalchemy import select, update

from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.interactions import announce, like
from activitypub.graph.quotes import end_quote, find_quote_of, stamp_quote
from activitypub.graph.requests import announce_settled
from activitypub.graph.statuses import delete_status, release_status
from activitypub.models import Actor, InteractionRequest, Media, QuoteState, Status, Wish
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility


def grant(unit: Unit, row: InteractionRequest, authorization_uri: str) -> None:
    """Let happen what waits for consent; what one of ours did shows others its authorization from now on."""
    row.accepted_at = unit.now
    unit.flush()
    announce_settled(unit, row)
    actor, status = unit.get_one(Actor, row.actor_id), unit.get_one(Status, row.status_id)
    match row.wish:
        case Wish.LIKE:
            like(unit, actor, status, uri=row.interaction_uri)
        case Wish.ANNOUNCE:
            seen_by = row.visibility or Visibility.PUBLIC
            announced = announce(
                unit, actor, status, visibility=seen_by, uri=row.interaction_uri, published_at=row.published_at
            )
            announced.authorization_uri = authorization_uri
            unit.flush()
        case Wish.REPLY:
            release_status(unit, reply_of(unit, row), authorization_uri)
        case Wish.QUOTE:
            quote = find_quote_of(unit, reply_of(unit, row).id)
            if quote is not None:
                stamp_quote(unit, quote, unit.get_one(Actor, row.author_id))


def refuse(unit: Unit, row: InteractionRequest) -> None:
    """Let never happen what waits for consent; an answer goes, and does not come back."""
    row.rejected_at = unit.now
    unit.flush()
    announce_settled(unit, row)
    if row.wish is Wish.REPLY:
        reply = reply_of(unit, row)
        if reply.local:  # its files wait for another post of their author, as after an upload
            waiting = update(Media).where(Media.status_id == reply.id).values(status_id=None, created_at=unit.now)
            unit.execute(waiting.execution_options(synchronize_session=False))
        row.reply_id = None  # the row stays, to refuse the same answer again
        unit.flush()
        delete_status(unit, reply)
    elif row.wish is Wish.QUOTE:
        quote = find_quote_of(unit, reply_of(unit, row).id)
        if quote is not None:
            end_quote(unit, quote, QuoteState.REJECTED)


def reply_of(unit: Unit, row: InteractionRequest) -> Status:
    """Return the status that answers or quotes, with what its document and its readers need."""
    query = select(Status).where(Status.id == row.reply_id).options(*STATUS_OPTIONS)
    return unit.scalars(query.execution_options(populate_existing=True)).one()
