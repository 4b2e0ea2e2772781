"""Reactions to statuses with an emoji: an EmojiReact, or a Like that has one (FEP-c0e0)."""

import logging
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.documents import media_url
from activitypub.events import ReactionUndone, StatusReacted
from activitypub.graph.domains import rejects_media
from activitypub.graph.interactions import find_like, like, unlike
from activitypub.graph.reaction_counts import count_reactions
from activitypub.instance import LocalInstance
from activitypub.models import Actor, CustomEmoji, EmojiReaction, Like, Status, attach, new_id
from activitypub.unit import Unit
from activitypub.uris import host_of
from activitypub.vocabulary import RemoteReaction

log = logging.getLogger(__name__)

# What says the same as a like, and is all that Misskey has for one (decision 30).
LIKES = ("👍", "❤️")


class ChosenEmoji(Struct, frozen=True):
    """An emoji to react with, as `EmojiReaction` names it, with its picture if it is one."""

    name: str
    url: str | None = None
    static_url: str | None = None


def find_reaction(session: Session, actor_id: int, status_id: int, name: str) -> EmojiReaction | None:
    """Return the reaction of an actor to a status with this emoji."""
    mine = EmojiReaction.actor_id == actor_id, EmojiReaction.status_id == status_id, EmojiReaction.name == name
    return session.scalar(select(EmojiReaction).where(*mine))


def reaction_by_uri(session: Session, actor_id: int, uri: str | None) -> EmojiReaction | None:
    """Return the reaction that an actor named so."""
    return session.scalar(select(EmojiReaction).where(EmojiReaction.uri == uri, EmojiReaction.actor_id == actor_id))


def reactions_by(session: Session, actor_id: int, status_id: int) -> Sequence[EmojiReaction]:
    """Return all reactions of an actor to a status, the oldest first."""
    mine = EmojiReaction.actor_id == actor_id, EmojiReaction.status_id == status_id
    return session.scalars(select(EmojiReaction).where(*mine).order_by(EmojiReaction.id)).all()


def own_emoji(session: Session, instance: LocalInstance, shortcode: str) -> ChosenEmoji | None:
    """Return the emoji of this instance that is called so."""
    row = session.scalar(select(CustomEmoji).where(CustomEmoji.shortcode == shortcode))
    if row is None:
        return None
    return ChosenEmoji(shortcode, media_url(instance, row.storage_key), media_url(instance, row.static_key))


def chosen_by_remote(unit: Unit, actor: Actor, reaction: RemoteReaction) -> ChosenEmoji | None:
    """Return what an actor elsewhere reacts with; None for a picture that is not to be shown here.

    One that is said to be ours is looked for among ours.
    """
    if reaction.image_url is None:
        return ChosenEmoji(reaction.name)
    shortcode, _, home = reaction.name.partition("@")
    if home == host_of(unit.instance.origin):
        return own_emoji(unit, unit.instance, shortcode)
    if rejects_media(unit, actor):
        return None
    return ChosenEmoji(reaction.name, reaction.image_url, reaction.image_url)


def react(
    unit: Unit, actor: Actor, status: Status, chosen: ChosenEmoji, *, uri: str | None = None, kind: str = "Like"
) -> EmojiReaction | None:
    """Record that `actor` reacts to `status`; a second time keeps the row and takes over the id, as of a Follow.

    None if there are too many different ones already, or the id stands for something else.
    """
    unit.execute(select(Status.id).where(Status.id == status.id).with_for_update())
    existing = find_reaction(unit, actor.id, status.id, chosen.name)
    if _is_taken(unit, uri, existing):
        log.info("%s uses the id %s for two things", actor.uri, uri)
        return None
    if existing is not None:
        return _known_as(unit, existing, uri)
    if _is_full(unit, actor, status, chosen):
        log.info("there is no more room for a reaction of %s to %s", actor.uri, status.uri)
        return None
    row = _add(unit, actor, status, chosen, uri=uri, kind=kind)
    count_reactions(unit, [status.id])
    # Our people have both in their apps, and say which of the two they mean.
    counts_as_like = chosen.name in LIKES and not actor.is_local and find_like(unit, actor.id, status.id) is None
    if counts_as_like:
        like(unit, actor, status, uri=row.uri)
    unit.publish(StatusReacted(row, status, liked=counts_as_like))
    return row


def _add(unit: Unit, actor: Actor, status: Status, chosen: ChosenEmoji, *, uri: str | None, kind: str) -> EmojiReaction:
    reaction_id = new_id(unit.now)
    row = EmojiReaction(
        id=reaction_id,
        uri=uri or unit.instance.activity_uri(actor.uri, "reaction", reaction_id),
        kind=kind,
        actor_id=actor.id,
        status_id=status.id,
        name=chosen.name,
        url=chosen.url,
        static_url=chosen.static_url,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    return attach(row, actor=actor, status=status)


def _is_taken(unit: Unit, uri: str | None, same: EmojiReaction | None) -> bool:
    """True if another reaction has this id: an id stands for one thing."""
    found = unit.scalar(select(EmojiReaction.id).where(EmojiReaction.uri == uri)) if uri else None
    return found is not None and (same is None or same.id != found)


def _is_full(unit: Unit, actor: Actor, status: Status, chosen: ChosenEmoji) -> bool:
    there = set(unit.scalars(select(EmojiReaction.name).where(EmojiReaction.status_id == status.id).distinct()))
    mine = len(reactions_by(unit, actor.id, status.id))
    return mine >= CAPS.reactions_per_actor or (chosen.name not in there and len(there) >= CAPS.reactions_per_status)


def _known_as(unit: Unit, row: EmojiReaction, uri: str | None) -> EmojiReaction:
    """Give a row, and the like that came with it, the id that its actor used last."""
    if uri is not None and uri != row.uri:
        liked = _like_of(unit, row)
        row.uri = uri
        if liked is not None:
            liked.uri = uri
        unit.flush()
    return row


def unreact(unit: Unit, row: EmojiReaction) -> None:
    """Take a reaction back, and the like that it was, unless another one of the same actor says so still."""
    liked = _like_of(unit, row)
    unit.execute(delete(EmojiReaction).where(EmojiReaction.id == row.id))
    unit.expunge(row)
    count_reactions(unit, [row.status_id])
    unit.publish(ReactionUndone(row.id, row.actor_id))
    if liked is None:
        return
    left = [each.uri for each in reactions_by(unit, row.actor_id, row.status_id) if each.name in LIKES]
    if left:
        liked.uri = left[0]
        unit.flush()
    else:
        unlike(unit, liked)


def _like_of(unit: Unit, row: EmojiReaction) -> Like | None:
    """Return the like that a reaction counts as: it has the same id."""
    return unit.scalar(select(Like).where(Like.uri == row.uri, Like.actor_id == row.actor_id))
