"""The counters that a status moves: its author's, and that of what it answers."""

from functools import cache

from sqlalchemy import Update, bindparam, case, update

from activitypub.models import Actor, Status
from activitypub.models.base import Instant
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility

# A reply to nobody in particular counts only where everybody may see it, so a count betrays no private reply.
COUNTED = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})


def count_status(unit: Unit, status: Status, *, by: int) -> None:
    """Move the author's and the parent's counters in the database; what is held does not count."""
    if status.held:
        return
    step = int(status.visibility != Visibility.DIRECT) * by
    if by > 0:
        last = status.published_at if status.unheard else unit.now
        unit.run(_count_written(), {"author": status.actor_id, "step": step, "last": last})
    elif step:
        unit.run(_count_removed(), {"author": status.actor_id, "step": step})
    if status.in_reply_to_id and status.visibility in COUNTED:
        unit.run(_count_reply(), {"parent": status.in_reply_to_id, "step": by})


@cache
def _count_written() -> Update:
    last = bindparam("last", type_=Instant)
    latest = case((Actor.last_status_at > last, Actor.last_status_at), else_=last)
    return (
        update(Actor)
        .where(Actor.id == bindparam("author"))
        .values(statuses_count=Actor.statuses_count + bindparam("step"), last_status_at=latest)
    )


@cache
def _count_removed() -> Update:
    values = {"statuses_count": Actor.statuses_count + bindparam("step")}
    return update(Actor).where(Actor.id == bindparam("author")).values(values)


@cache
def _count_reply() -> Update:
    values = {"replies_count": Status.replies_count + bindparam("step")}
    return update(Status).where(Status.id == bindparam("parent")).values(values)
