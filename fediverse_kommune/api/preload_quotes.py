"""What a page has to know of its reader for the sake of quotes: may they see what is quoted, may they quote?

It is asked in the one statement that asks what the reader has done (`preload`), and only of what the page holds.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, literal, or_, select

from activitypub.access import Interaction, names_followers, readable_by
from activitypub.models import Actor, Block, Follow, QuoteState, Status
from fediverse_kommune.api.entities.status import ALOOF
from fediverse_kommune.models import DomainMute, Mute

Facts = Sequence[Select[*tuple[Any, ...]]]


def quoted_ids(statuses: Iterable[Status]) -> set[int]:
    """Return what the statuses quote with the consent of its authors."""
    quotes = (status.quote for status in statuses if status.quote is not None)
    return {quote.quoted_id for quote in quotes if quote.quoted_id and quote.state is QuoteState.ACCEPTED}


def facts_about(reader: Actor | None, now: Any, statuses: Collection[Status], quoted: Collection[Status]) -> Facts:
    """Return selects of (kind, id of a status, 0): which may be read, whose authors the reader is tied to or avoids.

    `statuses` are all of a page, `quoted` those among them that others quote.
    """
    nested = quoted_ids(quoted) - {status.id for status in statuses}
    readable = [_facts("readable", nested).where(readable_by(reader))] if nested else []
    if reader is None:
        return readable
    shown = {status.id for status in quoted} | nested
    personal = {status.id for status in statuses if _is_personal(status)}
    return [*readable, *(_aversions(reader.id, now, shown) if shown else ()), *_follows(reader.id, personal)]


def _is_personal(status: Status) -> bool:
    return any(names_followers(status.interaction_policy, interaction) for interaction in Interaction)


def _facts(kind: str, status_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    return select(literal(kind), Status.id, literal(0)).where(Status.id.in_(status_ids))


def _follows(reader_id: int, status_ids: Collection[int]) -> Facts:
    """Select whose author the reader follows, and whose author follows the reader."""
    if not status_ids:
        return ()
    there = Follow.followed_id == Status.actor_id, Follow.follower_id == reader_id
    back = Follow.follower_id == Status.actor_id, Follow.followed_id == reader_id
    return [
        _facts(kind, status_ids).join(Follow, ends[0]).where(ends[1], Follow.accepted_at.is_not(None))
        for kind, ends in (("follows", there), ("followed", back))
    ]


def _aversions(reader_id: int, now: Any, status_ids: Collection[int]) -> Facts:
    """Select whose author, or author's server, the reader blocks or mutes."""
    blocked, foreign, muted = ALOOF
    stands = or_(Mute.expires_at.is_(None), Mute.expires_at > now)
    names = or_(DomainMute.domain == Actor.domain, DomainMute.domain == Actor.host)
    return [
        _facts(blocked, status_ids).join(Block, Block.target_id == Status.actor_id).where(Block.actor_id == reader_id),
        _facts(foreign, status_ids)
        .join(Actor, Actor.id == Status.actor_id)
        .join(DomainMute, names)
        .where(DomainMute.actor_id == reader_id),
        _facts(muted, status_ids)
        .join(Mute, Mute.target_id == Status.actor_id)
        .where(Mute.actor_id == reader_id, stands),
    ]
