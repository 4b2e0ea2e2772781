"""Likes and reactions with an emoji (FEP-c0e0), and taking them back."""

import asyncio
from functools import partial

from sqlalchemy import select

from activitypub.graph.interactions import find_like, unlike
from activitypub.graph.reactions import reaction_by_uri, reactions_by, unreact
from activitypub.graph.requests import Asked
from activitypub.models import Actor, EmojiReaction, Like, Status, Wish
from activitypub.parse import parse_activity
from activitypub.parse_reaction import names_emoji, read_reaction, shortcode_of
from activitypub.unit import Unit
from activitypub.vocabulary import Activity, RemoteReaction
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.interactions import bury_overtaken, like_as_asked, took_back, undone_status
from outbox.groups import pass_on


async def reaction_in(ctx: Arrival, activity: Activity) -> RemoteReaction | None:
    """Return what `read_reaction` does: in a thread, for the first one loads what is known of emoji."""
    if not names_emoji(activity):
        return None
    return await asyncio.to_thread(read_reaction, activity, allow_http=ctx.test_network)


async def receive_like(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody likes a status, or reacts to it. One that is not known here is not fetched for that."""
    if activity.object.uri is None:
        return Ignored("likes something without an id")
    reaction = await reaction_in(ctx, activity)
    if reaction is None and activity.type != "Like":
        return Ignored("reacts with something that is no emoji")
    asked = Asked(Wish.LIKE, activity.id)
    return partial(_like, sender=sender, status_uri=activity.object.uri, asked=asked, reaction=reaction, body=ctx.body)


def _like(
    unit: Unit, *, sender: Actor, status_uri: str, asked: Asked, reaction: RemoteReaction | None, body: bytes
) -> None:
    liked = like_as_asked(unit, sender, status_uri, asked, reaction)
    if liked is not None:
        pass_on(unit, body, liked)


async def receive_undo_like(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody takes a like or a reaction back."""
    inner = parse_activity(activity.object.document) if activity.object.document else None
    reaction = await reaction_in(ctx, inner) if inner else None
    return partial(_undo_like, activity=activity, inner=inner, reaction=reaction, sender=sender, body=ctx.body)


def _undo_like(
    unit: Unit,
    *,
    activity: Activity,
    inner: Activity | None,
    reaction: RemoteReaction | None,
    sender: Actor,
    body: bytes,
) -> None:
    status = undone_status(unit, activity, sender)
    row = reaction_by_uri(unit, sender.id, activity.object.uri)
    if row is None and status is not None and inner is not None:
        row = find_undone(unit, inner, reaction, sender, status)
    if row is not None:
        unreact(unit, row)
        pass_on(unit, body, unit.get_one(Status, row.status_id))
        return
    liked = unit.scalar(select(Like).where(Like.uri == activity.object.uri, Like.actor_id == sender.id))
    if liked is None and status is not None and reaction is None:
        liked = find_like(unit, sender.id, status.id)
    if liked is not None:
        unlike(unit, liked)
        pass_on(unit, body, unit.get_one(Status, liked.status_id))
    elif not took_back(unit, activity, sender, status, Wish.LIKE):
        bury_overtaken(unit, activity, sender)


def find_undone(
    unit: Unit, inner: Activity, reaction: RemoteReaction | None, sender: Actor, status: Status
) -> EmojiReaction | None:
    """Return the reaction that is taken back by what it was, where its id is not known: by its emoji.

    The picture of one need not come along again, and an EmojiReact without an emoji can mean the only one there is.
    """
    found = reactions_by(unit, sender.id, status.id)
    shortcode = shortcode_of(inner)
    if reaction is None and shortcode is None:
        return found[0] if inner.type == "EmojiReact" and len(found) == 1 else None
    for row in found:
        same_picture = shortcode is not None and row.url is not None and row.name.partition("@")[0] == shortcode
        if same_picture or (reaction is not None and row.name == reaction.name):
            return row
    return None
