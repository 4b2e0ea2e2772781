"""Deciding on what others want to do with one's posts.

https://docs.gotosocial.org/en/latest/api/swagger/ (interaction_requests)
"""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from activitypub.graph import consent
from activitypub.graph.interactions import find_announce
from activitypub.graph.quotes import find_quote_of
from activitypub.models import Actor, InteractionRequest, Quote, Status, Wish
from activitypub.unit import Unit
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.unwanted import is_unwanted
from outbox import send, send_consent
from outbox.consent_activities import InteractionAsked, QuoteAsked


def waiting_for(author: Actor, wishes: Collection[Wish], status_id: int | None) -> Select[InteractionRequest]:
    """Select what waits for the decision of `author`, without what those want who are suspended or not wanted."""
    query = (
        select(InteractionRequest)
        .join(Actor, Actor.id == InteractionRequest.actor_id)
        .where(
            InteractionRequest.author_id == author.id,
            InteractionRequest.accepted_at.is_(None),
            InteractionRequest.rejected_at.is_(None),
            InteractionRequest.wish.in_(wishes),
            Actor.suspended_at.is_(None),
            ~is_unwanted(author.id, Actor.id),
        )
    )
    return query if status_id is None else query.where(InteractionRequest.status_id == status_id)


def find_own(session: Session, author_id: int, request_id: int) -> InteractionRequest:
    """Return a request to this author, decided or not. Raises `NotFound` also for one to somebody else."""
    row = session.get(InteractionRequest, request_id)
    if row is None or row.author_id != author_id:
        raise NotFound
    return row


def authorize(unit: Unit, author: Actor, request_id: int) -> InteractionRequest:
    """Let it happen, and tell who asked; a second time changes nothing. Raises `NotFound`, and `Invalid` after a no."""
    row = _undecided(unit, author, request_id)
    if row.rejected_at is not None:
        raise Invalid("This request was rejected already.")
    if row.accepted_at is None:
        consent.grant(unit, row, unit.instance.authorization_uri(author.uri, row.id))
        _tell_yes(unit, row, author)
    return row


def reject(unit: Unit, author: Actor, request_id: int) -> InteractionRequest:
    """Let it never happen, and tell who asked; again, nothing changes. Raises `NotFound`, and `Invalid` after a yes."""
    row = _undecided(unit, author, request_id)
    if row.accepted_at is not None:
        raise Invalid("This request was accepted already.")
    if row.rejected_at is None:
        consent.refuse(unit, row)
        _tell_no(unit, row, author)
    return row


def refuse_all_by(unit: Unit, author: Actor, asking: Actor) -> None:
    """Refuse all that somebody waits for who is blocked now; nobody tells them so."""
    rows = unit.scalars(
        select(InteractionRequest).where(
            InteractionRequest.author_id == author.id,
            InteractionRequest.actor_id == asking.id,
            InteractionRequest.accepted_at.is_(None),
            InteractionRequest.rejected_at.is_(None),
        )
    ).all()
    for row in rows:
        consent.refuse(unit, row)


def _undecided(unit: Unit, author: Actor, request_id: int) -> InteractionRequest:
    """Return a request, locked: of two decisions at once the first one counts."""
    row = unit.scalar(
        select(InteractionRequest)
        .where(InteractionRequest.id == request_id, InteractionRequest.author_id == author.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def _tell_yes(unit: Unit, row: InteractionRequest, author: Actor) -> None:
    """Tell who asked from elsewhere; of one of ours, do what was put off: tell others what they have done."""
    status, asking = unit.get_one(Status, row.status_id), unit.get_one(Actor, row.actor_id)
    if row.wish is Wish.QUOTE:
        _tell_quote(unit, row, author, asking, accepted=True)
    elif not asking.is_local:
        send_consent.send_interaction_accept(unit, row, status)
    elif row.wish is Wish.REPLY:
        send.send_status(unit, consent.reply_of(unit, row))
    elif row.wish is Wish.ANNOUNCE:
        announce = find_announce(unit, asking.id, status.id)
        if announce is not None:
            send.send_announce(unit, announce, status)


def _tell_no(unit: Unit, row: InteractionRequest, author: Actor) -> None:
    asking = unit.get_one(Actor, row.actor_id)
    if row.wish is Wish.QUOTE:
        _tell_quote(unit, row, author, asking, accepted=False)
    elif not asking.is_local:
        target_uri = unit.get_one(Status, row.status_id).uri
        asked = InteractionAsked(row.wish, target_uri, row.interaction_uri, row.request_uri)
        send_consent.send_interaction_reject(unit, asked, author=author, asking=asking)


def _tell_quote(unit: Unit, row: InteractionRequest, author: Actor, asking: Actor, *, accepted: bool) -> None:
    """Answer the QuoteRequest, if there was one; who quoted without asking finds the stamp, or does not."""
    quoting = consent.reply_of(unit, row)
    quote: Quote | None = find_quote_of(unit, quoting.id)
    if quote is None:
        return
    if asking.is_local:
        send.send_status_update(unit, quoting)
    elif quote.request_uri is not None:
        asked = QuoteAsked(quote.request_uri, quote.quoted_uri, quoting.uri)
        if accepted:
            send_consent.send_quote_accept(unit, asked, quote, author=author, quoter=asking)
        else:
            send_consent.send_quote_reject(unit, asked, author=author, quoter=asking)
