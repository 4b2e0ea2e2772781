"""Activities passed on by others. Nothing they say is believed; what they speak of is read from its origin."""

from functools import partial

from activitypub.fetch import Gone, fetch_object
from activitypub.graph.remote import addressed_uris
from activitypub.graph.statuses import delete_status, find_status
from activitypub.models import Actor, Status
from activitypub.parse import Unreadable, parse_status
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored, nothing
from inbox.handlers.statuses import edit_remote


async def receive_hearsay(ctx: Arrival, activity: Activity) -> Effect | Ignored:
    """Somebody says that somebody else created, changed or deleted a status: look for ourselves (rule 12)."""
    uri = activity.object.uri
    if uri is None or not same_origin(uri, activity.actor):
        return Ignored("hearsay about something that is not its author's")
    match activity.type:
        case "Create" | "Announce":
            await ctx.resolver.status(uri, ctx.budget)
            return nothing
        case "Update":
            return await _look_again(ctx, uri)
        case "Delete":
            return await _look_whether_gone(ctx, uri)
        case other:
            return Ignored(f"hearsay of type {other}")


async def _look_again(ctx: Arrival, uri: str) -> Effect | Ignored:
    if await ctx.resolver.ctx.db.read(find_status, uri) is None:
        return Ignored("hearsay of an edit of something unknown")
    document = await fetch_object(ctx.resolver.ctx, uri, ctx.budget)
    remote = parse_status(document, allow_http=ctx.test_network)
    if not same_origin(remote.uri, remote.attributed_to):
        raise Unreadable("The status is attributed to an actor on another server.")
    author: Actor = await ctx.resolver.actor(remote.attributed_to, ctx.budget)
    known = await ctx.resolver.known_actors(addressed_uris(remote))
    return partial(edit_remote, remote=remote, sender=author, known=known)


async def _look_whether_gone(ctx: Arrival, uri: str) -> Effect | Ignored:
    status: Status | None = await ctx.resolver.ctx.db.read(find_status, uri)
    if status is None or status.local:
        return Ignored("hearsay of the end of something unknown")
    try:
        document = await fetch_object(ctx.resolver.ctx, uri, ctx.budget)
    except Gone:
        return partial(_delete, uri=uri)
    return partial(_delete, uri=uri) if document.get("type") == "Tombstone" else Ignored("it is still there")


def _delete(unit: Unit, *, uri: str) -> None:
    status = find_status(unit, uri)
    if status is not None:
        delete_status(unit, status)
