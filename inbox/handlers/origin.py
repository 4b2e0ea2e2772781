"""Statuses as their origin has them: for what is said of a status by somebody else than its author.

Nothing of it is believed (rows A12 and C01): that it was said is only a reason to look. The origin says what its
actors have written, also where one of them speaks for another, such as a member for its group (FEP-fe34).
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from activitypub.access import OPEN
from activitypub.events import ConsentChanged
from activitypub.fetch import Gone, fetch_object
from activitypub.graph.groups import lock
from activitypub.graph.quotes import QuoteClaim, update_quote
from activitypub.graph.remote import addressed_uris, link_of, remote_policy, remote_text
from activitypub.graph.statuses import delete_status, edit_status, find_status
from activitypub.models import Actor, Mention, Status
from activitypub.parse import Unreadable, parse_status
from activitypub.search_consent import words_of
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored, nothing
from inbox.forwarding import forward_change
from outbox.groups import note_edit

STILL_THERE = Ignored("it is still there")


async def look_for(ctx: Arrival, uri: str) -> Effect:
    """Store a status as its origin has it, unless it is stored. Raises `FetchError`."""
    await ctx.resolver.status(uri, ctx.budget)
    return nothing


async def look_again(ctx: Arrival, uri: str) -> Effect:
    """Return the unit that edits a stored status to what its origin says now. Raises `FetchError`, `Unreadable`."""
    document = await fetch_object(ctx.resolver.ctx, uri, ctx.budget)
    remote = parse_status(document, allow_http=ctx.test_network)
    if not same_origin(remote.uri, remote.attributed_to):
        raise Unreadable("The status is attributed to an actor on another server.")
    author = await ctx.resolver.actor(remote.attributed_to, ctx.budget)
    known = await ctx.resolver.known_actors(addressed_uris(remote))
    quote = await ctx.resolver.quote_claim(remote, ctx.budget)
    return partial(edit_remote, remote=remote, sender=author, known=known, quote=quote)


async def look_whether_gone(ctx: Arrival, status: Status) -> Effect | Ignored:
    """Return the unit that deletes a status if its origin no longer has it. Raises `FetchError`."""
    if status.visibility not in OPEN:
        # What is not for everyone is answered 404 to us as well, and that proves nothing.
        return Ignored("the end of something that its origin would not show us anyway")
    try:
        document = await fetch_object(ctx.resolver.ctx, status.uri, ctx.budget)
    except Gone:
        return partial(delete_told, uri=status.uri)
    return partial(delete_told, uri=status.uri) if document.get("type") == "Tombstone" else STILL_THERE


def edit_remote(
    unit: Unit,
    *,
    remote: RemoteStatus,
    sender: Actor,
    known: Mapping[str, Actor],
    quote: QuoteClaim | None,
    body: bytes | None = None,
) -> None:
    """Apply the author's edit; anybody else's changes nothing (row A12).

    A policy that changed, or a quote that was allowed, comes as an Update of a text that is the same. `body` is the
    Update as the author sent it, which is passed on.
    """
    status = _editable(unit, remote.uri)
    if status is None or status.actor_id != sender.id:
        return
    if status.interaction_policy != (policy := remote_policy(remote, sender)):
        status.interaction_policy = policy
        unit.flush()
    searchable_by = words_of(remote.searchable_by, sender.followers_uri)
    if status.searchable_by != searchable_by:
        status.searchable_by = searchable_by
        unit.flush()
        unit.publish(ConsentChanged(sender.id))
    status.attached_link = link_of(remote)
    if remote.locked and not status.locked:
        lock(unit, status, locked=True)
    update_quote(unit, status, quote)
    text = remote_text(remote, sender, known, unit.now)
    edit_status(unit, status, text, remote.updated or unit.now)
    if body is not None:
        note_edit(unit, status, body)
        forward_change(unit, status, body)


def delete_told(unit: Unit, *, uri: str) -> None:
    """Remove a status of which its author, or its origin, says that it is gone."""
    status = find_status(unit, uri)
    if status is not None:
        delete_status(unit, status)


def _editable(session: Session, uri: str) -> Status | None:
    """Return a status with what an edit compares and replaces."""
    return session.scalar(
        select(Status)
        .where(Status.uri == uri)
        .options(
            joinedload(Status.actor),
            selectinload(Status.mentions).joinedload(Mention.actor),
            selectinload(Status.media),
            joinedload(Status.poll),
            joinedload(Status.event),
        )
    )
