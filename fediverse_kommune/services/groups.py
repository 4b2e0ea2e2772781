"""What the team of a group decides: whose posts it passes on, and which thread takes no more answers (FEP-1b12).

What else a team does is done as by anybody: it takes a post up by announcing it, removes one by taking that back,
keeps somebody out by blocking them, and lets members in by accepting who wants to follow.
"""

from msgspec import Struct
from sqlalchemy import select

from activitypub.graph import groups as graph
from activitypub.graph.relationships import end_follow
from activitypub.models import Actor, Follow, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Posting
from fediverse_kommune.services.interactions import find_readable
from fediverse_kommune.services.refusals import Invalid, NotFound
from outbox import activities, groups, send


class GroupForm(Struct, frozen=True):
    """What a group changes about how it works; None leaves it as it is."""

    posting: str | None = None
    local_only: bool | None = None


def update_group(unit: Unit, actor_id: int, form: GroupForm) -> None:
    """Change how a group of ours works. Raises `Invalid` for what is no group, and for a word that is none."""
    if form == GroupForm():
        return
    group = unit.get_one(Actor, actor_id)
    if group.type != "Group":
        raise Invalid("Only a group has group settings.")
    if form.posting is not None:
        group.posting = _posting(form.posting)
    if form.local_only is not None:
        if form.local_only and not group.local_only:
            _end_follows_from_elsewhere(unit, group)
        group.local_only = form.local_only
    unit.flush()


def _posting(word: str) -> Posting:
    try:
        return Posting(word)
    except ValueError:
        raise Invalid(f"group[posting] is one of {', '.join(Posting)}.") from None


def _end_follows_from_elsewhere(unit: Unit, group: Actor) -> None:
    elsewhere = select(Follow).join(Actor, Actor.id == Follow.follower_id).where(Actor.domain.is_not(None))
    for row in unit.scalars(elsewhere.where(Follow.followed_id == group.id)).all():
        end_follow(unit, row)
        send.send_reject(unit, row)


def set_lock(unit: Unit, group: Actor, status_id: int, *, locked: bool) -> None:
    """Take no more answers to what is posted in a group, or take them again. Raises `NotFound`."""
    status = find_readable(unit, group, status_id)
    if not status.in_group or status.audience_uri != group.uri:
        raise NotFound
    if status.locked is locked:
        return
    graph.lock(unit, status, locked=locked)
    activity = activities.lock(group, status, uri=_new_uri(unit, group, "lock"))
    if not locked:
        activity = activities.undo(activity, uri=_new_uri(unit, group, "undo"))
    groups.pass_on(unit, activity, status)


def _new_uri(unit: Unit, group: Actor, kind: str) -> str:
    return unit.instance.activity_uri(group.uri, kind, new_id(unit.now))
