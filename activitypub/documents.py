"""Rows → ActivityStreams documents. Pure: what a document says is what the row says, and nothing is loaded.

Every document of this file stands alone: it carries `@context`. Inside another one (the object of a Create)
it goes through `embedded`, so that the context stands at the top level only. Load rows with the options
below, so that loading and writing cannot drift apart: what is missing raises at the first attempt to read
it.

`bto` and `bcc` do not exist here, and `Status.source` is never written: what somebody typed is theirs.

Source: https://www.w3.org/TR/activitystreams-vocabulary/, https://docs.joinmastodon.org/spec/activitypub/
"""

from collections.abc import Mapping
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
from activitypub.links import first_link
from activitypub.models import (
    Actor,
    Media,
    Mention,
    Poll,
    PollVote,
    PreviewCard,
    Status,
    StatusHashtag,
)
from activitypub.quote_documents import fallback, interaction_policy, quote_links, quote_properties
from activitypub.vocabulary import Visibility

Document = dict[str, Any]


STATUS_OPTIONS: tuple[ExecutableOption, ...] = (
    joinedload(Status.actor),
    selectinload(Status.mentions).joinedload(Mention.actor),
    selectinload(Status.hashtags),
    selectinload(Status.media),
    joinedload(Status.poll),
    joinedload(Status.event),
    joinedload(Status.card),
    joinedload(Status.quote),
)
"""What `note_document` reads of a status."""


# -------------------------------------------------------------------------------------------- statuses


def note_document(status: Status, instance: LocalInstance) -> Document:
    """Return the document of one of our statuses, of whatever type it is."""
    to, cc = status_audience(status)
    return present(
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
            "searchableBy": _searchable_by(status),
            "content": fallback(status) + str(status.content),
            "contentMap": _content_map(status),
            "tag": _tags(status, instance),
            "attachment": [*(_attachment(media, instance) for media in status.media), *_links(status, instance)],
            **(_question(status.poll) if status.poll else {}),
            **event_properties(status),
            "replies": _replies(status),
            "likes": _count(f"{status.uri}/likes", status.likes_count),
            "shares": _count(f"{status.uri}/shares", status.announces_count),
            "emojiReactions": f"{status.uri}/emoji_reactions",
        }
    )


def _searchable_by(status: Status) -> list[str] | None:
    """Return who may find a status that is not for everybody (FEP-268d): its author, and who is named in it.

    Of all others the author's own `searchableBy` says it, so that somebody who takes that back is heard.
    """
    if status.visibility is Visibility.PUBLIC:
        return None
    return list(dict.fromkeys([status.actor.uri, *(mention.actor.uri for mention in status.mentions)]))


def context_uri(status: Status, instance: LocalInstance) -> str | None:
    """Return what an open status says that it is a part of: the collection of a thread that began here (FEP-f228).

    Of a thread that began elsewhere it is the `context` that this has (FEP-7888). What merely stands for one here has a
    fragment, and "tag:" and the like name no collection.
    """
    thread = status.conversation_uri
    if thread is None or status.visibility not in OPEN:
        return None
    if instance.owns(thread):
        return f"{thread}/context"
    return thread if thread.startswith(f"{instance.scheme}://") and "#" not in thread else None


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
        *(emoji_document(emoji) for emoji in status.emojis),
        *quote_links(status),
    ]


def _mention(actor: Actor, instance: LocalInstance) -> Document:
    name = f"@{actor.username}@{actor.domain or instance.account_domain}"
    return {"type": "Mention", "href": actor.uri, "name": name}


def _hashtag(hashtag: StatusHashtag, instance: LocalInstance) -> Document:
    return {"type": "Hashtag", "href": instance.tag_url(quote(hashtag.tag)), "name": f"#{hashtag.name}"}


def emoji_document(emoji: Mapping[str, Any]) -> Document:
    """Return a custom emoji (FEP-9098). GoToSocial reads none without an id, so its picture's URL is one."""
    name = f":{emoji['shortcode']}:"
    return {"id": emoji["url"], "type": "Emoji", "name": name, "icon": image_document(emoji["url"])}


def _attachment(media: Media, instance: LocalInstance) -> Document:
    """Return a file with its description (FEP-1311). `Document` is the type that everyone reads."""
    focus = None if media.focus_x is None or media.focus_y is None else [media.focus_x, media.focus_y]
    return present(
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


def _links(status: Status, instance: LocalInstance) -> list[Document]:
    """Return the page that apps here show a preview of, with the preview if it has been read (FEP-8967).

    Of events others read a Link as the place where they are online.
    """
    if status.media or status.type == "Event" or status.visibility is Visibility.DIRECT:
        return []
    url = first_link(status.content, allow_http=instance.test_network)
    if url is None or instance.owns(url):
        return []
    card = status.card if status.card and status.card.url == url and status.card.title else None
    return [present({"type": "Link", "href": url, "preview": card and _preview(card, instance)})]


def _preview(card: PreviewCard, instance: LocalInstance) -> Document:
    image = {"width": card.width, "height": card.height, "name": card.image_description or None}
    return present(
        {
            "type": "Article",
            "name": card.title,
            "summary": card.description or None,
            "image": present(image_document(media_url(instance, card.image_key)) | image) if card.image_key else None,
        }
    )


# ----------------------------------------------------------------------------------------- collections


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


def image_document(url: str) -> Document:
    """Return a picture."""
    return present({"type": "Image", "mediaType": guess_type(url)[0], "url": url})


def present(document: Document) -> Document:
    """Drop what the row does not say: absent and null mean the same, and absent is shorter."""
    return {name: value for name, value in document.items() if value is not None}
