"""Collections that come in pages: who follows and is followed, and the posts of a thread."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.collection_documents import collection_page, ordered_collection
from activitypub.documents import Document
from activitypub.models import Actor, Follow, Status

PAGE = 40  # items on a page of a collection


def network_collection(
    session: Session, actor: Actor, name: str, *, paged: bool, below: int | None
) -> Mapping[str, Any]:
    """Return "followers" or "following" of an actor, its cover or a page; who hides them shows only the size."""
    uri = f"{actor.uri}/{name}"
    total = actor.followers_count if name == "followers" else actor.following_count
    if not paged or actor.hides_network:
        first = None if actor.hides_network else f"{uri}?page=true"
        return ordered_collection(uri, total=total, first=first)
    own, other = (
        (Follow.followed_id, Follow.follower_id) if name == "followers" else (Follow.follower_id, Follow.followed_id)
    )
    query = (
        select(Follow.id, Actor.uri)
        .join(Actor, Actor.id == other)
        .where(own == actor.id, Follow.accepted_at.is_not(None))
        .order_by(Follow.id.desc())
        .limit(PAGE)
    )
    rows = session.execute(query.where(Follow.id < below) if below else query).all()
    following_page = f"{uri}?max_id={rows[-1].id}" if len(rows) == PAGE else None
    here = f"{uri}?max_id={below}" if below else f"{uri}?page=true"
    return collection_page(here, part_of=uri, items=[row.uri for row in rows], next=following_page)


def context_collection(root: Status, members: Sequence[tuple[int, str]], *, paged: bool, above: int) -> Document:
    """Return the collection of a thread, its cover or the page of those above an id. `members` are (id, URI) by id."""
    uri = f"{root.uri}/context"
    if not paged:
        cover = ordered_collection(uri, total=len(members), first=f"{uri}?page=true")
        return {**cover, "attributedTo": root.actor.uri}
    following = [member for member in members if member[0] > above]
    shown = following[:PAGE]
    here = f"{uri}?min_id={above}" if above else f"{uri}?page=true"
    next_page = f"{uri}?min_id={shown[-1][0]}" if len(following) > PAGE else None
    return collection_page(here, part_of=uri, items=[member_uri for _, member_uri in shown], next=next_page)
