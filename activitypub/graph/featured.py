"""Hashtags that an actor shows on its profile, ours and theirs."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, FeaturedTag, new_id
from activitypub.unit import Unit

FEATURED_TAGS = 10  # of one actor; Mastodon's figure


def find_featured_tag(session: Session, actor_id: int, tag: str) -> FeaturedTag | None:
    """Return the row of a hashtag (its folded key) that an actor shows."""
    return session.scalar(select(FeaturedTag).where(FeaturedTag.actor_id == actor_id, FeaturedTag.tag == tag))


def count_featured_tags(session: Session, actor_id: int) -> int:
    """Return how many hashtags an actor shows."""
    return session.scalar(select(func.count()).where(FeaturedTag.actor_id == actor_id)) or 0


def feature_tag(unit: Unit, actor: Actor, tag: str, name: str) -> FeaturedTag:
    """Show a hashtag on the profile of an actor; one that is there stays as it is. The caller minds the limit."""
    existing = find_featured_tag(unit, actor.id, tag)
    if existing is not None:
        return existing
    row = FeaturedTag(id=new_id(unit.now), actor_id=actor.id, tag=tag, name=name, created_at=unit.now)
    unit.add(row)
    unit.flush()
    return row


def unfeature_tag(unit: Unit, row: FeaturedTag) -> None:
    """Show a hashtag there no longer."""
    unit.execute(delete(FeaturedTag).where(FeaturedTag.id == row.id))
    unit.expunge(row)
