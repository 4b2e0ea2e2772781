"""Like and Announce, and taking announces back."""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from activitypub.access import OPEN, may_read
from activitypub.addressing import visibility
from activitypub.graph.interactions import announce, find_announce, like, unannounce
from activitypub.graph.reactions import chosen_by_remote, react
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.requests import Asked, take_back_request
from activitypub.graph.statuses import bury, find_status, is_buried
from activitypub.models import Actor, Announce, Follow, Status, Wish
from activitypub.properties import uri_of
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import ACTIVITY_TYPES, Activity, RemoteReaction, RemoteStatus, Visibility
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.consent import Answer, consent
from inbox.handlers.relays import comes_by_relay, relayed
from inbox.handlers.undo import is_outdated

log = logging.getLogger(__name__)


def like_as_asked(
    unit: Unit, sender: Actor, status_uri: str, asked: Asked, reaction: RemoteReaction | None = None
) -> Status | None:
    """Store a like or a reaction and return its status; None if there is none.

    The author of the status may not let it be, or decide later; then a reaction is asked for as a like.
    """
    status = find_status(unit, status_uri)
    if status is None or not _may_interact(unit, sender, status) or is_buried(unit, asked.uri):
        return None
    if consent(unit, sender, status, asked) is not Answer.YES:
        return None
    chosen = chosen_by_remote(unit, sender, reaction) if reaction else None
    if reaction is not None and chosen is not None:
        return status if react(unit, sender, status, chosen, uri=asked.uri, kind=reaction.kind) else None
    if reaction is not None and reaction.kind != "Like":
        log.info("%s reacts to %s with a picture that is not shown here", sender.uri, status.uri)
        return None
    like(unit, sender, status, uri=asked.uri)
    return status


async def receive_announce(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody passes a status on. An embedded copy is never believed: its origin is asked (row A13)."""
    if activity.object.uri is None:
        return Ignored("announces something without an id")
    if activity.object.type in ACTIVITY_TYPES:
        return Ignored(f"announces a {activity.object.type}, which means nothing to us")
    here = ctx.resolver.ctx
    if here.instance.relays and await here.db.read(comes_by_relay, here.instance, sender):
        return await relayed(ctx, activity.object.uri)
    return await announced(ctx, activity, sender, activity.object.uri)


async def announced(
    ctx: Arrival,
    activity: Activity,
    sender: Actor,
    status_uri: str,
    told: tuple[RemoteStatus, Actor] | None = None,
) -> Effect | Ignored:
    """Return the unit by which the Announce `activity` passes a status on, once that is read from its origin.

    What is `told` by its author, who proves it, need not be read.
    """
    if not await ctx.resolver.ctx.db.read(concerns_us, sender, status_uri):
        return Ignored("nobody here follows the announcer, and the status is not known")
    status = await ctx.resolver.status(status_uri, ctx.budget, told=told)
    seen_by = visibility(activity.to, activity.cc, sender.followers_uri)
    return partial(
        _announce,
        sender=sender,
        status_id=status.id,
        announce_uri=activity.id,
        seen_by=seen_by,
        published=activity.published,
    )


def _announce(
    unit: Unit,
    *,
    sender: Actor,
    status_id: int,
    announce_uri: str,
    seen_by: Visibility,
    published: datetime | None,
) -> None:
    announce_as_asked(unit, sender, status_id, Asked(Wish.ANNOUNCE, announce_uri, None, seen_by, published))


def announce_as_asked(unit: Unit, sender: Actor, status_id: int, asked: Asked) -> None:
    """Store an announce, unless the author of the status does not let it be, or decides later."""
    status = unit.get(Status, status_id)
    if status is None or not _may_interact(unit, sender, status) or is_buried(unit, asked.uri):
        return
    if status.held or (status.visibility not in OPEN and status.actor_id != sender.id):
        return  # passing on what was not meant for everyone is the author's right alone (row H07)
    if consent(unit, sender, status, asked) is Answer.YES:
        seen_by = asked.seen_by or Visibility.PUBLIC
        announce(unit, sender, status, visibility=seen_by, uri=asked.uri, published_at=asked.published_at)


async def receive_undo_announce(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody no longer passes a status on."""
    return partial(_undo_announce, activity=activity, sender=sender)


def _undo_announce(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = unit.scalar(select(Announce).where(Announce.uri == activity.object.uri, Announce.actor_id == sender.id))
    status = undone_status(unit, activity, sender)
    row = row or (find_announce(unit, sender.id, status.id) if status else None)
    if row is not None:
        unannounce(unit, row)
    elif not took_back(unit, activity, sender, status, Wish.ANNOUNCE):
        bury_overtaken(unit, activity, sender)


def undone_status(session: Session, activity: Activity, sender: Actor) -> Status | None:
    """Return the status that an embedded activity is about which is undone, unless a later one has taken its place."""
    document = activity.object.document
    status_uri = uri_of(document.get("object")) if document else None
    outdated = status_uri is None or is_outdated(session, activity, sender)
    return find_status(session, status_uri) if status_uri and not outdated else None


def took_back(unit: Unit, activity: Activity, sender: Actor, status: Status | None, wish: Wish) -> bool:
    """Take back what waits for the author's consent; False if there is nothing of it."""
    status_id = status.id if status else None
    return take_back_request(unit, sender.id, wish, uri=activity.object.uri, status_id=status_id)


def bury_overtaken(unit: Unit, activity: Activity, sender: Actor) -> None:
    """The Undo came before what it undoes: when that comes, it is over already."""
    if activity.object.uri and same_origin(activity.object.uri, sender.uri):
        bury(unit, activity.object.uri, former_type=activity.object.type or "Like")


def _may_interact(session: Session, sender: Actor, status: Status) -> bool:
    """True unless a block lies between, or the sender may not read it."""
    return not is_blocked_between(session, sender.id, status.actor_id) and may_read(session, sender, status.id)


def concerns_us(session: Session, sender: Actor, status_uri: str) -> bool:
    """True if somebody here follows the announcer, or the status is one we have."""
    followed = exists(select(Follow.id).where(Follow.followed_id == sender.id, Follow.accepted_at.is_not(None)))
    known = exists(select(Status.id).where(Status.uri == status_uri))
    return bool(session.scalar(select(followed | known)))
