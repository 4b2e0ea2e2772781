"""Undo of an activity that is named by its id alone, whatever of the sender's it was; and Undos that come too late."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph.calendar import leave
from activitypub.graph.interactions import unannounce, unlike
from activitypub.graph.reactions import reaction_by_uri, unreact
from activitypub.graph.relationships import end_follow, unblock
from activitypub.graph.requests import ONCE, take_back_request
from activitypub.graph.statuses import bury
from activitypub.models import Actor, Announce, Block, Follow, Like, Participation
from activitypub.unit import Unit
from activitypub.vocabulary import Activity
from inbox.arrival import Arrival, Effect, Ignored
from inbox.queue import has_come


async def receive_undo(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Take back a follow, like, reaction, announce, block or Join of the sender's by its id."""
    if activity.object.uri is None:
        return Ignored("undoes something without an id")
    return partial(_undo, sender=sender, uri=activity.object.uri)


def _undo(unit: Unit, *, sender: Actor, uri: str) -> None:
    if follow := unit.scalar(select(Follow).where(Follow.uri == uri, Follow.follower_id == sender.id)):
        end_follow(unit, follow)
    elif reaction := reaction_by_uri(unit, sender.id, uri):
        unreact(unit, reaction)
    elif like := unit.scalar(select(Like).where(Like.uri == uri, Like.actor_id == sender.id)):
        unlike(unit, like)
    elif announce := unit.scalar(select(Announce).where(Announce.uri == uri, Announce.actor_id == sender.id)):
        unannounce(unit, announce)
    elif block := unit.scalar(select(Block).where(Block.uri == uri, Block.actor_id == sender.id)):
        unblock(unit, block)
    elif taking := unit.scalar(
        select(Participation).where(Participation.uri == uri, Participation.actor_id == sender.id)
    ):
        leave(unit, taking)
    elif not any(take_back_request(unit, sender.id, wish, uri=uri, status_id=None) for wish in ONCE):
        # It overtook what it undoes: when that comes, it is over already.
        bury(unit, uri, former_type="Activity")


def is_outdated(session: Session, activity: Activity, sender: Actor) -> bool:
    """True if an Undo names an activity that came and no longer stands: a later one has taken its place.

    GoToSocial delivers in parallel, so of Follow, Undo and Follow in quick succession the Undo may come last. An id
    that never came proves nothing: not everybody undoes by the id that was first told. The caller has looked for
    what bears the id now.
    """
    return activity.object.uri is not None and has_come(session, activity.object.uri, sender.host)
