"""Events of the calendar: what organisers elsewhere say to those of ours who want to come, and whom they invite.

Source: FEP-8a8e, https://docs.joinmobilizon.org/contribute/activity_pub/
"""

from collections.abc import Collection
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph.actors import find_actor
from activitypub.graph.calendar import answer, find_by_uri, find_participation, invite, speaks_for
from activitypub.graph.relationships import is_blocked_between
from activitypub.graph.statuses import find_status, is_buried
from activitypub.models import Actor, Participation, Status, Taking
from activitypub.properties import one_uri
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored, nothing
from inbox.handlers import joins, statuses

NOT_ASKED = Ignored("answers nothing that one of ours has asked for")


async def receive_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The organiser lets one of ours take part; or somebody accepts an invitation of ours that is only named."""
    if await ctx.resolver.ctx.db.read(_is_our_invitation, activity.object.uri):
        return await joins.receive_accept_invitation(ctx, activity, sender)
    return await _answered(ctx, activity, sender, Taking.ACCEPTED)


async def receive_tentative_accept(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The organiser is not sure yet."""
    return await _answered(ctx, activity, sender, Taking.TENTATIVE)


async def receive_reject(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The organiser does not let one of ours take part, or no longer; or somebody declines an invitation of ours."""
    if await ctx.resolver.ctx.db.read(_is_our_invitation, activity.object.uri):
        return await joins.receive_reject_invitation(ctx, activity, sender)
    return await _answered(ctx, activity, sender, Taking.REJECTED)


async def receive_ignore(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """The organiser's server takes nobody this way."""
    return await _answered(ctx, activity, sender, Taking.IGNORED)


def _is_our_invitation(session: Session, uri: str | None) -> bool:
    row = find_by_uri(session, uri) if uri else None
    return row is not None and row.state is Taking.INVITED and session.get_one(Status, row.status_id).local


async def _answered(ctx: Arrival, activity: Activity, sender: Actor, taking: Taking) -> Effect | Ignored:
    if await ctx.resolver.ctx.db.read(_asked, activity, sender) is None:
        return NOT_ASKED
    return partial(_answer, activity=activity, sender=sender, taking=taking)


def _answer(unit: Unit, *, activity: Activity, sender: Actor, taking: Taking) -> None:
    row = _asked(unit, activity, sender)
    if row is not None:
        answer(unit, row, taking)


def _asked(session: Session, activity: Activity, sender: Actor) -> Participation | None:
    """Return what one of ours has asked the sender, who speaks for the event elsewhere that it is about."""
    row = find_by_uri(session, activity.object.uri) if activity.object.uri else None
    row = row or _described(session, activity)
    status = session.get_one(Status, row.status_id) if row is not None else None
    if row is None or status is None or status.local or row.state is Taking.INVITED:
        return None
    return row if speaks_for(session, sender, status) else None


def _described(session: Session, activity: Activity) -> Participation | None:
    """Return what a Join without a known id says: who wants to come where."""
    document = activity.object.document or {}
    actor_uri, event_uri = one_uri(document, "actor"), one_uri(document, "object")
    actor = find_actor(session, actor_uri) if actor_uri else None
    status = find_status(session, event_uri) if event_uri else None
    if actor is None or not actor.is_local or status is None:
        return None
    return find_participation(session, status.id, actor.id)


async def receive_invite(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """An organiser invites some of ours, or everybody: Hubzilla sends its events so, where others send a Create."""
    uri = activity.object.uri
    if uri is None or not same_origin(uri, sender.uri):
        return Ignored("invites to something of another server")
    target = (activity.target.uri,) if activity.target else ()
    invited = {each for each in (*activity.to, *activity.cc, *target) if each and ctx.resolver.ctx.instance.owns(each)}
    effect = await _event(ctx, activity, sender)
    if isinstance(effect, Ignored) or not invited:
        return effect
    return partial(_invite, effect=effect, activity=activity, sender=sender, invited=invited)


async def _event(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Return the unit that keeps an event if it is not kept yet. One that is only named is read from its origin."""
    if activity.object.document is not None:
        return await statuses.receive_create(ctx, activity, sender)
    await ctx.resolver.status(str(activity.object.uri), ctx.budget)
    return nothing


def _invite(unit: Unit, *, effect: Effect, activity: Activity, sender: Actor, invited: Collection[str]) -> None:
    effect(unit)
    status = find_status(unit, activity.object.uri or "")
    if status is None or not speaks_for(unit, sender, status) or is_buried(unit, activity.id):
        return
    ours = select(Actor).where(Actor.uri.in_(invited), Actor.domain.is_(None), Actor.suspended_at.is_(None))
    for actor in unit.scalars(ours.order_by(Actor.id)).all():
        if not is_blocked_between(unit, actor.id, sender.id):
            invite(unit, status, actor, uri=_invitation_uri(activity, actor, len(invited)))


def _invitation_uri(activity: Activity, actor: Actor, count: int) -> str:
    """Return the id to answer by. Where one Invite is for several, each row gets one of its own."""
    return activity.id if count == 1 else f"{activity.id}#{actor.id}"
