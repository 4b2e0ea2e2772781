"""What our groups pass on to their followers, as FEP-1b12 has it: everything that happens in their threads.

A thread leaves twice: as the activity that it came in, for servers that know groups (Lemmy, PieFed, Mbin, NodeBB), and
as a plain announce of the post, which all others show (docs/decisions/0024-what-a-group-announces.md). What is answered
there, liked, edited and deleted leaves as an activity only, so that no home timeline fills with answers.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import delete

from activitypub.access import OPEN, Approval, Interaction
from activitypub.caps import CAPS
from activitypub.documents import Document
from activitypub.graph import interactions
from activitypub.graph.groups import find_group, groups_addressed, hears, is_locked, may_answer, may_post
from activitypub.graph.requests import Asked, authorize_at_once, verdict_on
from activitypub.models import Actor, Status, Wish, new_id
from activitypub.strict_json import read_object
from activitypub.unit import Unit
from outbox import activities
from outbox.loading import load_status
from outbox.models import WaitingCreate
from outbox.proving import proved
from outbox.publish import publish
from outbox.recipients import inboxes_of

log = logging.getLogger(__name__)


def receive_post(unit: Unit, status: Status, body: bytes | None = None) -> None:
    """Let our groups pass on a new status that is posted in them, or answers what they have passed on.

    `body` is the Create as it arrived, which is passed on as it is; that of a status of ours is made here. The mentions
    of the status have to be loaded with their actors.
    """
    if status.held or status.visibility not in OPEN:
        return
    if status.in_reply_to_uri is not None:
        _receive_answer(unit, status, body)
        return
    author = unit.get_one(Actor, status.actor_id)
    for group in groups_addressed(status):
        if may_post(unit, group, author):
            take_up(unit, group, status, body)
            _announce(unit, group, status)
        elif hears(unit, group, author):
            _keep(unit, status, body)


def _receive_answer(unit: Unit, status: Status, body: bytes | None) -> None:
    if status.audience_uri is None or status.in_reply_to_id is None or not unit.instance.owns(status.audience_uri):
        return
    parent, group = unit.get_one(Status, status.in_reply_to_id), find_group(unit, status.audience_uri)
    if group is None or not parent.in_group or parent.audience_uri != group.uri or is_locked(unit, parent):
        return
    author = unit.get_one(Actor, status.actor_id)
    if may_answer(unit, group, author):
        take_up(unit, group, status, body)
    elif hears(unit, group, author):
        _keep(unit, status, body)


def _announce(unit: Unit, group: Actor, status: Status) -> None:
    """Announce a status to those who know no groups, if its author lets everybody announce it."""
    if verdict_on(unit, group, status, Interaction.ANNOUNCE) is not Approval.AUTOMATIC:
        log.info("%s may not be announced by %s", status.uri, group.uri)
        return
    row = interactions.announce(unit, group, status)
    asked = Asked(Wish.ANNOUNCE, row.uri, seen_by=row.visibility, published_at=row.published_at)
    row.authorization_uri = row.authorization_uri or authorize_at_once(unit, group, status, asked)
    unit.flush()
    if not status.local_only:
        author = unit.get_one(Actor, status.actor_id)
        activity = activities.announce(row, actor=group, status=status, author=author)
        inboxes = inboxes_of(unit, actors=[author.id], followers_of=group.id)
        publish(unit, activity, by=group, object_uri=status.uri, inboxes=inboxes)


def take_up(unit: Unit, group: Actor, status: Status, body: bytes | None = None) -> None:
    """Note that a group of ours has taken a status up, and pass on its Create: as it came, also if that is long ago.

    What is not at hand any more is not made anew: an activity is its author's.
    """
    status.in_group, status.audience_uri = True, group.uri
    unit.flush()
    if status.local:
        load_status(unit, status)
        pass_on(unit, proved(unit, activities.create(status, unit.instance), status.actor), status)
        return
    for activity in (body,) if body is not None else _kept(unit, status):
        pass_on(unit, activity, status)


def note_edit(unit: Unit, status: Status, body: bytes) -> None:
    """Pass on that a status of somebody elsewhere says something else now, or keep that for the team to decide."""
    waiting = unit.get(WaitingCreate, status.id) if not status.in_group else None
    if waiting is not None:
        waiting.update_body = body if len(body) <= CAPS.waiting_bytes else None
        unit.flush()
    pass_on(unit, body, status)


def forget_waiting(unit: Unit) -> None:
    """Forget what no team has decided about for long; from now on it can be taken up as a plain announce only."""
    unit.execute(delete(WaitingCreate).where(WaitingCreate.kept_at < unit.now - CAPS.waiting_lasts))


def _keep(unit: Unit, status: Status, body: bytes | None) -> None:
    if body is not None and len(body) <= CAPS.waiting_bytes and unit.get(WaitingCreate, status.id) is None:
        unit.add(WaitingCreate(status_id=status.id, body=body, update_body=None, kept_at=unit.now))
        unit.flush()


def _kept(unit: Unit, status: Status) -> Sequence[bytes]:
    """Return the Create that waited, and the last edit since, which wait no more."""
    row = unit.get(WaitingCreate, status.id)
    if row is None:
        return ()
    found = [body for body in (row.body, row.update_body) if body is not None]
    unit.execute(delete(WaitingCreate).where(WaitingCreate.status_id == status.id))
    unit.expunge(row)
    return found


def take_out(unit: Unit, group: Actor, status: Status) -> None:
    """Note that a group of ours no longer shows a status, and tell servers that know groups."""
    if status.in_group and status.audience_uri == group.uri:
        pass_on(unit, activities.take_out(group, status, uri=_new_uri(unit, group, "delete")), status)
        status.in_group = False
        unit.flush()


def pass_on(unit: Unit, activity: Document | bytes, status: Status) -> None:
    """Announce what was done to a status to the followers of the group of ours that has taken it up, if one has."""
    if not status.in_group or status.local_only:
        return
    group = find_group(unit, status.audience_uri)
    if group is not None:
        document = read_object(activity) if isinstance(activity, bytes) else activity
        tell_followers(unit, group, document, about=status.uri)


def tell_followers(unit: Unit, group: Actor, activity: Document, *, about: str) -> None:
    """Announce an activity to the followers of a group of ours."""
    if group.suspended_at is not None:
        return
    document = activities.pass_on(group, activity, uri=_new_uri(unit, group, "announce"))
    publish(unit, document, by=group, object_uri=about, inboxes=inboxes_of(unit, actors=(), followers_of=group.id))


def _new_uri(unit: Unit, group: Actor, kind: str) -> str:
    return unit.instance.activity_uri(group.uri, kind, new_id(unit.now))
