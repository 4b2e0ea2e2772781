"""The words of ActivityStreams as this server understands them: frozen values, no behaviour beyond reading.

`parse.py` turns untrusted JSON into these values; everything behind it works on them and never on raw JSON.
Nothing here has been stored or believed yet: a `RemoteStatus` is what some server *says*. Whether it may say so
is decided by `inbox/authorize.py` and `activitypub/resolver.py`.

Source: https://www.w3.org/TR/activitystreams-vocabulary/ and https://www.w3.org/TR/activitypub/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

ACTOR_TYPES = frozenset({"Person", "Group", "Organization", "Service", "Application"})
STATUS_TYPES = frozenset({"Note", "Question", "Article", "Page", "Event", "Image", "Audio", "Video", "Document"})
MEDIA_TYPES = frozenset({"Document", "Image", "Audio", "Video"})


class Visibility(StrEnum):
    """Who a status is addressed to, in the terms of the Mastodon API (public … direct)."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a property such as `object` or `target`: a URI, an embedded document, or both."""

    uri: str | None
    document: Mapping[str, Any] | None = None

    @property
    def type(self) -> str | None:
        """The `type` of the embedded document, if one is embedded and has exactly one readable type."""
        kind = self.document.get("type") if self.document else None
        return kind if isinstance(kind, str) else None


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity with exactly one actor (FEP-fe34 warns of several; `parse_activity` refuses them)."""

    id: str
    type: str
    actor: str
    object: Reference
    target: Reference | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published: datetime | None
    content: str | None
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemoteEmoji:
    """A custom emoji (`toot:Emoji`): `shortcode` without colons."""

    shortcode: str
    image_url: str


@dataclass(frozen=True, slots=True)
class RemoteMention:
    """A Mention tag: the mentioned actor's URI and the name the author wrote (`@anna@stadt.example`)."""

    uri: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """An attachment (FEP-1311): size in pixels, duration in seconds, focus in the range -1 … 1."""

    url: str
    media_type: str
    description: str
    blurhash: str | None
    width: int | None
    height: int | None
    duration: float | None
    focus: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RemotePoll:
    """A Question's options with the tallies its author claims (FEP-9967)."""

    options: tuple[tuple[str, int], ...]
    multiple: bool
    ends_at: datetime | None
    closed_at: datetime | None
    voters_count: int | None


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """A post as another server describes it. HTML fields are raw and still hostile; `url` has been judged.

    `content_map` holds language → HTML. `title` is the `name` of an Article, Page, Event or Video.
    """

    uri: str
    type: str
    attributed_to: str
    url: str | None
    in_reply_to: str | None
    title: str | None
    content: str
    content_map: Mapping[str, str]
    summary: str
    sensitive: bool
    language: str | None
    published: datetime | None
    updated: datetime | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    mentions: tuple[RemoteMention, ...]
    hashtags: tuple[str, ...]
    emojis: tuple[RemoteEmoji, ...]
    media: tuple[RemoteMedia, ...]
    poll: RemotePoll | None
    conversation: str | None
    replies: str | None


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """A public key as listed in an actor document (`publicKey` or FEP-521a `assertionMethod`)."""

    uri: str
    owner: str
    pem: str


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A PropertyValue of a profile (FEP-fb2a): a label and raw HTML."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RemoteActor:
    """An actor document. Endpoint URLs have been checked to share the origin of `uri` (row A15).

    `webfinger` is the FEP-2c59 address the actor claims for itself, still to be proved.
    """

    uri: str
    type: str
    username: str
    name: str
    summary: str
    url: str | None
    inbox: str
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    keys: tuple[RemoteKey, ...]
    webfinger: str | None
    manually_approves_followers: bool
    discoverable: bool
    indexable: bool
    avatar_url: str | None
    header_url: str | None
    fields: tuple[RemoteField, ...]
    emojis: tuple[RemoteEmoji, ...]
    also_known_as: tuple[str, ...]
    moved_to: str | None
    published: datetime | None
