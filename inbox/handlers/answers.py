"""Accept and Reject of what is only named by its id: of a follow of ours, or of a request to quote."""

from activitypub.graph.quotes import find_by_request
from activitypub.models import Actor
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Handler, Ignored
from inbox.handlers import quotes, relationships


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says yes."""
    return await _handed_on(ctx, activity, sender, quote=quotes.receive_accept, follow=relationships.receive_accept)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Whoever we asked says no."""
    return await _handed_on(ctx, activity, sender, quote=quotes.receive_reject, follow=relationships.receive_reject)


async def _handed_on(
    ctx: Arrival, activity: Activity, sender: Actor, *, quote: Handler, follow: Handler
) -> Effect | Ignored:
    uri = activity.object.uri
    asked = await ctx.resolver.ctx.db.read(find_by_request, uri) if uri else None
    return await (quote if asked else follow)(ctx, activity, sender)
