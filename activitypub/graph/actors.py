"""Actors coming into the graph, changing, and leaving it."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from activitypub.events import ActorDeleted, ActorUpdated, ConsentChanged
from activitypub.graph.calendar import forget_guest
from activitypub.graph.domains import mark_newcomer, rejects_media
from activitypub.graph.reaction_counts import forget_reactions
from activitypub.graph.statuses import bury
from activitypub.models import Actor, ActorKey, EmojiReaction, Follow, ProofKey, new_id
from activitypub.multikey import multikey
from activitypub.sanitize import SafeHTML, plain_text, safe_link, safe_name, sanitize
from activitypub.search_consent import words_of
from activitypub.signatures.keys import (
    generate_ed25519_key,
    generate_rsa_key,
    load_private_key,
    private_pem,
    public_pem,
)
from activitypub.unit import Unit
from activitypub.uris import host_of
from activitypub.vocabulary import RemoteActor, RemoteEmoji


def find_actor(session: Session, uri: str) -> Actor | None:
    """Return the actor with this id."""
    return session.scalar(_by_uri(), {"uri": uri})


def actors_by_uri(session: Session, uris: Collection[str]) -> dict[str, Actor]:
    """Return those of these actors that are stored, by URI."""
    return {actor.uri: actor for actor in session.scalars(select(Actor).where(Actor.uri.in_(uris)))} if uris else {}


def folded_handle(username: str, domain: str | None) -> str:
    """Return the form in which handles are compared: "anna" for ours, "anna@nord.example" for others."""
    return f"{username.lower()}@{domain}" if domain else username.lower()


def known_actors(session: Session, uris: Sequence[str]) -> set[str]:
    """Return those of these ids with which an actor is stored."""
    return set(session.connection().scalars(_known_among(), {"uris": uris}))


def is_host_known(session: Session, host: str) -> bool:
    """True if an actor of this host is stored."""
    return bool(session.connection().scalar(_is_host_known(), {"host": host}))


def key_by_uri(session: Session, uri: str) -> Row[str, int, str, str] | None:
    """Return a stored key's PEM, and its owner's id, URI and host."""
    return session.connection().execute(_select_key(), {"uri": uri}).one_or_none()


@cache
def _select_key() -> Select[str, int, str, str]:
    """Select what `key_by_uri` returns, past the ORM: every first request of an actor asks."""
    return (
        select(ActorKey.public_pem, Actor.id, Actor.uri, Actor.host)
        .join(Actor, Actor.id == ActorKey.actor_id)
        .where(ActorKey.uri == bindparam("uri"))
    )


@cache
def _known_among() -> Select[str]:
    """Select which of `:uris` are actors', past the ORM: strangers make us ask it thousands of times."""
    return select(Actor.uri).where(Actor.uri.in_(bindparam("uris", expanding=True)))


@cache
def _is_host_known() -> Select[bool]:
    return select(exists().where(Actor.host == bindparam("host")))


def find_by_handle(session: Session, username: str, domain: str | None) -> Actor | None:
    """Return the actor with this handle, without regard to case; no domain means one of ours."""
    return session.scalar(_by_handle(), {"handle": folded_handle(username, domain)})


@cache
def _by_uri() -> Select[Actor]:
    return select(Actor).where(Actor.uri == bindparam("uri"))


@cache
def _by_handle() -> Select[Actor]:
    return select(Actor).where(Actor.handle == bindparam("handle"))


def create_local_actor(
    unit: Unit,
    username: str,
    *,
    kind: str = "Person",
    name: str = "",
    private_key_pem: str | None = None,
    uri: str | None = None,
) -> Actor:
    """Create an actor of ours with its keys and return it.

    `private_key_pem` is its RSA key, made here unless given; making one takes about 50 ms, so bulk callers bring it.
    `uri` is for the one that has an address of its own.
    """
    uri = uri or (unit.instance.actor_uri if kind == "Application" else unit.instance.user_uri(username))
    actor = Actor(
        id=new_id(unit.now),
        uri=uri,
        type=kind,
        host=unit.instance.host,
        username=username,
        domain=None,
        handle=folded_handle(username, None),
        name=name,
        summary=SafeHTML.stored(""),
        url=unit.instance.origin if kind == "Application" else unit.instance.profile_url(username),
        inbox_uri=f"{uri}/inbox",
        shared_inbox_uri=unit.instance.shared_inbox_uri,
        outbox_uri=f"{uri}/outbox",
        followers_uri=f"{uri}/followers",
        following_uri=f"{uri}/following",
        featured_uri=f"{uri}/featured",
        discoverable=True,
        created_at=unit.now,
    )
    unit.add(actor)
    unit.flush()
    unit.add(local_key(unit, actor, private_key_pem))
    unit.add(fresh_proof_key(unit, actor))
    unit.flush()
    return actor


def store_remote_actor(unit: Unit, remote: RemoteActor, domain: str) -> Actor:
    """Store or refresh an actor from its own document and return it.

    `domain` is the part of the handle that WebFinger proved, or the host of the actor's id (row A19). Keys the
    document no longer lists are forgotten.
    """
    actor = find_actor(unit, remote.uri)
    is_new = actor is None
    if actor is None:
        created_at = min(remote.published or unit.now, unit.now)
        actor = Actor(id=new_id(unit.now), uri=remote.uri, created_at=created_at)
    consent = (remote.indexable, words_of(remote.searchable_by, remote.followers))
    has_changed_consent = not is_new and (actor.indexable, actor.searchable_by) != consent
    _displace_other_holder(unit, actor, remote.username, domain)
    _copy_profile(actor, remote, domain)
    _apply_blocks(unit, actor, is_new=is_new)
    actor.fetched_at = unit.now
    unit.add(actor)
    unit.flush()
    _replace_keys(unit, actor, remote)
    if not is_new:
        unit.publish(ActorUpdated(actor))
    if has_changed_consent:
        unit.publish(ConsentChanged(actor.id))
    return actor


def delete_actor(unit: Unit, actor: Actor) -> None:
    """Remove an actor and everything that hangs on it; counters of those it followed are set right."""
    unit.publish(ActorDeleted(actor.id))
    held = Follow.accepted_at.is_not(None)
    _count_down(unit, Actor.followers_count, select(Follow.followed_id).where(Follow.follower_id == actor.id, held))
    _count_down(unit, Actor.following_count, select(Follow.follower_id).where(Follow.followed_id == actor.id, held))
    forget_guest(unit, actor.id)
    forget_reactions(unit, EmojiReaction.actor_id == actor.id)
    bury(unit, actor.uri, former_type=actor.type)
    unit.execute(delete(Actor).where(Actor.id == actor.id))
    unit.expunge(actor)


def local_key(unit: Unit, actor: Actor, private_key_pem: str | None = None) -> ActorKey:
    """Return a fresh signing key for one of our actors, not yet added to the unit."""
    key = load_private_key(private_key_pem) if private_key_pem else generate_rsa_key()
    return ActorKey(
        id=new_id(unit.now),
        actor_id=actor.id,
        uri=f"{actor.uri}#main-key",
        public_pem=public_pem(key),
        private_pem=private_pem(key),
        created_at=unit.now,
    )


def fresh_proof_key(unit: Unit, actor: Actor) -> ProofKey:
    """Return a fresh key for the proofs of one of our actors, not yet added to the unit."""
    key = generate_ed25519_key()
    return ProofKey(
        actor_id=actor.id,
        multibase=multikey(key.public_key()),
        private_pem=private_pem(key),
        created_at=unit.now,
    )


def emoji_list(emojis: tuple[RemoteEmoji, ...]) -> list[dict[str, str]]:
    """Return custom emoji as they are stored beside the text that uses them."""
    return [{"shortcode": emoji.shortcode, "url": url} for emoji in emojis if (url := safe_link(emoji.image_url))]


def _displace_other_holder(unit: Unit, actor: Actor, username: str, domain: str) -> None:
    """Leave a former holder of the handle (an account deleted and made anew) with its URI alone."""
    holder = find_by_handle(unit, username, domain)
    if holder is not None and holder is not actor:
        holder.handle = holder.uri
        unit.flush()


def _copy_profile(actor: Actor, remote: RemoteActor, domain: str) -> None:
    actor.username = remote.username
    actor.domain = domain
    actor.handle = folded_handle(remote.username, domain)
    actor.type = remote.type
    actor.host = host_of(remote.uri)
    actor.name = safe_name(remote.name)
    actor.summary = sanitize(remote.summary)
    actor.url = remote.url
    actor.fields = _fields(remote, actor.fields or [])
    actor.emojis = list(emoji_list(remote.emojis))
    actor.inbox_uri = remote.inbox
    actor.shared_inbox_uri = remote.shared_inbox
    actor.outbox_uri = remote.outbox
    actor.followers_uri = remote.followers
    actor.following_uri = remote.following
    actor.featured_uri = remote.featured
    actor.avatar_url = remote.avatar_url
    actor.header_url = remote.header_url
    actor.manually_approves_followers = remote.manually_approves_followers
    actor.discoverable = remote.discoverable
    actor.indexable = remote.indexable
    actor.searchable_by = words_of(remote.searchable_by, remote.followers)
    actor.also_known_as = list(remote.also_known_as)
    actor.moved_to_uri = remote.moved_to
    actor.attribution_domains = list(remote.attribution_domains)


def _fields(remote: RemoteActor, former: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the labelled values of a profile. One that stays as it is stays verified, too."""
    verified = {item["value"]: item["verified_at"] for item in former if item.get("verified_at")}
    fields = [{"name": plain_text(item.name), "value": str(sanitize(item.value))} for item in remote.fields]
    return [
        field | ({"verified_at": verified[field["value"]]} if field["value"] in verified else {}) for field in fields
    ]


def _apply_blocks(unit: Unit, actor: Actor, *, is_new: bool) -> None:
    """Let what moderators decided about its domain hold for an actor."""
    if is_new:
        mark_newcomer(unit, actor)
    if rejects_media(unit, actor):
        actor.avatar_url = actor.header_url = None
        actor.emojis = []


def _replace_keys(unit: Unit, actor: Actor, remote: RemoteActor) -> None:
    """Store the keys that the document lists. Of two actors that list one key, the one read last has it (row A08)."""
    listed = ActorKey.uri.in_([key.uri for key in remote.keys])
    unit.execute(delete(ActorKey).where(or_(ActorKey.actor_id == actor.id, listed)))
    unit.add_all(
        ActorKey(id=new_id(unit.now), actor_id=actor.id, uri=key.uri, public_pem=key.pem, created_at=unit.now)
        for key in remote.keys
    )
    unit.flush()


def _count_down(unit: Unit, counter: InstrumentedAttribute[int], actor_ids: Select[int]) -> None:
    unit.execute(
        update(Actor)
        .where(Actor.id.in_(actor_ids))
        .values({counter: counter - 1})
        .execution_options(synchronize_session=False)
    )
