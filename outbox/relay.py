"""The relay: public posts that our relay actor passes on to servers that asked it to.

It is both halves of FEP-ae0c in one actor, as LitePub's relays are: the servers of the county follow it and get what
one of them announces to it; and it follows relays elsewhere, which get what is written here. A post is passed on once,
whoever it comes from, and never back to its own server.

Source: https://codeberg.org/fediverse/fep/src/branch/main/fep/ae0c/fep-ae0c.md
"""

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from activitypub.documents import Document
from activitypub.domain_blocks import with_parents
from activitypub.graph.actors import create_local_actor, find_actor, find_by_handle
from activitypub.instance import RELAY_NAME
from activitypub.models import Actor, DomainAllow, Follow, Status
from activitypub.on_conflict import insert_for
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from outbox import activities
from outbox.models import RelayedStatus
from outbox.publish import publish
from outbox.recipients import Inbox, inboxes_of


class NameTaken(Exception):
    """Somebody here is called like the relay."""


def ensure_relay_actor(unit: Unit) -> None:
    """Make the relay actor, if this instance is to have one. Raises `NameTaken`."""
    if not unit.instance.relays or find_actor(unit, unit.instance.relay_uri) is not None:
        return
    if find_by_handle(unit, RELAY_NAME, None) is not None:
        raise NameTaken(f"[federation] relay: somebody here is called {RELAY_NAME}; the relay needs that name.")
    instance = unit.instance
    actor = create_local_actor(unit, RELAY_NAME, kind="Application", name=instance.name, uri=instance.relay_uri)
    actor.discoverable = False
    unit.flush()


def is_of_county(session: Session, host: str) -> bool:
    """True for a server that is allowed by name: only those may follow our relay and be passed on by it."""
    return (
        session.scalar(select(DomainAllow.domain).where(DomainAllow.domain.in_(with_parents(host))).limit(1))
        is not None
    )


def is_partner(session: Session, relay_uri: str, actor_id: int) -> bool:
    """True for an actor that our relay follows, or that follows it."""
    relay = select(Actor.id).where(Actor.uri == relay_uri).scalar_subquery()
    follows = Follow.accepted_at.is_not(None) & (
        ((Follow.follower_id == relay) & (Follow.followed_id == actor_id))
        | ((Follow.follower_id == actor_id) & (Follow.followed_id == relay))
    )
    return bool(session.scalar(select(exists().where(follows))))


def is_member(session: Session, relay_uri: str, host: str) -> bool:
    """True for a server that follows our relay and is of the county. Mastodon then sends its public posts there."""
    follows = followers_of_relay(relay_uri).where(
        Follow.follower_id.in_(select(Actor.id).where(Actor.host == host, Actor.domain.is_not(None)))
    )
    return bool(session.scalar(select(follows.exists()))) and is_of_county(session, host)


def pass_on(unit: Unit, status: Status) -> None:
    """Announce a public post, ours or of a server of the county, to all who follow our relay; once.

    Who follows it and is not of the county any more gets nothing; nor does anybody else's post go anywhere.
    """
    relay = find_actor(unit, unit.instance.relay_uri) if unit.instance.relays else None
    if relay is None or status.visibility is not Visibility.PUBLIC or status.held or status.local_only:
        return
    author = unit.get_one(Actor, status.actor_id)
    if not author.is_local and not is_of_county(unit, author.host):
        return
    inboxes = _readers(unit, relay, author.host)
    if inboxes and _is_first(unit, status.id):
        uri = unit.instance.activity_uri(relay.uri, "announce", status.id)
        activity = activities.relay(status, by=relay, uri=uri, published=unit.now)
        publish(unit, activity, by=relay, object_uri=status.uri, inboxes=inboxes)


def pass_on_change(unit: Unit, status: Status, activity: Document) -> None:
    """Send an edit or the end of a post that our relay has passed on to those who follow the relay, as it came.

    The author's server does not know who has the post.
    """
    relay = find_actor(unit, unit.instance.relay_uri) if unit.instance.relays else None
    if relay is not None and unit.get(RelayedStatus, status.id) is not None:
        author = unit.get_one(Actor, status.actor_id)
        publish(unit, activity, by=relay, object_uri=status.uri, inboxes=_readers(unit, relay, author.host))


def _readers(unit: Unit, relay: Actor, author_host: str) -> list[Inbox]:
    """Return where those are who get from our relay what comes from a host."""
    followed = set(unit.scalars(_hosts_followed_by(relay.id)))
    return [
        inbox
        for inbox in inboxes_of(unit, actors=(), followers_of=relay.id)
        if inbox.host != author_host and (inbox.host in followed or is_of_county(unit, inbox.host))
    ]


def followers_of_relay(relay_uri: str) -> Select[int]:
    """Select the ids of the actors that follow our relay: their servers have what it passed on."""
    return (
        select(Follow.follower_id)
        .join(Actor, Actor.id == Follow.followed_id)
        .where(Actor.uri == relay_uri, Follow.accepted_at.is_not(None))
    )


def _hosts_followed_by(relay_id: int) -> Select[str]:
    return select(Actor.host).join(Follow, Follow.followed_id == Actor.id).where(Follow.follower_id == relay_id)


def _is_first(unit: Unit, status_id: int) -> bool:
    row = {"status_id": status_id, "created_at": unit.now}
    statement = insert_for(unit.get_bind().dialect.name, RelayedStatus).values(row).on_conflict_do_nothing()
    return bool(unit.execute(statement.returning(RelayedStatus.status_id)).all())
