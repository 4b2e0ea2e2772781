"""Accept and Reject of what one of ours wants to do with a status elsewhere: like it, answer it, announce it.

The author was told by the Like, the Announce or the Create itself, and answers it by its id or, if that is how they
see it, by a request for it. `result` is their authorization, which others ask for; before GoToSocial 0.19 the Accept
itself was. https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph import consent
from activitypub.graph.interactions import find_announce
from activitypub.models import Actor, InteractionRequest, Status, Wish
from activitypub.properties import one_uri
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from outbox import send

NOT_ASKED = Ignored("answers nothing that one of ours has asked for")


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The author lets it happen: from now on it is done, and told to everybody it is for."""
    if await ctx.resolver.ctx.db.read(_waiting, activity, sender) is None:
        return NOT_ASKED
    authorization_uri = one_uri(activity.document, "result") or activity.id
    if not same_origin(authorization_uri, sender.uri):
        return Ignored("accepts with an authorization of somebody else")
    return partial(_accept, activity=activity, sender=sender, authorization_uri=authorization_uri)


def _accept(unit: Unit, *, activity: Activity, sender: Actor, authorization_uri: str) -> None:
    row = _waiting(unit, activity, sender)
    if row is None:
        return
    consent.grant(unit, row, authorization_uri)
    if row.wish is Wish.REPLY:
        send.send_status(unit, consent.reply_of(unit, row))
    elif row.wish is Wish.ANNOUNCE:
        announce = find_announce(unit, row.actor_id, row.status_id)
        if announce is not None:
            send.send_announce(unit, announce, unit.get_one(Status, row.status_id))


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The author does not let it happen: an answer goes, and what else was wanted is not asked for again."""
    if await ctx.resolver.ctx.db.read(_waiting, activity, sender) is None:
        return NOT_ASKED
    return partial(_reject, activity=activity, sender=sender)


def _reject(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = _waiting(unit, activity, sender)
    if row is not None:
        consent.refuse(unit, row)


def find_wish(session: Session, uri: str) -> InteractionRequest | None:
    """Return what is wanted by the Like, Announce or answer with this id."""
    return session.scalar(
        select(InteractionRequest).where(
            InteractionRequest.interaction_uri == uri, InteractionRequest.wish != Wish.QUOTE
        )
    )


def _waiting(session: Session, activity: Activity, sender: Actor) -> InteractionRequest | None:
    """Return what one of ours wants of the sender and what is not decided yet, as the answer names it."""
    instrument = one_uri(activity.object.document or {}, "instrument")
    found = (find_wish(session, uri) for uri in (activity.object.uri, instrument) if uri)
    row = next((row for row in found if row is not None), None)
    if row is None or row.author_id != sender.id:
        return None
    return row if row.accepted_at is None and row.rejected_at is None else None
