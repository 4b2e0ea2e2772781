"""Groups (FEP-1b12): who may post in one of ours, which thread takes no more answers, and what a group has a say in.

https://codeberg.org/fediverse/fep/src/branch/main/fep/1b12/fep-1b12.md
"""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.graph.relationships import find_follow, is_blocked_between
from activitypub.graph.threads import upwards_from
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Posting


def find_group(session: Session, uri: str | None) -> Actor | None:
    """Return the group with this id, ours or another's, if it is known."""
    return session.scalar(select(Actor).where(Actor.uri == uri, Actor.type == "Group")) if uri else None


def groups_addressed(status: Status) -> Sequence[Actor]:
    """Return the groups of ours that a status of somebody else is addressed to. Its mentions have to be loaded."""
    addressed = (mention.actor for mention in status.mentions if mention.actor_id != status.actor_id)
    return [actor for actor in addressed if actor.is_local and actor.type == "Group"]


def passes_on(posting: Posting | None, *, follows: bool, is_answer: bool) -> bool:
    """Say whether a group passes on at once what somebody posts in it.

    Where its team chooses, it chooses threads; what is answered there comes from those who follow the group.
    """
    if posting is Posting.EVERYBODY:
        return True
    by_choice = posting in {Posting.APPROVAL, Posting.TEAM}
    return follows and (is_answer or not by_choice)


def may_post(session: Session, group: Actor, author: Actor) -> bool:
    """True if the group of ours passes on what this author posts in it."""
    return _lets(session, group, author, is_answer=False)


def may_answer(session: Session, group: Actor, author: Actor) -> bool:
    """True if the group of ours passes on what this author answers in one of its threads."""
    return _lets(session, group, author, is_answer=True)


def hears(session: Session, group: Actor, author: Actor) -> bool:
    """True unless the group of ours is closed to this author: what others post in it may wait for its team."""
    is_away = group.local_only and not author.is_local
    return group.suspended_at is None and not is_away and not is_blocked_between(session, group.id, author.id)


def _lets(session: Session, group: Actor, author: Actor, *, is_answer: bool) -> bool:
    if not hears(session, group, author):
        return False
    if author.id == group.id:
        return True
    follow = find_follow(session, author.id, group.id)
    follows = follow is not None and follow.accepted_at is not None
    return passes_on(group.posting, follows=follows, is_answer=is_answer)


def has_say(group: Actor, status: Status) -> bool:
    """True if a group elsewhere decides what becomes of a status: if its author has posted it there (FEP-fe34).

    To live on the group's server is not enough: its other people are not the group's (row A12).
    """
    return group.type == "Group" and status.audience_uri == group.uri


def is_locked(session: Session, status: Status) -> bool:
    """True if the group that a status is in takes no more answers to it, or to what it answers."""
    if status.locked or status.audience_uri is None:
        return status.locked
    above = upwards_from(status.id)
    locked = select(Status.id).join(above, above.c.id == Status.id).where(Status.locked).limit(1)
    return session.scalar(locked) is not None


def lock(unit: Unit, status: Status, *, locked: bool) -> None:
    """Take no more answers to a status and what is below it, or take them again."""
    unit.execute(
        update(Status).where(Status.id == status.id).values(locked=locked).execution_options(synchronize_session=False)
    )
    unit.refresh(status, ["locked"])
