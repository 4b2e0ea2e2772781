"""Finding accounts and hashtags stored here, and fetching what a handle or an address points to.

https://docs.joinmastodon.org/methods/search/
"""

import logging
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from activitypub.domain_blocks import DomainBlocks
from activitypub.fetch import FetchBudget, FetchError, fetch_object
from activitypub.graph.actors import find_by_handle
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Follow, Status, StatusHashtag
from activitypub.resolver import Resolver
from activitypub.uris import InvalidUri, host_of, validated_url
from activitypub.vocabulary import ACTOR_TYPES, STATUS_TYPES, type_of
from fediverse_kommune.models import HashtagRule
from fediverse_kommune.services.beginnings import unless_too_long
from fediverse_kommune.services.tags import Tag
from webfinger.handle import Handle, InvalidHandle, parse_handle

log = logging.getLogger(__name__)


class AccountSearch(Struct, frozen=True):
    """What accounts are wanted. `following`: only those that the actor with this id follows. `reader` is who asks."""

    text: str
    limit: int
    offset: int = 0
    following: int | None = None
    reader: int | None = None


def as_handle(text: str, instance: LocalInstance) -> Handle | None:
    """Return the handle that a search is for ("@a@b", "a@b"); None if it is for something else."""
    bare = text.strip()
    if "@" not in bare.removeprefix("@"):
        return None
    try:
        return parse_handle(bare, test_network=instance.test_network)
    except InvalidHandle:
        return None


def as_url(text: str, instance: LocalInstance) -> str | None:
    """Return the address that a search is for; None if it is for something else."""
    try:
        return validated_url(text.strip(), allow_http=instance.test_network)
    except InvalidUri:
        return None


async def resolve(resolver: Resolver, blocks: DomainBlocks, text: str) -> None:
    """Have stored what a handle or an address points to. What cannot be found, or is shut out, stays unfound."""
    instance = resolver.ctx.instance
    handle, url = as_handle(text, instance), as_url(text, instance)
    host = handle.domain if handle else host_of(url) if url else None
    if host is None or await blocks.is_suspended(host):
        return
    try:
        if handle is not None:
            await resolver.handle(handle)
        elif url is not None:
            await _resolve_url(resolver, url)
    except FetchError as error:
        log.info("a search finds nothing: %s", error)


async def _resolve_url(resolver: Resolver, url: str) -> None:
    """Read what is at an address, its page or its id, and have the actor or status that it is stored."""
    if resolver.ctx.instance.owns(url) or await resolver.ctx.db.read(find_by_url, url) is not None:
        return
    budget = FetchBudget()
    document = await fetch_object(resolver.ctx, url, budget)
    kind = type_of(document)
    if kind in ACTOR_TYPES:
        await resolver.actor(str(document["id"]), budget)
    elif kind in STATUS_TYPES:
        await resolver.status(str(document["id"]), budget)


def find_accounts(session: Session, wanted: AccountSearch, instance: LocalInstance) -> Sequence[Actor]:
    """Return accounts by their exact handle, else by the beginning of handle or name, the most followed first."""
    handle = as_handle(wanted.text, instance)
    if handle is not None:
        domain = None if handle.domain in instance.hosts else handle.domain
        exact = find_by_handle(session, handle.username, domain)
        return [exact] if exact and _is_shown(exact) and not wanted.offset else []
    text = wanted.text.strip().removeprefix("@")
    if not text:
        return []
    named = or_(Actor.handle.startswith(text.lower(), autoescape=True), Actor.name.istartswith(text, autoescape=True))
    query = select(Actor).where(unless_too_long(text, named), Actor.suspended_at.is_(None), Actor.type != "Application")
    if wanted.following is not None:
        query = query.join(Follow, Follow.followed_id == Actor.id).where(
            Follow.follower_id == wanted.following, Follow.accepted_at.is_not(None)
        )
    ranked = query.where(_in_sight(wanted.reader)).order_by(Actor.followers_count.desc(), Actor.id)
    return session.scalars(ranked.limit(wanted.limit).offset(wanted.offset)).all()


def _in_sight(reader: int | None) -> ColumnElement[bool]:
    """True for whom moderators have not silenced, and to its followers for whom they have."""
    if reader is None:
        return Actor.silenced_at.is_(None)
    follow = aliased(Follow)
    follows = exists().where(
        follow.follower_id == reader, follow.followed_id == Actor.id, follow.accepted_at.is_not(None)
    )
    return or_(Actor.silenced_at.is_(None), Actor.id == reader, follows)


def find_tags(session: Session, text: str, limit: int, offset: int = 0, *, only_used: bool = False) -> list[Tag]:
    """Return hashtags that begin with a text, the most used first.

    The one that it names exactly is always there, unless `only_used`.
    """
    name = hashtag_name(text.strip())
    if name is None:
        return []
    key = hashtag_key(name)
    uses = func.count(StatusHashtag.status_id)
    rows = session.execute(
        select(StatusHashtag.tag, func.max(StatusHashtag.name))
        .where(
            StatusHashtag.tag.startswith(key, autoescape=True),
            ~exists().where(Status.id == StatusHashtag.status_id, Status.held),
            ~exists().where(HashtagRule.tag == StatusHashtag.tag, HashtagRule.listable.is_(False)),
        )
        .group_by(StatusHashtag.tag)
        .order_by(uses.desc(), StatusHashtag.tag)
        .limit(limit)
        .offset(offset)
    )
    found = [Tag(tag, written) for tag, written in rows]
    return found if offset or only_used or any(tag.key == key for tag in found) else [Tag(key, name), *found][:limit]


def find_by_url(session: Session, url: str) -> Actor | Status | None:
    """Return what is stored under an id or the address of its page."""
    actor = session.scalar(select(Actor).where(or_(Actor.uri == url, Actor.url == url)).limit(1))
    if actor is not None:
        return actor if _is_shown(actor) else None
    return session.scalar(select(Status).where(or_(Status.uri == url, Status.url == url)).limit(1))


def _is_shown(actor: Actor) -> bool:
    return actor.suspended_at is None and not (actor.is_local and actor.type == "Application")
