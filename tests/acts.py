"""What a resident does, in one unit of work each: the change of the graph, and what is told of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.documents import STATUS_OPTIONS
from activitypub.graph import actors, interactions, relationships, statuses
from activitypub.graph.statuses import StatusDraft, StatusText
from activitypub.models import Actor, Announce, Block, Follow, Like, Status, new_id
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from outbox import send


def write(
    unit: Unit,
    /,
    author: Actor,
    html: str = "<p>Guten Tag</p>",
    *,
    visibility: Visibility = Visibility.PUBLIC,
    in_reply_to: str | None = None,
    mentions: Sequence[Actor] = (),
    **text: Any,
) -> Status:
    status_id = new_id(unit.now)
    draft = StatusDraft(
        id=status_id,
        uri=unit.instance.status_uri(author.username, status_id),
        url=unit.instance.status_url(author.username, status_id),
        author=author,
        visibility=visibility,
        text=StatusText(content=sanitize(html), mentions=mentions, **text),
        published_at=unit.now,
        in_reply_to_uri=in_reply_to,
    )
    status = statuses.create_status(unit, draft)
    if author.is_local:
        send.send_status(unit, status)
    return status


def edit(unit: Unit, uri: str, html: str) -> None:
    status = loaded_status(unit, uri)
    assert status is not None
    statuses.edit_status(unit, status, StatusText(content=sanitize(html)), unit.now)
    send.send_status_update(unit, status)


def delete(unit: Unit, uri: str) -> None:
    status = loaded_status(unit, uri)
    assert status is not None
    send.send_status_delete(unit, status)
    statuses.delete_status(unit, status)


def follow(unit: Unit, follower: Actor, followed: Actor) -> Follow:
    row = relationships.follow(unit, follower, followed)
    send.send_follow(unit, row)
    return row


def unfollow(unit: Unit, follower: Actor, followed: Actor) -> None:
    row = relationships.find_follow(unit, follower.id, followed.id)
    assert row is not None
    send.send_undo_follow(unit, row)
    relationships.end_follow(unit, row)


def answer(unit: Unit, follower: Actor, followed: Actor, *, accept: bool) -> None:
    row = relationships.find_follow(unit, follower.id, followed.id)
    assert row is not None
    if accept:
        relationships.accept_follow(unit, row)
        send.send_accept(unit, row)
    else:
        send.send_reject(unit, row)
        relationships.end_follow(unit, row)


def like(unit: Unit, actor: Actor, uri: str) -> Like:
    status = loaded_status(unit, uri)
    assert status is not None
    row = interactions.like(unit, actor, status)
    send.send_like(unit, row, status)
    return row


def unlike(unit: Unit, actor: Actor, uri: str) -> None:
    status = loaded_status(unit, uri)
    assert status is not None
    row = interactions.find_like(unit, actor.id, status.id)
    assert row is not None
    send.send_unlike(unit, row, status)
    interactions.unlike(unit, row)


def announce(unit: Unit, actor: Actor, uri: str) -> Announce:
    status = loaded_status(unit, uri)
    assert status is not None
    row = interactions.announce(unit, actor, status)
    send.send_announce(unit, row, status)
    return row


def unannounce(unit: Unit, actor: Actor, uri: str) -> None:
    status = loaded_status(unit, uri)
    assert status is not None
    row = interactions.find_announce(unit, actor.id, status.id)
    assert row is not None
    send.send_unannounce(unit, row, status)
    interactions.unannounce(unit, row)


def block(unit: Unit, actor: Actor, target: Actor) -> Block:
    row = relationships.block(unit, actor, target)
    send.send_block(unit, row)
    return row


def unblock(unit: Unit, actor: Actor, target: Actor) -> None:
    row = relationships.find_block(unit, actor.id, target.id)
    assert row is not None
    send.send_unblock(unit, row)
    relationships.unblock(unit, row)


def rename(unit: Unit, actor_id: int, name: str) -> None:
    actor = unit.get_one(Actor, actor_id)
    actor.name = name
    unit.flush()
    send.send_actor_update(unit, actor)


def leave(unit: Unit, actor_id: int) -> None:
    actor = unit.get_one(Actor, actor_id)
    send.send_actor_delete(unit, actor)
    actors.delete_actor(unit, actor)


def loaded_status(session: Session, uri: str) -> Status | None:
    """Return a status with all that goes with it."""
    return session.scalar(select(Status).where(Status.uri == uri).options(*STATUS_OPTIONS))
