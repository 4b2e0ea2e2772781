"""Follow, Accept, Reject, Block, and taking them back."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.graph.actors import find_actor
from activitypub.graph.relationships import (
    accept_follow,
    block,
    end_follow,
    find_block,
    find_follow,
    follow,
    is_blocked_between,
    unblock,
)
from activitypub.graph.statuses import bury, is_buried
from activitypub.models import Actor, Follow, attach, new_id
from activitypub.parse import parse_activity
from activitypub.properties import uri_of
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import PUBLIC, Activity
from inbox.arrival import Arrival, Effect, Ignored
from inbox.handlers.relays import subscribe, wants_relay
from inbox.handlers.undo import is_outdated
from outbox.send import send_accept, send_reject


async def receive_follow(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody wants to follow one of ours: accept, or keep the request for a decision."""
    followed_uri = activity.object.uri
    if wants_relay(activity, ctx.resolver.ctx.instance):
        return partial(subscribe, sender=sender, follow_uri=activity.id, in_return=followed_uri != PUBLIC)
    if followed_uri is None or not ctx.resolver.ctx.instance.owns(followed_uri):
        return Ignored("follows somebody who is not here")
    return partial(_follow, sender=sender, followed_uri=followed_uri, follow_uri=activity.id)


def _follow(unit: Unit, *, sender: Actor, followed_uri: str, follow_uri: str) -> None:
    followed = find_actor(unit, followed_uri)
    if followed is None or followed.suspended_at is not None or followed.type == "Application" or followed.local_only:
        return
    if is_buried(unit, follow_uri):
        return
    if is_blocked_between(unit, sender.id, followed.id):
        send_reject(unit, _refused_follow(unit, sender, followed, follow_uri))
        return
    row = follow(unit, sender, followed, uri=follow_uri)
    # A repeated Follow of one who follows already is answered again: the first Accept may have been lost.
    if row.accepted_at is not None:
        send_accept(unit, row)


def _refused_follow(unit: Unit, follower: Actor, followed: Actor, uri: str) -> Follow:
    """Return a Follow that is never stored, to be named in the Reject."""
    row = Follow(id=new_id(unit.now), uri=uri, follower_id=follower.id, followed_id=followed.id, created_at=unit.now)
    return attach(row, follower=follower, followed=followed)


async def receive_accept(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The one we asked says yes."""
    return partial(_answer, activity=activity, sender=sender, accepted=True)


async def receive_reject(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The one we asked says no, or ends a follow that held."""
    return partial(_answer, activity=activity, sender=sender, accepted=False)


async def receive_undo_accept(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The one who let one of ours follow takes that back: as with a Reject. What else was accepted stays as it is."""
    document = activity.object.document
    if document is None:
        return Ignored("undoes an Accept that is only named")
    return partial(_answer, activity=parse_activity(document), sender=sender, accepted=False)


def _answer(unit: Unit, *, activity: Activity, sender: Actor, accepted: bool) -> None:
    row = _asked_follow(unit, activity, sender)
    if row is None:
        return
    if accepted:
        accept_follow(unit, row)
    else:
        end_follow(unit, row)


def _asked_follow(session: Session, activity: Activity, sender: Actor) -> Follow | None:
    """Return our follow of the sender that is answered: by its id, or by who it says asked."""
    uri, document = activity.object.uri, activity.object.document
    row = _follow_by_uri(session, uri) if uri else None
    if row is not None:
        return row if row.followed_id == sender.id else None
    follower_uri = uri_of(document.get("actor")) if document else None
    follower = find_actor(session, follower_uri) if follower_uri else None
    return find_follow(session, follower.id, sender.id) if follower and follower.is_local else None


async def receive_undo_follow(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A follower leaves."""
    return partial(_undo_follow, activity=activity, sender=sender)


def _undo_follow(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    row = _own_follow(unit, activity, sender)
    if row is not None:
        end_follow(unit, row)
    elif activity.object.uri and same_origin(activity.object.uri, sender.uri):
        # The Undo overtook its Follow: when that comes, it is over already.
        bury(unit, activity.object.uri, former_type="Follow")


def _own_follow(session: Session, activity: Activity, sender: Actor) -> Follow | None:
    """Return the sender's follow that is undone: by its id, or by whom it names."""
    uri = activity.object.uri
    row = _follow_by_uri(session, uri) if uri else None
    if row is not None:
        return row if row.follower_id == sender.id else None
    followed = None if is_outdated(session, activity, sender) else _named_object(session, activity)
    return find_follow(session, sender.id, followed.id) if followed else None


async def receive_block(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody shuts one of ours out. Nobody here is told; follows between the two end."""
    target_uri = activity.object.uri
    if target_uri is None or not ctx.resolver.ctx.instance.owns(target_uri):
        return Ignored("blocks somebody who is not here")
    if activity.target is not None and activity.target.uri != sender.uri:
        return Ignored("keeps one of ours out of something that is not the sender, which says so itself")
    return partial(_block, sender=sender, target_uri=target_uri, block_uri=activity.id)


def _block(unit: Unit, *, sender: Actor, target_uri: str, block_uri: str) -> None:
    target = find_actor(unit, target_uri)
    if target is not None and not is_buried(unit, block_uri):
        block(unit, sender, target, uri=block_uri)


async def receive_undo_block(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Somebody opens up to one of ours again."""
    return partial(_undo_block, activity=activity, sender=sender)


def _undo_block(unit: Unit, *, activity: Activity, sender: Actor) -> None:
    target = _named_object(unit, activity)
    row = find_block(unit, sender.id, target.id) if target else None
    if row is not None:
        if row.uri == activity.object.uri or not is_outdated(unit, activity, sender):
            unblock(unit, row)
    elif activity.object.uri and same_origin(activity.object.uri, sender.uri):
        bury(unit, activity.object.uri, former_type="Block")


def _named_object(session: Session, activity: Activity) -> Actor | None:
    """Return whom the activity that is undone was about, by its own word."""
    document = activity.object.document
    uri = uri_of(document.get("object")) if document else None
    return find_actor(session, uri) if uri else None


def _follow_by_uri(session: Session, uri: str) -> Follow | None:
    return session.scalar(
        select(Follow).where(Follow.uri == uri).options(joinedload(Follow.follower), joinedload(Follow.followed))
    )
