"""Accept and Reject of what is only named by its id: of a follow, a request to quote, or what else needs consent."""

from activitypub.graph.quotes import find_by_request
from activitypub.models import Actor
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Handler, Ignored
from inbox.handlers import permission, quotes, relationships


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says yes."""
    handlers = (quotes.receive_accept, permission.receive_accept, relationships.receive_accept)
    return await (await _right_one(ctx, activity, handlers))(ctx, activity, sender)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says no."""
    handlers = (quotes.receive_reject, permission.receive_reject, relationships.receive_reject)
    return await (await _right_one(ctx, activity, handlers))(ctx, activity, sender)


async def _right_one(ctx: Arrival, activity: Activity, handlers: tuple[Handler, Handler, Handler]) -> Handler:
    """Return the handler of what is named: one for quotes, one for what else needs consent, or one for follows."""
    for_quotes, for_wishes, for_follows = handlers
    uri = activity.object.uri
    if uri is None:
        return for_follows
    if await ctx.resolver.ctx.db.read(find_by_request, uri):
        return for_quotes
    return for_wishes if await ctx.resolver.ctx.db.read(permission.find_wish, uri) else for_follows
