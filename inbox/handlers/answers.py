"""Accept and Reject of what is only named by its id: a follow, a Join, a quote, or what else needs consent."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from activitypub.graph.calendar import find_by_uri
from activitypub.graph.collections import find_requested
from activitypub.graph.quotes import find_by_request
from activitypub.graph.statuses import find_status
from activitypub.models import Actor
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Handler, Ignored
from inbox.handlers import calendar, collections, joins, permission, quotes, relationships


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says yes. Friendica says so of an event of ours, by its id alone, for somebody who comes."""
    if await _is_our_event(ctx, activity):
        return await joins.receive_join(ctx, activity, sender)
    rooms = (quotes, calendar, collections, permission, relationships)
    handler = await _right_one(ctx, activity, [room.receive_accept for room in rooms])
    return await handler(ctx, activity, sender)


async def receive_accept_status(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody comes to an event of ours, in the words of Hubzilla; or an answer of ours is allowed."""
    receive = joins.receive_join if activity.object.type == "Event" else permission.receive_accept
    return await receive(ctx, activity, sender)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says no; or somebody does not come after all to an event of ours."""
    if await _is_our_event(ctx, activity):
        return await joins.receive_leave(ctx, activity, sender)
    rooms = (quotes, calendar, collections, permission, relationships)
    handler = await _right_one(ctx, activity, [room.receive_reject for room in rooms])
    return await handler(ctx, activity, sender)


async def receive_reject_status(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody does not come after all to an event of ours, in the words of Hubzilla; or an answer is not allowed."""
    receive = joins.receive_leave if activity.object.type == "Event" else permission.receive_reject
    return await receive(ctx, activity, sender)


async def _is_our_event(ctx: Arrival, activity: Activity) -> bool:
    uri = activity.object.uri
    return uri is not None and await ctx.resolver.ctx.db.read(_names_event, uri)


def _names_event(session: Session, uri: str) -> bool:
    status = find_status(session, uri)
    return status is not None and status.local and status.type == "Event"


async def _right_one(ctx: Arrival, activity: Activity, handlers: Sequence[Handler]) -> Handler:
    """Return the handler of what is named: for quotes, events, collections, what else needs consent, or follows."""
    for_quotes, for_events, for_collections, for_wishes, for_follows = handlers
    uri, db = activity.object.uri, ctx.resolver.ctx.db
    if uri is None:
        return for_follows
    if await db.read(find_by_request, uri):
        return for_quotes
    if await db.read(find_by_uri, uri):
        return for_events
    if await db.read(find_requested, uri):
        return for_collections
    return for_wishes if await db.read(permission.find_wish, uri) else for_follows
