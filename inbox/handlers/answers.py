"""Accept and Reject of what is only named by its id: a follow, a Join, a quote, or what else needs consent."""

from collections.abc import Callable

from msgspec import Struct
from sqlalchemy.orm import Session

from activitypub.graph.calendar import find_by_uri
from activitypub.graph.collections import find_requested
from activitypub.graph.quotes import find_by_request
from activitypub.graph.statuses import find_status
from activitypub.models import Actor, Status
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Handler, Ignored
from inbox.handlers import calendar, collections, joins, permission, quotes, relationships


class _Room(Struct, frozen=True):
    """Who takes a yes or a no to what `find` finds under an id."""

    find: Callable[[Session, str], object]
    accept: Handler
    reject: Handler


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says yes. Friendica says so of an event of ours, by its id alone, for somebody who comes."""
    return await (await _room_of(ctx, activity)).accept(ctx, activity, sender)


async def receive_accept_status(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody comes to an event of ours, in the words of Hubzilla; or an answer of ours is allowed."""
    receive = joins.receive_join if activity.object.type == "Event" else permission.receive_accept
    return await receive(ctx, activity, sender)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says no; or somebody does not come after all to an event of ours."""
    return await (await _room_of(ctx, activity)).reject(ctx, activity, sender)


async def receive_reject_status(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody does not come after all to an event of ours, in the words of Hubzilla; or an answer is not allowed."""
    receive = joins.receive_leave if activity.object.type == "Event" else permission.receive_reject
    return await receive(ctx, activity, sender)


def _find_our_event(session: Session, uri: str) -> Status | None:
    status = find_status(session, uri)
    return status if status is not None and status.local and status.type == "Event" else None


_FOLLOWS = _Room(lambda *_: None, relationships.receive_accept, relationships.receive_reject)
_ROOMS = (
    _Room(_find_our_event, joins.receive_join, joins.receive_leave),
    _Room(find_by_request, quotes.receive_accept, quotes.receive_reject),
    _Room(find_by_uri, calendar.receive_accept, calendar.receive_reject),
    _Room(find_requested, collections.receive_accept, collections.receive_reject),
    _Room(permission.find_wish, permission.receive_accept, permission.receive_reject),
)


async def _room_of(ctx: Arrival, activity: Activity) -> _Room:
    """Return the room of what is named; that of follows for what is not known."""
    uri = activity.object.uri
    return _FOLLOWS if uri is None else await ctx.resolver.ctx.db.read(_named_in, uri)


def _named_in(session: Session, uri: str) -> _Room:
    return next((room for room in _ROOMS if room.find(session, uri) is not None), _FOLLOWS)
