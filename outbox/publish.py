"""From an activity to rows, in the caller's transaction: a change and its telling become true together.

Nothing is sent here. The worker hears of the rows once they are committed (`DeliveriesQueued`), and finds
them by itself if it does not.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, insert, select, update

from activitypub.documents import Document
from activitypub.events import DeliveriesCancelled, DeliveriesQueued
from activitypub.models import Actor, ActorKey, Status, new_id
from activitypub.strict_json import write
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from outbox.lanes import QUIET, in_hand, lock_lanes, open_lanes, remove_finished, waiting
from outbox.models import Delivery, Lane, OutgoingActivity
from outbox.proving import proved
from outbox.recipients import Inbox

TELLING_OF_IT = ("Create", "Update")

_INSERT_ACTIVITY, _INSERT_DELIVERY = insert(OutgoingActivity), insert(Delivery)


class Sending(Struct, frozen=True):
    """An activity of one of ours for one inbox."""

    activity: Document
    by: Actor
    object_uri: str
    inbox: Inbox


def publish(
    unit: Unit,
    activity: Document,
    *,
    by: Actor,
    object_uri: str,
    inboxes: Sequence[Inbox],
    key: ActorKey | None = None,
    followers_only: bool = False,
) -> None:
    """Queue `activity`, signed `by` one of our actors, for `inboxes`, in their order; of one for here alone nothing.

    What everybody may read gets its author's proof here, once for all inboxes, unless it has one.

    `object_uri` is what the activity is about: `cancel` finds it by that. `key` is given only if the actor's
    own keys will be gone by the time of the delivery. With `followers_only` each server is told whom of its people we
    take for followers (FEP-8fcf).
    """
    if not inboxes or by.local_only:
        return
    encoded = _encoded(unit, proved(unit, activity, by), by.id, object_uri) | {
        "followers_only": followers_only,
        "key_uri": key.uri if key else None,
        "private_pem": key.private_pem if key else None,
    }
    unit.run(_INSERT_ACTIVITY, encoded)
    lanes = open_lanes(unit, by.id, [inbox.host for inbox in inboxes])
    common = {"activity_id": encoded["id"], "created_at": unit.now}
    rows = [{**common, "lane_id": lanes[inbox.host], "inbox_uri": inbox.uri} for inbox in inboxes]
    unit.run(_INSERT_DELIVERY, rows)
    unit.publish(DeliveriesQueued())


def publish_each(unit: Unit, sendings: Sequence[Sending]) -> None:
    """Queue many activities that each go to one inbox: in two statements, and one for each of ours who says them."""
    wanted = [sending for sending in sendings if not sending.by.local_only]
    if not wanted:
        return
    hosts: dict[int, list[str]] = {}
    for sending in wanted:
        hosts.setdefault(sending.by.id, []).append(sending.inbox.host)
    lanes = {actor_id: open_lanes(unit, actor_id, hosts[actor_id]) for actor_id in sorted(hosts)}
    encoded = [_encoded(unit, each.activity, each.by.id, each.object_uri) for each in wanted]
    unit.run(_INSERT_ACTIVITY, encoded)
    rows = [
        {
            "activity_id": row["id"],
            "created_at": unit.now,
            "lane_id": lanes[each.by.id][each.inbox.host],
            "inbox_uri": each.inbox.uri,
        }
        for row, each in zip(encoded, wanted, strict=True)
    ]
    unit.run(_INSERT_DELIVERY, rows)
    unit.publish(DeliveriesQueued())


def publish_status(unit: Unit, activity: Document, status: Status, inboxes: Sequence[Inbox]) -> None:
    """Queue what is told of a status of ours to all it is for. `status.actor` is loaded."""
    is_private = status.visibility is Visibility.PRIVATE
    publish(unit, activity, by=status.actor, object_uri=status.uri, inboxes=inboxes, followers_only=is_private)


def _encoded(unit: Unit, activity: Document, actor_id: int, object_uri: str) -> dict[str, Any]:
    """Return the row of an activity."""
    return {
        "id": new_id(unit.now),
        "uri": activity["id"],
        "actor_id": actor_id,
        "type": activity["type"],
        "object_uri": object_uri,
        "body": write(activity),
        "followers_only": False,
        "key_uri": None,
        "private_pem": None,
        "created_at": unit.now,
    }


def cancel(unit: Unit, object_uri: str) -> frozenset[str]:
    """Drop what still waits about an object that is gone; return the inboxes that never heard of it.

    What a worker is sending at this moment may arrive; what it has in hand is marked, and it hears of that. What was
    given up goes as well: nothing of a deleted object stays.
    """
    activities = unit.scalars(
        select(OutgoingActivity.id).where(
            OutgoingActivity.object_uri == object_uri, OutgoingActivity.type.in_(TELLING_OF_IT)
        )
    ).all()
    if not activities:
        return frozenset()
    concerned = Delivery.activity_id.in_(activities)
    _lock(unit, concerned)
    unheard = (
        select(Delivery.inbox_uri)
        .join(OutgoingActivity, OutgoingActivity.id == Delivery.activity_id)
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(concerned, waiting(), OutgoingActivity.type == "Create", Delivery.id > Lane.taken_up_to)
    )
    never_heard = frozenset(unit.scalars(unheard))
    _drop(unit, concerned, activities)
    return never_heard


def cancel_all_of(unit: Unit, actor: Actor) -> None:
    """Drop all that an actor still has waiting, because the actor goes."""
    activities = unit.scalars(select(OutgoingActivity.id).where(OutgoingActivity.actor_id == actor.id)).all()
    concerned = Delivery.activity_id.in_(activities)
    _lock(unit, concerned)
    _drop(unit, concerned, activities)


def _lock(unit: Unit, concerned: ColumnElement[bool]) -> None:
    lock_lanes(unit, Lane.id.in_(select(Delivery.lane_id).where(concerned)))


def _drop(unit: Unit, concerned: ColumnElement[bool], activities: Sequence[int]) -> None:
    unit.execute(delete(Delivery).where(concerned, ~in_hand()).execution_options(**QUIET))
    mark = update(Delivery).where(concerned).values(cancelled=True).returning(Delivery.activity_id)
    if held := sorted(set(unit.scalars(mark.execution_options(**QUIET)))):
        unit.publish(DeliveriesCancelled(tuple(held)))
    remove_finished(unit, activities)
