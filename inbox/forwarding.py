"""Passing on replies, so that the followers of a thread see all of it. ActivityPub section 7.1.2."""

from sqlalchemy import select

from activitypub.models import Actor, Status
from activitypub.strict_json import read_object
from activitypub.unit import Unit
from activitypub.vocabulary import RemoteStatus
from outbox.publish import publish
from outbox.recipients import inboxes_of


def forward_reply(unit: Unit, status: Status, remote: RemoteStatus, body: bytes) -> None:
    """Send a reply on to our author's followers, if it answers our author and is addressed to those followers.

    The activity is sent as it arrived, in a request signed by our author. A server that gets it believes only
    what the reply's own origin confirms.
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
    followers = inboxes_of(unit, actors=(), followers_of=parent_author.id)
    elsewhere = [inbox for inbox in followers if inbox.host != status.actor.host]
    publish(unit, read_object(body), by=parent_author, object_uri=status.uri, inboxes=elsewhere)
