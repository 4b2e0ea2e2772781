"""Activities passed on by others. Nothing they say is believed; what they speak of is read from its origin."""

from activitypub.graph.statuses import find_status
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.origin import look_again, look_for, look_whether_gone


async def receive_hearsay(ctx: Arrival, activity: Activity) -> Effect | Ignored:
    """Somebody says that somebody else created, changed or deleted a status: look for ourselves (rule 12)."""
    uri = activity.object.uri
    if uri is None or not same_origin(uri, activity.actor):
        return Ignored("hearsay about something that is not its author's")
    if activity.type in {"Create", "Announce"}:
        return await look_for(ctx, uri)
    status = await ctx.resolver.ctx.db.read(find_status, uri)
    if status is None:
        return Ignored("hearsay about something unknown")
    match activity.type:
        case "Update":
            return await look_again(ctx, uri)
        case "Delete":
            return await look_whether_gone(ctx, status)
        case other:
            return Ignored(f"hearsay of type {other}")
