"""Batch loading of how one actor stands to others: four statements, however many they are."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import literal, or_, select, union_all
from sqlalchemy.orm import Session

from activitypub.models import Actor, Block, Endorsement, Follow
from fediverse_kommune.api.entities.relationship import Ties
from fediverse_kommune.models import AccountNote, Mute
from fediverse_kommune.unwanted import is_muting, mutes_server


def load_ties(session: Session, actor_id: int, others: Iterable[int]) -> Ties:
    """Return all that lies between an actor and others."""
    ids = list(others)
    follows = session.scalars(
        select(Follow)
        .where(
            or_(
                (Follow.follower_id == actor_id) & Follow.followed_id.in_(ids),
                (Follow.followed_id == actor_id) & Follow.follower_id.in_(ids),
            )
        )
        .execution_options(populate_existing=True)
    ).all()
    mutes = session.scalars(
        select(Mute)
        .where(Mute.actor_id == actor_id, Mute.target_id.in_(ids), is_muting(Mute))
        .execution_options(populate_existing=True)
    )
    notes = session.execute(
        select(AccountNote.target_id, AccountNote.comment).where(
            AccountNote.actor_id == actor_id, AccountNote.target_id.in_(ids)
        )
    )
    marked = _load_marks(session, actor_id, ids)
    return Ties(
        following={row.followed_id: row for row in follows if row.follower_id == actor_id},
        followers={row.follower_id: row for row in follows if row.followed_id == actor_id},
        blocking=marked["blocking"],
        blocked_by=marked["blocked_by"],
        muting={row.target_id: row for row in mutes},
        domain_blocking=marked["domain_blocking"],
        endorsed=marked["endorsed"],
        notes=dict(notes.all()),
    )


def _load_marks(session: Session, actor_id: int, ids: list[int]) -> dict[str, set[int]]:
    """Return whom what is true of, by the word for it: all that a pair of actors has or has not."""
    rows = session.execute(
        union_all(
            select(literal("blocking"), Block.target_id).where(Block.actor_id == actor_id, Block.target_id.in_(ids)),
            select(literal("blocked_by"), Block.actor_id).where(Block.target_id == actor_id, Block.actor_id.in_(ids)),
            select(literal("endorsed"), Endorsement.target_id).where(
                Endorsement.actor_id == actor_id, Endorsement.target_id.in_(ids)
            ),
            select(literal("domain_blocking"), Actor.id).where(Actor.id.in_(ids), mutes_server(actor_id, Actor.id)),
        )
    )
    marked: dict[str, set[int]] = defaultdict(set)
    for word, other_id in rows:
        marked[word].add(other_id)
    return marked
