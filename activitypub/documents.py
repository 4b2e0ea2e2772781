"""Rows → ActivityStreams documents. Pure: what a document says is what the row says, and nothing is loaded.

Every document of this file stands alone: it carries `@context`. Inside another one (the object of a Create)
it goes through `embedded`, so that the context stands at the top level only. Load rows with the options
below, so that loading and writing cannot drift apart: what is missing raises at the first attempt to read
it.

`bto` and `bcc` do not exist here, and `Status.source` is never written: what somebody typed is theirs.

Source: https://www.w3.org/TR/activitystreams-vocabulary/, https://docs.joinmastodon.org/spec/activitypub/
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from activitypub.access import OPEN
from activitypub.addressing import audience
from activitypub.event_documents import event_properties
from activitypub.instance import LocalInstance
from activitypub.jsonld import AS, OUTGOING_CONTEXT
from activitypub.models import (
    Actor,
    Collection,
    CollectionItem,
    FeaturedTag,
    ItemState,
    Media,
    Mention,
    Poll,
    PollVote,
    Status,
    StatusHashtag,
)
from activitypub.quote_documents import fallback, interaction_policy, quote_links, quote_properties
from activitypub.vocabulary import Posting

Document = dict[str, Any]

ACTOR_OPTIONS: tuple[ExecutableOption, ...] = (selectinload(Actor.keys), joinedload(Actor.proof_key))
"""What `actor_document` and `instance_actor_document` read of an actor."""

STATUS_OPTIONS: tuple[ExecutableOption, ...] = (
    joinedload(Status.actor),
    selectinload(Status.mentions).joinedload(Mention.actor),
    selectinload(Status.hashtags),
    selectinload(Status.media),
    joinedload(Status.poll),
    joinedload(Status.event),
    joinedload(Status.quote),
)
"""What `note_document` reads of a status."""


# ---------------------------------------------------------------------------------------------- actors


def actor_document(actor: Actor, instance: LocalInstance) -> Document:
    """Return the document of one of our actors: Person, Group, Organization or Service.

    Of a suspended one it says no more than that: others hide it, and have its key to believe what is said of it.
    Sources: FEP-2c59 (`webfinger`), FEP-5feb (`indexable`), FEP-fb2a (`attachment`).
    """
    if actor.suspended_at is not None:
        return _present({**_identity(actor, instance), "name": "", "summary": "", "suspended": True})
    return _present(
        {
            **_identity(actor, instance),
            "followers": actor.followers_uri,
            "following": actor.following_uri,
            "featured": actor.featured_uri,
            "icon": _picture(actor.avatar_key, actor.avatar_description, instance),
            "image": _picture(actor.header_key, actor.header_description, instance),
            "featuredTags": f"{actor.uri}/featured_tags",
            **(_group(actor) if actor.type == "Group" else {}),
            "manuallyApprovesFollowers": actor.manually_approves_followers,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "published": timestamp(actor.created_at),
            "attachment": [_property_value(item) for item in actor.fields],
            "tag": [_emoji(emoji) for emoji in actor.emojis],
            "alsoKnownAs": list(actor.also_known_as),
            "attributionDomains": list(actor.attribution_domains) or None,
            "movedTo": actor.moved_to_uri,
        }
    )


def _group(actor: Actor) -> Document:
    """Return what FEP-1b12 and Lemmy have of a group besides."""
    return {
        "attributedTo": moderators_uri(actor),
        "postingRestrictedToMods": actor.posting is Posting.TEAM,
    }


def moderators_uri(group: Actor) -> str:
    """Return the collection of those who decide in one of our groups."""
    return f"{group.uri}/moderators"


def team_uri(group: Actor) -> str:
    """Return the id of the actor that stands for all who decide in one of our groups."""
    return f"{group.uri}/team"


def team_document(group: Actor, instance: LocalInstance) -> Document:
    """Return the document of that actor: it is the group's moderator, has the group's key and inbox, and is nobody.

    Lemmy takes no Group for a moderator, and who is in a team its members alone may tell (decision 27).
    """
    uri = team_uri(group)
    key = _public_key(group)
    return _present(
        {
            **_identity(group, instance),
            "id": uri,
            "type": "Service",
            "preferredUsername": f"{group.username}-team",
            "webfinger": None,
            "publicKey": key and {**key, "id": f"{uri}#main-key", "owner": uri},
            "manuallyApprovesFollowers": True,
            "discoverable": False,
            "indexable": False,
        }
    )


def instance_actor_document(actor: Actor, instance: LocalInstance) -> Document:
    """Return the document of the actor that signs for the whole server: an Application named like the host.

    It follows nobody and can be read without a signature, or no two servers in secure mode could ever meet.
    Sources: FEP-2677 and FEP-d556.
    """
    return _present(
        {
            **_identity(actor, instance),
            "type": "Application",
            "preferredUsername": instance.actor_username,
            "webfinger": f"{instance.actor_username}@{instance.account_domain}",
            "name": instance.name,
            "manuallyApprovesFollowers": True,
            "discoverable": False,
            "indexable": False,
        }
    )


def relay_document(actor: Actor, instance: LocalInstance) -> Document:
    """Return the document of the actor that passes public posts on (FEP-ae0c): servers follow it, not people."""
    return _present(
        {
            **_identity(actor, instance),
            "followers": actor.followers_uri,
            "following": actor.following_uri,
            "manuallyApprovesFollowers": True,
            "discoverable": False,
            "indexable": False,
        }
    )


def _identity(actor: Actor, instance: LocalInstance) -> Document:
    """Return what every actor has."""
    return {
        "@context": OUTGOING_CONTEXT,
        "id": actor.uri,
        "type": actor.type,
        "preferredUsername": actor.username,
        "webfinger": f"{actor.username}@{instance.account_domain}",
        "name": actor.name,
        "summary": str(actor.summary),
        "url": actor.url,
        "inbox": actor.inbox_uri,
        "outbox": actor.outbox_uri,
        "endpoints": {"sharedInbox": instance.shared_inbox_uri},
        "publicKey": _public_key(actor),
        "assertionMethod": _proof_keys(actor),
    }


def _public_key(actor: Actor) -> Document | None:
    """Return the key the actor signs with now: the newest. Others read only one from `publicKey`."""
    if not actor.keys:
        return None
    key = max(actor.keys, key=lambda key: key.created_at)
    return {"id": key.uri, "owner": actor.uri, "publicKeyPem": key.public_pem}


def _proof_keys(actor: Actor) -> list[Document] | None:
    """Return what the proofs of the actor are checked with (FEP-521a)."""
    if actor.proof_key is None:
        return None
    key = {"id": proof_key_uri(actor), "type": "Multikey", "controller": actor.uri}
    return [{**key, "publicKeyMultibase": actor.proof_key.multibase}]


def proof_key_uri(actor: Actor) -> str:
    """Return the id of the key with which one of our actors proves what it says."""
    return f"{actor.uri}#ed25519-key"


def _property_value(item: Mapping[str, Any]) -> Document:
    """Return one labelled field of a profile; its value is HTML."""
    return {"type": "PropertyValue", "name": item["name"], "value": item["value"]}


def featured_tag_document(row: FeaturedTag, instance: LocalInstance) -> Document:
    """Return a hashtag that an actor shows on its profile, as an item of `featuredTags`."""
    href = instance.tag_url(quote(row.tag))
    return {"@context": OUTGOING_CONTEXT, "type": "Hashtag", "href": href, "name": f"#{row.name}"}


# -------------------------------------------------------------------------------------------- statuses


def note_document(status: Status, instance: LocalInstance) -> Document:
    """Return the document of one of our statuses, of whatever type it is."""
    to, cc = status_audience(status)
    return _present(
        {
            "@context": OUTGOING_CONTEXT,
            "id": status.uri,
            "type": status.type,
            "url": status.url,
            "attributedTo": status.actor.uri,
            "to": list(to),
            "cc": list(cc),
            "audience": status.audience_uri,
            "published": timestamp(status.published_at),
            "updated": status.edited_at and timestamp(status.edited_at),
            "inReplyTo": status.in_reply_to_uri,
            "conversation": status.conversation_uri,
            "context": context_uri(status, instance),
            "name": status.title,
            "summary": status.summary or None,
            "sensitive": status.sensitive or status.actor.sensitized_at is not None,
            **quote_properties(status),
            "replyAuthorization": status.authorization_uri,
            "approvedBy": status.authorization_uri,  # the same, for GoToSocial before 0.21
            "interactionPolicy": interaction_policy(status),
            "content": fallback(status) + str(status.content),
            "contentMap": _content_map(status),
            "tag": _tags(status, instance),
            "attachment": [_attachment(media, instance) for media in status.media],
            **(_question(status.poll) if status.poll else {}),
            **event_properties(status),
            "replies": _replies(status),
            "likes": _count(f"{status.uri}/likes", status.likes_count),
            "shares": _count(f"{status.uri}/shares", status.announces_count),
        }
    )


def context_uri(status: Status, instance: LocalInstance) -> str | None:
    """Return the collection of the thread that an open status is in, if that began here (FEP-f228, FEP-7888)."""
    root = status.conversation_uri
    return f"{root}/context" if root and status.visibility in OPEN and instance.owns(root) else None


def vote_document(vote: PollVote, title: str, *, question: Status, author: Actor) -> Document:
    """Return a vote for the option `title`, which only the one who asked ever sees (FEP-9967)."""
    return {
        "@context": OUTGOING_CONTEXT,
        "id": vote.uri,
        "type": "Note",
        "name": title,
        "attributedTo": vote.actor.uri,
        "inReplyTo": question.uri,
        "to": [author.uri],
        "published": timestamp(vote.created_at),
    }


def tombstone_document(uri: str, *, former_type: str, deleted_at: datetime) -> Document:
    """Return what stands where an object was. https://www.w3.org/TR/activitypub/#delete-activity-outbox"""
    return {
        "@context": AS,
        "id": uri,
        "type": "Tombstone",
        "formerType": former_type,
        "deleted": timestamp(deleted_at),
    }


def status_audience(status: Status) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `(to, cc)` of one of our statuses: for itself and for every activity about it."""
    return audience(
        status.visibility,
        followers_uri=followers_uri(status.actor),
        mentioned=[mention.actor.uri for mention in status.mentions],
    )


def followers_uri(actor: Actor) -> str:
    """Return the id of the followers collection of one of our actors. Raises ValueError for one without."""
    if actor.followers_uri is None:
        raise ValueError(f"{actor.uri} has no followers collection, so nothing can be addressed to it")
    return actor.followers_uri


def _question(poll: Poll) -> Document:
    """Return what makes a status a Question (FEP-9967). Tallies that are hidden until the end are told as none."""
    hidden = poll.hides_totals and poll.announced_at is None
    options = [
        {
            "type": "Note",
            "name": option["title"],
            "replies": {"type": "Collection", "totalItems": 0 if hidden else option["votes"]},
        }
        for option in poll.options
    ]
    end = poll.expires_at and timestamp(poll.expires_at)
    return {
        "anyOf" if poll.multiple else "oneOf": options,
        "endTime": end,
        "closed": end if poll.announced_at else None,
        "votersCount": poll.voters_count,
    }


def _content_map(status: Status) -> dict[str, str] | None:
    prefix = fallback(status)
    if status.content_map:
        return {language: prefix + html for language, html in status.content_map.items()}
    return {status.language: prefix + str(status.content)} if status.language else None


def _tags(status: Status, instance: LocalInstance) -> list[Document]:
    """Return mentions (not the silent ones: they are addressed, and named nowhere), hashtags and emoji."""
    return [
        *(_mention(mention.actor, instance) for mention in status.mentions if not mention.silent),
        *(_hashtag(hashtag, instance) for hashtag in status.hashtags),
        *(_emoji(emoji) for emoji in status.emojis),
        *quote_links(status),
    ]


def _mention(actor: Actor, instance: LocalInstance) -> Document:
    name = f"@{actor.username}@{actor.domain or instance.account_domain}"
    return {"type": "Mention", "href": actor.uri, "name": name}


def _hashtag(hashtag: StatusHashtag, instance: LocalInstance) -> Document:
    return {"type": "Hashtag", "href": instance.tag_url(quote(hashtag.tag)), "name": f"#{hashtag.name}"}


def _emoji(emoji: Mapping[str, Any]) -> Document:
    """Return a custom emoji (FEP-9098). GoToSocial reads none without an id, so its picture's URL is one."""
    name = f":{emoji['shortcode']}:"
    return {"id": emoji["url"], "type": "Emoji", "name": name, "icon": _image(emoji["url"])}


def _attachment(media: Media, instance: LocalInstance) -> Document:
    """Return a file with its description (FEP-1311). `Document` is the type that everyone reads."""
    focus = None if media.focus_x is None or media.focus_y is None else [media.focus_x, media.focus_y]
    return _present(
        {
            "type": "Document",
            "mediaType": media.media_type,
            "url": media_url(instance, media.storage_key) if media.storage_key else media.remote_url,
            "name": media.description or None,
            "blurhash": media.blurhash,
            "focalPoint": focus,
            "width": media.width,
            "height": media.height,
            "duration": None if media.duration is None else f"PT{media.duration:.3f}S",
        }
    )


# ----------------------------------------------------------------------------------------- collections


def ordered_collection(
    uri: str,
    *,
    total: int,
    first: str | None = None,
    last: str | None = None,
    items: Sequence[Document | str] | None = None,
) -> Document:
    """Return a collection: whole with `items`, or its cover. One with neither pages nor items hides them."""
    return _present(
        {
            "@context": _context_of(items or ()),
            "id": uri,
            "type": "OrderedCollection",
            "totalItems": total,
            "first": first,
            "last": last,
            "orderedItems": None if items is None else _items(items),
        }
    )


COLLECTION_OPTIONS: tuple[ExecutableOption, ...] = (
    joinedload(Collection.actor),
    selectinload(Collection.items).joinedload(CollectionItem.actor),
)
"""What `collection_document` reads of a collection."""


def collection_document(collection: Collection) -> Document:
    """Return a choice of actors that one of ours made: those who agreed, in its order."""
    shown = [
        item.actor.uri
        for item in collection.items
        if item.state is ItemState.ACCEPTED and item.actor.suspended_at is None
    ]
    about = {
        "attributedTo": collection.actor.uri,
        "name": collection.name,
        "summary": collection.description or None,
        "published": timestamp(collection.created_at),
        "updated": timestamp(collection.updated_at),
    }
    return ordered_collection(collection.uri, total=len(shown), items=shown) | _present(about)


def collection_page(
    uri: str,
    *,
    part_of: str,
    items: Sequence[Document | str],
    next: str | None = None,  # noqa: A002 (its name in ActivityStreams)
    prev: str | None = None,
) -> Document:
    """Return one page of an ordered collection; embedded documents lose their own context."""
    return _present(
        {
            "@context": _context_of(items),
            "id": uri,
            "type": "OrderedCollectionPage",
            "partOf": part_of,
            "next": next,
            "prev": prev,
            "orderedItems": _items(items),
        }
    )


def _context_of(items: Sequence[Document | str]) -> str | list[str | dict[str, Any]]:
    """Return the context of a collection: URIs alone need none beyond ActivityStreams, a ninth of the bytes."""
    return AS if all(isinstance(item, str) for item in items) else OUTGOING_CONTEXT


def _items(items: Sequence[Document | str]) -> list[Document | str]:
    return [item if isinstance(item, str) else embedded(item) for item in items]


def _replies(status: Status) -> Document:
    """Return the collection of replies (FEP-7458): how many there are, and where they stand.

    GoToSocial reads on from a first page that comes along, and from nothing else; so one does, without items.
    """
    uri = f"{status.uri}/replies"
    if not status.replies_count:
        return _count(uri, 0)
    first = {"type": "OrderedCollectionPage", "partOf": uri, "next": f"{uri}?page=true", "orderedItems": []}
    return {"id": uri, "type": "OrderedCollection", "totalItems": status.replies_count, "first": first}


def _count(uri: str, total: int) -> Document:
    """Return a collection of which only the size is told."""
    return {"id": uri, "type": "Collection", "totalItems": total}


# ------------------------------------------------------------------------------------------- small parts


def embedded(document: Document) -> Document:
    """Return `document` as it stands inside another one: without a context of its own."""
    return {name: value for name, value in document.items() if name != "@context"}


def timestamp(moment: datetime) -> str:
    """Return a moment as xsd:dateTime in UTC. The milliseconds keep twenty posts of one second in order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def media_url(instance: LocalInstance, key: str) -> str:
    """Return where the file with this storage key is served."""
    return f"{instance.origin}/media/{key}"


def _picture(key: str | None, description: str, instance: LocalInstance) -> Document | None:
    return _image(media_url(instance, key)) | ({"name": description} if description else {}) if key else None


def _image(url: str) -> Document:
    return _present({"type": "Image", "mediaType": guess_type(url)[0], "url": url})


def _present(document: Document) -> Document:
    """Drop what the row does not say: absent and null mean the same, and absent is shorter."""
    return {name: value for name, value in document.items() if value is not None}
