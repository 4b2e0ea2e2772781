"""Collections of many: who follows and is followed, the posts of a thread, what answers and reacts to one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.access import OPEN, readable_by
from activitypub.caps import CAPS
from activitypub.collection_documents import collection_page, ordered_collection
from activitypub.documents import Document
from activitypub.models import Actor, EmojiReaction, Follow, Status
from activitypub.reaction_documents import reaction_document

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


def replies_collection(session: Session, status: Status, *, paged: bool) -> Document:
    """Return the public replies to a status of ours (FEP-7458), the oldest first: all on one page."""
    uris = session.scalars(
        select(Status.uri)
        .where(Status.in_reply_to_id == status.id, Status.visibility.in_(OPEN), readable_by(None))
        .order_by(Status.id)
        .limit(CAPS.collection_items)
    ).all()
    uri = f"{status.uri}/replies"
    if paged:
        return collection_page(f"{uri}?page=true", part_of=uri, items=uris)
    return ordered_collection(uri, total=status.replies_count, items=uris)


def reactions_collection(session: Session, status: Status) -> Document:
    """Return the reactions to a status of ours: who reacted is told of what everybody may read, else how many did."""
    uri = f"{status.uri}/emoji_reactions"
    total = sum(entry["count"] for entry in status.reactions)
    if status.visibility not in OPEN:
        return ordered_collection(uri, total=total)
    rows = session.scalars(
        select(EmojiReaction)
        .join(Actor, Actor.id == EmojiReaction.actor_id)
        .where(EmojiReaction.status_id == status.id, Actor.suspended_at.is_(None), Actor.local_only.is_(False))
        .order_by(EmojiReaction.id)
        .limit(CAPS.collection_items)
        .options(joinedload(EmojiReaction.actor))
    )
    items = [reaction_document(row, actor=row.actor, status_uri=status.uri) for row in rows]
    return ordered_collection(uri, total=total, items=items)
