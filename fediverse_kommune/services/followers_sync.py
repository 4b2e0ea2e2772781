"""Follows of ours that the other server sees otherwise than we do, and what mends them (FEP-8fcf).

A follow that only we know of ends: nothing comes of it any more. One that only the other side knows of is undone there:
what is for followers must not go to who does not follow. https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from activitypub.backoff import pause
from activitypub.graph.relationships import accept_follow, end_follow
from activitypub.models import Actor, Follow, new_id
from activitypub.unit import Unit
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import FollowersCheck
from fediverse_kommune.services.leases import Waiting
from outbox.send import send_undo_follow

log = logging.getLogger(__name__)

SETTLES = timedelta(seconds=30)  # what is on its way just now, such as an Accept, may be all the difference
APART = timedelta(minutes=15)
ATTEMPTS = 4
MOST = 500  # follows mended at once, of each kind
CHECKS = Waiting(FollowersCheck.actor_id, FollowersCheck.due_at)
"""The actors whose followers are to be compared."""


class Check(Struct, frozen=True):
    """Whose followers are to be compared, and where the list of ours among them is."""

    actor_id: int
    url: str


def want(unit: Unit, actor_id: int, url: str) -> None:
    """Have the followers of an actor elsewhere compared soon, once in a quarter of an hour at most."""
    due = {"url": url, "wanted_at": unit.now, "due_at": unit.now + SETTLES, "attempts": 0}
    if insert_new_row(unit, FollowersCheck, actor_id=actor_id, **due):
        return
    old = FollowersCheck.actor_id == actor_id, FollowersCheck.due_at.is_(None)
    again = update(FollowersCheck).where(*old, FollowersCheck.wanted_at < unit.now - APART).values(due)
    unit.execute(again.execution_options(synchronize_session=False))


def claim(unit: Unit, room: int) -> Sequence[Check]:
    """Take actors to be compared under a lease."""
    rows = unit.scalars(select(FollowersCheck).where(FollowersCheck.actor_id.in_(CHECKS.claim(unit, room))))
    return [Check(row.actor_id, row.url) for row in rows]


def put_off(unit: Unit, check: Check) -> None:
    """Note that the list could not be read: again after a growing pause, some times."""
    row = unit.get(FollowersCheck, check.actor_id, populate_existing=True)
    if row is not None:
        row.attempts += 1
        row.due_at = unit.now + pause(row.attempts) if row.attempts < ATTEMPTS else None
        unit.flush()


def finish(unit: Unit, check: Check, listed: Collection[str] | None, since: datetime) -> None:
    """Mend what differs from `listed`, which was read `since` then; None if there is no list to hold on to."""
    row = unit.get(FollowersCheck, check.actor_id, populate_existing=True)
    actor = unit.get(Actor, check.actor_id)
    if row is None or actor is None:
        return
    row.due_at = None
    unit.flush()
    if listed is not None:
        _mend(unit, actor, frozenset(uri for uri in listed if unit.instance.owns(uri)), since)


def _mend(unit: Unit, actor: Actor, listed: frozenset[str], since: datetime) -> None:
    follows = (
        select(Follow)
        .join(Follow.follower)
        .where(Follow.followed_id == actor.id, Actor.domain.is_(None))
        .options(joinedload(Follow.follower), joinedload(Follow.followed))
    )
    ours = {row.follower.uri: row for row in unit.scalars(follows)}
    # What began while the list was on its way cannot be in it.
    ended = [row for uri, row in ours.items() if uri not in listed and row.accepted_at and row.accepted_at < since]
    for row in ended[:MOST]:
        log.info("%s does not follow %s by the word of its server", row.follower.uri, actor.uri)
        end_follow(unit, row)
    for uri in sorted(listed & ours.keys())[:MOST]:
        accept_follow(unit, ours[uri])  # its Accept was lost
    unknown = select(Actor).where(Actor.uri.in_(sorted(listed - ours.keys())[:MOST]), Actor.domain.is_(None))
    for follower in unit.scalars(unknown).all():
        _undo_unknown(unit, follower, actor)


def _undo_unknown(unit: Unit, follower: Actor, actor: Actor) -> None:
    """Undo a follow that we do not know of, so that its id can only be a new one: who and whom have to do."""
    key = new_id(unit.now)
    uri = unit.instance.activity_uri(follower.uri, "follow", key)
    row = Follow(id=key, uri=uri, follower_id=follower.id, followed_id=actor.id, created_at=unit.now)
    send_undo_follow(unit, row)
