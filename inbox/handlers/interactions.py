"""Like and Announce, and taking them back."""

from datetime import datetime
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from activitypub.access import Approval, Interaction, judge, may_read
from activitypub.addressing import visibility
from activitypub.graph.interactions import announce, find_announce, find_like, like, unannounce, unlike
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.statuses import bury, find_status, is_buried
from activitypub.models import Actor, Announce, Follow, Like, Status
from activitypub.properties import uri_of
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity, Visibility
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.undo import is_outdated


async def receive_like(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody likes a status. One that is not known here is not fetched for that."""
    if activity.object.uri is None:
        return Ignored("likes something without an id")
    return partial(_like, sender=sender, status_uri=activity.object.uri, like_uri=activity.id)


def _like(unit: Unit, *, sender: Actor, status_uri: str, like_uri: str) -> None:
    status = find_status(unit, status_uri)
    if status is not None and _may_interact(unit, sender, status, Interaction.LIKE) and not is_buried(unit, like_uri):
        like(unit, sender, status, uri=like_uri)


async def receive_announce(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody passes a status on. An embedded copy is never believed: its origin is asked (row A13)."""
    if activity.object.uri is None:
        return Ignored("announces something without an id")
    if not await ctx.resolver.ctx.db.read(_concerns_us, sender, activity.object.uri):
        return Ignored("nobody here follows the announcer, and the status is not known")
    status = await ctx.resolver.status(activity.object.uri, ctx.budget)
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
    status = unit.get(Status, status_id)
    if status is None or not _may_interact(unit, sender, status, Interaction.ANNOUNCE) or is_buried(unit, announce_uri):
        return
    if status.visibility not in (Visibility.PUBLIC, Visibility.UNLISTED) and status.actor_id != sender.id:
        return  # passing on what was not meant for everyone is the author's right alone (row H07)
    announce(unit, sender, status, visibility=seen_by, uri=announce_uri, published_at=published)


async def receive_undo_like(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody takes a like back."""
    return partial(_undo_like, activity=activity, sender=sender)


def _undo_like(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = unit.scalar(select(Like).where(Like.uri == activity.object.uri, Like.actor_id == sender.id))
    status = _undone_status(unit, activity, sender)
    row = row or (find_like(unit, sender.id, status.id) if status else None)
    if row is not None:
        unlike(unit, row)
    else:
        _bury_overtaken(unit, activity, sender)


async def receive_undo_announce(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody no longer passes a status on."""
    return partial(_undo_announce, activity=activity, sender=sender)


def _undo_announce(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = unit.scalar(select(Announce).where(Announce.uri == activity.object.uri, Announce.actor_id == sender.id))
    status = _undone_status(unit, activity, sender)
    row = row or (find_announce(unit, sender.id, status.id) if status else None)
    if row is not None:
        unannounce(unit, row)
    else:
        _bury_overtaken(unit, activity, sender)


def _undone_status(session: Session, activity: Activity, sender: Actor) -> Status | None:
    document = activity.object.document
    status_uri = uri_of(document.get("object")) if document else None
    outdated = status_uri is None or is_outdated(session, activity, sender)
    return find_status(session, status_uri) if status_uri and not outdated else None


def _bury_overtaken(unit: Unit, activity: Activity, sender: Actor) -> None:
    """The Undo came before what it undoes: when that comes, it is over already."""
    if activity.object.uri and same_origin(activity.object.uri, sender.uri):
        bury(unit, activity.object.uri, former_type=activity.object.type or "Like")


def _may_interact(session: Session, sender: Actor, status: Status, interaction: Interaction) -> bool:
    """True unless a block lies between, the sender may not read it, or its author does not let the sender do that."""
    if is_blocked_between(session, sender.id, status.actor_id) or not may_read(session, sender, status.id):
        return False
    return judge(session, sender, status, interaction) is not Approval.DENIED


def _concerns_us(session: Session, sender: Actor, status_uri: str) -> bool:
    """True if somebody here follows the announcer, or the status is one we have."""
    followed = exists(select(Follow.id).where(Follow.followed_id == sender.id, Follow.accepted_at.is_not(None)))
    known = exists(select(Status.id).where(Status.uri == status_uri))
    return bool(session.scalar(select(followed | known)))
