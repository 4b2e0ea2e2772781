"""From whom somebody wants to hear, and who asks to be heard although the policy holds them back.

https://docs.joinmastodon.org/methods/notifications/#get-policy and #get-requests
"""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.events import NotificationsMerged
from fediverse_kommune.fanout.policies import DEFAULTS
from fediverse_kommune.inserts import insert_new_rows, insert_or_update_rows
from fediverse_kommune.models import (
    Decision,
    Notification,
    NotificationPermission,
    NotificationPolicy,
    NotificationRequest,
)
from fediverse_kommune.services.refusals import NotFound

MOST = 100  # requests that are counted one by one


class Policy(Struct, frozen=True):
    """What somebody decided, by reason, and what waits for them because of it."""

    decisions: Mapping[str, Decision]
    requests: int
    notifications: int


def policy_of(session: Session, actor_id: int) -> Policy:
    """Return the policy of an actor; one it never changed is the default."""
    row = session.get(NotificationPolicy, actor_id)
    waiting = (
        select(NotificationRequest.from_actor_id)
        .where(NotificationRequest.actor_id == actor_id, _stands())
        .limit(MOST)
        .subquery()
    )
    requests = select(func.count()).select_from(waiting).scalar_subquery()
    held_back = select(func.count()).where(
        Notification.actor_id == actor_id,
        Notification.filtered.is_(True),
        Notification.from_actor_id.in_(select(waiting.c.from_actor_id)),
    )
    counts = session.execute(select(requests, held_back.scalar_subquery())).one()
    return Policy({name: getattr(row, name) if row else default for name, default in DEFAULTS.items()}, *counts)


def change_policy(unit: Unit, actor_id: int, decisions: Mapping[str, Decision]) -> None:
    """Decide anew about some reasons. What was held back or dropped before stays so."""
    if decisions:
        row = {"actor_id": actor_id, **DEFAULTS, **decisions}
        insert_or_update_rows(unit, NotificationPolicy, [row], key=("actor_id",), changes=tuple(decisions))


# ---------------------------------------------------------------------------------------------------- requests


def requests_of(actor_id: int) -> Select[*tuple[Any, ...]]:
    """Select who asks to be heard by an actor, and how many notifications of each are held back."""
    held_back = (
        select(func.count())
        .where(
            Notification.actor_id == actor_id,
            Notification.filtered.is_(True),
            Notification.from_actor_id == NotificationRequest.from_actor_id,
        )
        .scalar_subquery()
    )
    return (
        select(NotificationRequest, held_back.label("held_back"))
        .where(NotificationRequest.actor_id == actor_id, _stands())
        .options(joinedload(NotificationRequest.from_actor))
    )


def accept(unit: Unit, actor_id: int, request_ids: Collection[int]) -> None:
    """Let in whoever asks here, now and from now on: what was held back of them stands in the list at once."""
    senders = _senders(unit, actor_id, request_ids)
    if not senders:
        return
    permissions = [{"actor_id": actor_id, "from_actor_id": sender} for sender in senders]
    insert_new_rows(unit, NotificationPermission, permissions)
    held_back = (Notification.actor_id == actor_id) & Notification.from_actor_id.in_(senders) & Notification.filtered
    unit.run(update(Notification).where(held_back).values(filtered=False))
    _close(unit, actor_id, senders)
    unit.publish(NotificationsMerged(actor_id, tuple(senders)))


def dismiss(unit: Unit, actor_id: int, request_ids: Collection[int]) -> None:
    """Remove requests with what was held back because of them. The next notification asks anew."""
    senders = _senders(unit, actor_id, request_ids)
    if senders:
        held_back = (Notification.actor_id == actor_id) & Notification.from_actor_id.in_(senders)
        unit.run(delete(Notification).where(held_back, Notification.filtered))
        _close(unit, actor_id, senders)


def accept_one(unit: Unit, actor_id: int, request_id: int) -> None:
    """Let one in. Raises `NotFound`, also for a request to somebody else (row H02)."""
    _check(unit, actor_id, request_id)
    accept(unit, actor_id, [request_id])


def dismiss_one(unit: Unit, actor_id: int, request_id: int) -> None:
    """Remove one request with what was held back because of it. Raises `NotFound`."""
    _check(unit, actor_id, request_id)
    dismiss(unit, actor_id, [request_id])


def _check(session: Session, actor_id: int, request_id: int) -> None:
    if not _senders(session, actor_id, [request_id]):
        raise NotFound


def _senders(session: Session, actor_id: int, request_ids: Collection[int]) -> list[int]:
    mine = (NotificationRequest.actor_id == actor_id) & NotificationRequest.id.in_(request_ids)
    return list(session.scalars(select(NotificationRequest.from_actor_id).where(mine)))


def _close(unit: Unit, actor_id: int, senders: Collection[int]) -> None:
    mine = (NotificationRequest.actor_id == actor_id) & NotificationRequest.from_actor_id.in_(senders)
    unit.run(delete(NotificationRequest).where(mine))


def _stands() -> ColumnElement[bool]:
    return exists().where(Actor.id == NotificationRequest.from_actor_id, Actor.suspended_at.is_(None))
