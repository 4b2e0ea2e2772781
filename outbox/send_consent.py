"""What is told to whom about consent: quotes (FEP-044f), and answers, likes and announces that wait to be allowed.

The rules of `send.py` hold here as well: each function runs in the unit of the change and queues what concerns others.
"""

from activitypub.documents import Document
from activitypub.models import Actor, Announce, CollectionItem, InteractionRequest, Like, Quote, Status, Wish
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from outbox import activities, consent_activities
from outbox.consent_activities import InteractionAsked, QuoteAsked
from outbox.loading import load_status
from outbox.publish import publish
from outbox.recipients import inboxes_of
from outbox.send import reached
from outbox.telling import actor_of, new_uri, tell, undone


def send_quote_request(unit: Unit, quote: Quote, status: Status) -> None:
    """Ask the author of a remote status to let one of ours quote it. Of an author here nobody need ask."""
    if quote.quoted_actor_id is None or quote.quoted_actor_id == status.actor_id:
        return
    load_status(unit, status)
    author = actor_of(unit, quote.quoted_actor_id)
    activity = consent_activities.quote_request(quote, status=status, author=author, instance=unit.instance)
    tell(unit, activity, by=status.actor, to=author)


def send_quote_accept(unit: Unit, asked: QuoteAsked, quote: Quote, *, author: Actor, quoter: Actor) -> None:
    """Say yes to a QuoteRequest, and where the stamp stands."""
    uri = new_uri(unit, author, "accept")
    activity = consent_activities.quote_accept(asked, quote, author=author, quoter=quoter, uri=uri)
    tell(unit, activity, by=author, to=quoter)


def send_quote_reject(unit: Unit, asked: QuoteAsked, *, author: Actor, quoter: Actor) -> None:
    """Say no to a QuoteRequest."""
    activity = consent_activities.quote_reject(asked, author=author, quoter=quoter, uri=new_uri(unit, author, "reject"))
    tell(unit, activity, by=author, to=quoter)


def send_quote_revoke(unit: Unit, stamp_uri: str, quoted: Status, quoting: Status) -> None:
    """Tell whoever may have seen the quote that `stamp_uri` is worth nothing any more: its author, and our readers."""
    if quoted.local_only:
        return
    load_status(unit, quoted)
    quoter = actor_of(unit, quoting.actor_id)
    uri = new_uri(unit, quoted.actor, "delete")
    activity = consent_activities.quote_revoke(stamp_uri, author=quoted.actor, quoter=quoter, uri=uri)
    inboxes = dict.fromkeys([*inboxes_of(unit, actors=[quoter.id]), *reached(unit, quoted)])
    publish(unit, activity, by=quoted.actor, object_uri=stamp_uri, inboxes=list(inboxes))


def send_wish(unit: Unit, row: InteractionRequest, status: Status) -> None:
    """Tell the author of a remote status, and nobody else, what one of ours wants to do: the Like or Announce itself.

    GoToSocial takes that as a request, as all of its versions do. An answer is told by `send_status`.
    """
    actor, author = actor_of(unit, row.actor_id), actor_of(unit, row.author_id)
    tell(unit, _wanted(row, actor, status, author), by=actor, to=author)


def send_undo_wish(unit: Unit, row: InteractionRequest, status: Status) -> None:
    """Take back what still waits for consent elsewhere."""
    actor, author = actor_of(unit, row.actor_id), actor_of(unit, row.author_id)
    tell(unit, undone(unit, _wanted(row, actor, status, author), actor), by=actor, to=author)


def _wanted(row: InteractionRequest, actor: Actor, status: Status, author: Actor) -> Document:
    if row.wish is Wish.LIKE:
        return activities.like(Like(uri=row.interaction_uri), actor=actor, status=status, author=author)
    seen_by, at = row.visibility or Visibility.PUBLIC, row.published_at or row.created_at
    announce = Announce(uri=row.interaction_uri, visibility=seen_by, published_at=at)
    return activities.announce(announce, actor=actor, status=status, author=author)


def send_interaction_accept(unit: Unit, row: InteractionRequest, status: Status) -> None:
    """Tell who wanted to like, answer or announce a status of ours that they may, and where that is written."""
    author, asking = actor_of(unit, row.author_id), actor_of(unit, row.actor_id)
    asked = InteractionAsked(row.wish, status.uri, row.interaction_uri, row.request_uri)
    where = unit.instance.authorization_uri(author.uri, row.id)
    uri = new_uri(unit, author, "accept")
    tell(
        unit,
        consent_activities.interaction_accept(asked, where, author=author, asking=asking, uri=uri),
        by=author,
        to=asking,
    )


def send_interaction_reject(unit: Unit, asked: InteractionAsked, *, author: Actor, asking: Actor) -> None:
    """Tell who wanted to like, answer or announce a status of ours that they may not."""
    uri = new_uri(unit, author, "reject")
    activity = consent_activities.interaction_reject(asked, author=author, asking=asking, uri=uri)
    tell(unit, activity, by=author, to=asking)


def send_feature_request(unit: Unit, item: CollectionItem, collection_uri: str, *, owner: Actor, target: Actor) -> None:
    """Ask somebody elsewhere to be shown in a collection."""
    tell(
        unit, consent_activities.feature_request(item, collection_uri, owner=owner, target=target), by=owner, to=target
    )


def send_feature_reject(unit: Unit, request_uri: str, *, actor: Actor, asking: Actor) -> None:
    """Tell who would like to show one of ours in a collection that they may not."""
    uri = new_uri(unit, actor, "reject")
    tell(unit, consent_activities.feature_reject(request_uri, actor=actor, asking=asking, uri=uri), by=actor, to=asking)
