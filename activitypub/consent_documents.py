"""Stamps and authorizations that are valid now, found by their ids."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from activitypub.documents import Document
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Announce, EmojiReaction, InteractionRequest, Like, Quote, QuoteState, Status, Wish
from activitypub.quote_documents import authorization_document, quote_authorization_document


def find_stamp(session: Session, stamp_uri: str) -> Document | None:
    """Return a stamp that is valid now: its quote holds, and both statuses are there."""
    quoted = aliased(Status)
    found = session.execute(
        select(Quote, Status.uri, Actor)
        .join(Status, Status.id == Quote.status_id)
        .join(quoted, quoted.id == Quote.quoted_id)
        .join(Actor, Actor.id == quoted.actor_id)
        .where(Quote.stamp_uri == stamp_uri, Quote.state == QuoteState.ACCEPTED, Actor.suspended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, quoting_uri, author = found
    return quote_authorization_document(row, quoting=quoting_uri, author=author)


def find_authorization(session: Session, instance: LocalInstance, username: str, request_id: int) -> Document | None:
    """Return an authorization that is valid now: consent was given, and what it allows is still there."""
    reply = aliased(Status)
    acts = (Like, EmojiReaction, Announce, reply)
    stands = or_(*(exists().where(rows.uri == InteractionRequest.interaction_uri) for rows in acts))
    found = session.execute(
        select(InteractionRequest, Status.uri, Actor)
        .join(Status, Status.id == InteractionRequest.status_id)
        .join(Actor, Actor.id == InteractionRequest.author_id)
        .where(InteractionRequest.id == request_id, InteractionRequest.accepted_at.is_not(None), stands)
        .where(InteractionRequest.wish != Wish.QUOTE, Actor.uri == instance.user_uri(username))
        .where(Actor.suspended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, target, author = found
    uri = instance.authorization_uri(author.uri, row.id)
    return authorization_document(row, uri=uri, target=target, author=author)
