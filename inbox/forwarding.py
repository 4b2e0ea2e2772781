"""Passing on replies, so that the followers of a thread see all of it. ActivityPub section 7.1.2."""

from sqlalchemy import select

from activitypub.graph.actors import find_actor
from activitypub.models import Actor, Status
from activitypub.strict_json import read_object
from activitypub.unit import Unit
from activitypub.vocabulary import RemoteStatus
from inbox.authenticate import is_signed_by_its_author
from outbox.publish import publish
from outbox.recipients import inboxes_of, of_county


def forward_reply(unit: Unit, status: Status, remote: RemoteStatus, body: bytes) -> None:
    """Send a reply on to our author's followers, if it answers our author and is addressed to those followers.

    The activity is sent as it arrived, and only with its author's embedded signature: without one nobody would
    take it from us. The instance actor signs the request, because what our actors say themselves must not wait
    behind something that its receiver refuses.
    """
    if status.in_reply_to_id is None:
        return
    parent_author = unit.scalar(
        select(Actor)
        .join(Status, Status.actor_id == Actor.id)
        .where(Status.id == status.in_reply_to_id, Actor.domain.is_(None))
    )
    if parent_author is None or parent_author.followers_uri not in {*remote.to, *remote.cc}:
        return
    activity, courier = read_object(body), find_actor(unit, unit.instance.actor_uri)
    if courier is None or not is_signed_by_its_author(activity):
        return
    followers = inboxes_of(unit, actors=(), followers_of=parent_author.id)
    parent = unit.get_one(Status, status.in_reply_to_id)
    followers = of_county(unit, followers) if parent.bubble_only else followers
    elsewhere = [inbox for inbox in followers if inbox.host != status.actor.host]
    publish(unit, activity, by=courier, object_uri=status.uri, inboxes=elsewhere)
