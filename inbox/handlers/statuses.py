"""Create, Update and Delete of statuses; pins (Add and Remove on `featured`)."""

import logging
from functools import partial

from sqlalchemy import select

from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.actors import find_actor
from activitypub.graph.collections import find_by_authorization
from activitypub.graph.quotes import QuoteClaim, find_by_stamp
from activitypub.graph.relationships import find_block
from activitypub.graph.remote import addressed_uris, remote_draft
from activitypub.graph.requests import Asked
from activitypub.graph.statuses import (
    bury,
    create_status,
    delete_status,
    find_status,
    hear,
    seen,
)
from activitypub.models import Actor, Status, Wish
from activitypub.parse import Unreadable, parse_status
from activitypub.unit import Unit
from activitypub.vocabulary import Activity, RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored, nothing
from inbox.forwarding import forward_change, forward_reply
from inbox.handlers.around import look_around
from inbox.handlers.collections import revoke as unfeature
from inbox.handlers.consent import Answer, consent
from inbox.handlers.origin import STILL_THERE, edit_remote, look_again, look_for, look_whether_gone
from inbox.handlers.polls import receive_vote
from inbox.handlers.quotes import revoke
from outbox import relay
from outbox.groups import pass_on, receive_post

log = logging.getLogger(__name__)


async def receive_create(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A status arrives. It is kept if somebody here follows its author, is addressed or quoted, or knows its parent.

    A public one of a server that subscribes to our relay is kept, too, and passed on.
    """
    document = activity.object.document
    if document is None:
        return await _receive_by_reference(ctx, activity, sender)
    remote = parse_status(document, allow_http=ctx.test_network, envelope=activity)
    if remote.is_vote:
        return await receive_vote(ctx, remote, sender)
    return await _keep(ctx, remote, sender)


async def receive_update(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A status says something new. An Update that overtook its Create stands in for it."""
    document = activity.object.document
    if document is None:
        return Ignored("an Update without its object")
    remote = parse_status(document, allow_http=ctx.test_network, envelope=activity)
    if await ctx.resolver.ctx.db.read(find_status, remote.uri) is None:
        return await _keep(ctx, remote, sender)
    if remote.attributed_to != sender.uri:
        return await look_again(ctx, remote.uri)
    known = await ctx.resolver.known_actors(addressed_uris(remote))
    quote = await ctx.resolver.quote_claim(remote, ctx.budget)
    return partial(edit_remote, remote=remote, sender=sender, known=known, quote=quote, body=ctx.body)


async def receive_delete(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A status is gone, or will never come: a Delete that overtook its Create keeps it from appearing."""
    if activity.object.uri is None:
        return Ignored("deletes something without an id")
    stamped = await ctx.resolver.ctx.db.read(find_by_stamp, activity.object.uri)
    if stamped is not None:
        return partial(revoke, sender=sender, stamp_uri=activity.object.uri)
    if await ctx.resolver.ctx.db.read(find_by_authorization, activity.object.uri) is not None:
        return partial(unfeature, sender=sender, authorization_uri=activity.object.uri)
    status = await ctx.resolver.ctx.db.read(find_status, activity.object.uri)
    if status is not None and status.actor_id != sender.id:
        found = await look_whether_gone(ctx, status)
        # What is said to be gone and is not may say something else now (FEP-4f05).
        return await look_again(ctx, status.uri) if found is STILL_THERE else found
    return partial(_delete, sender=sender, status_uri=activity.object.uri, body=ctx.body)


async def receive_add(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """An actor shows a status on top of its profile."""
    return _pin(activity, sender, pinned=True)


async def receive_remove(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """An actor no longer shows a status on top of its profile."""
    return _pin(activity, sender, pinned=False)


async def _receive_by_reference(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    if activity.object.uri is None:
        return Ignored("creates something without an id")
    status = await ctx.resolver.status(activity.object.uri, ctx.budget)
    if status.actor_id != sender.id:
        raise Unreadable("The created object is not the sender's.")
    return nothing


async def _keep(ctx: Arrival, remote: RemoteStatus, sender: Actor) -> Effect | Ignored:
    """Return the unit that stores a status of the sender; the thread above a reply is fetched before."""
    if remote.attributed_to != sender.uri:
        return await _look_beside(ctx, remote, sender)
    quote = None
    if remote.in_reply_to is not None or remote.quote is not None:
        surroundings = await ctx.resolver.ctx.db.read(look_around, remote, sender, ctx.resolver.ctx.instance)
        if not surroundings.concerns_us:
            return Ignored("concerns nobody here")
        await ctx.resolver.ancestors(remote.in_reply_to, ctx.budget)
        quote = await ctx.resolver.quote_claim(remote, ctx.budget)
    return partial(_create, remote=remote, sender=sender, body=ctx.body, quote=quote)


async def _look_beside(ctx: Arrival, remote: RemoteStatus, sender: Actor) -> Effect | Ignored:
    """Read a status of somebody else on the sender's server from there, such as what a member says for its group.

    A server speaks for all of its actors, and none of them for another (FEP-fe34, row A12).
    """
    author = await ctx.resolver.ctx.db.read(find_actor, remote.attributed_to)
    surroundings = await ctx.resolver.ctx.db.read(look_around, remote, author or sender, ctx.resolver.ctx.instance)
    return await look_for(ctx, remote.uri) if surroundings.concerns_us else Ignored("concerns nobody here")


def _create(unit: Unit, *, remote: RemoteStatus, sender: Actor, body: bytes, quote: QuoteClaim | None) -> None:
    known = seen(unit, remote.uri)
    if known.unheard:
        _hear(unit, remote, sender)
    if any(known):
        return
    surroundings = look_around(unit, remote, sender, unit.instance)
    if surroundings.concerns_us and not _is_unwanted(unit, remote, sender):
        status = create_status(unit, remote_draft(remote, sender, surroundings.known, unit.now, quote))
        if not status.held:
            forward_reply(unit, status, body, {*remote.to, *remote.cc})
            receive_post(unit, status, body)
            if surroundings.is_for_relay:
                relay.pass_on(unit, status)


def _hear(unit: Unit, remote: RemoteStatus, sender: Actor) -> None:
    """Tell of a status that had been read in the background before it came."""
    stored = select(Status).where(Status.uri == remote.uri, Status.actor_id == sender.id).options(*STATUS_OPTIONS)
    status = unit.scalar(stored)
    if status is not None:
        hear(unit, status)


def _is_unwanted(unit: Unit, remote: RemoteStatus, sender: Actor) -> bool:
    """True for an answer that this sender may not give, or to one that waits itself."""
    parent = find_status(unit, remote.in_reply_to) if remote.in_reply_to else None
    if parent is None:
        return False
    if parent.held:
        log.info("%s answers what waits for consent itself", remote.uri)
        return True
    if find_block(unit, parent.actor_id, sender.id):
        log.info("%s answers somebody who has blocked its author", remote.uri)
        return True
    return consent(unit, sender, parent, Asked(Wish.REPLY, remote.uri)) is Answer.NO


def _delete(unit: Unit, *, sender: Actor, status_uri: str, body: bytes) -> None:
    status = find_status(unit, status_uri)
    if status is None and find_actor(unit, status_uri) is None:
        bury(unit, status_uri)
    elif status is not None and status.actor_id == sender.id:
        pass_on(unit, body, status)
        forward_change(unit, status, body)
        delete_status(unit, status)


def _pin(activity: Activity, sender: Actor, *, pinned: bool) -> Effect | Ignored:
    target = activity.target.uri if activity.target else None
    if target is None or target != sender.featured_uri or activity.object.uri is None:
        return Ignored("adds to a collection that is not the sender's featured posts")
    return partial(_set_pin, sender=sender, status_uri=activity.object.uri, pinned=pinned)


def _set_pin(unit: Unit, *, sender: Actor, status_uri: str, pinned: bool) -> None:
    status = find_status(unit, status_uri)
    if status is not None and status.actor_id == sender.id:
        status.pinned_at = unit.now if pinned else None
        unit.flush()
