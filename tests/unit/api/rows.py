"""Rows as the database gives them, without a database."""

from datetime import UTC, datetime
from typing import Any

from activitypub.instance import LocalInstance
from activitypub.models import Actor, Media, MediaState, Mention, Status, StatusHashtag, attach
from activitypub.sanitize import SafeHTML
from activitypub.vocabulary import Visibility

INSTANCE = LocalInstance("https://social.musterstadt.example", "musterstadt.example", "Musterstadt")
NOON = datetime(2026, 5, 4, 12, 30, 15, 250_000, tzinfo=UTC)


def local_actor(**changes: Any) -> Actor:
    uri = INSTANCE.user_uri("anna")
    values: dict[str, Any] = {
        "id": 11,
        "uri": uri,
        "type": "Person",
        "host": INSTANCE.host,
        "username": "anna",
        "domain": None,
        "handle": "anna",
        "name": "Anna Beispiel",
        "summary": SafeHTML.stored("<p>Ich</p>"),
        "summary_source": "Ich",
        "url": INSTANCE.profile_url("anna"),
        "fields": [{"name": "Seite", "value": '<a href="https://a.example">a</a>', "source": "https://a.example"}],
        "emojis": [],
        "avatar_url": None,
        "header_url": None,
        "avatar_key": "a" * 64 + ".png",
        "header_key": None,
        "manually_approves_followers": False,
        "discoverable": True,
        "indexable": True,
        "hides_network": False,
        "avatar_description": "Anna lacht",
        "header_description": "",
        "shows_media": True,
        "shows_media_replies": False,
        "shows_featured": True,
        "attribution_domains": ["zeitung.example"],
        "moved_to_uri": None,
        "suspended_at": None,
        "silenced_at": None,
        "followers_count": 3,
        "following_count": 4,
        "statuses_count": 5,
        "last_status_at": NOON,
        "created_at": NOON,
    }
    return Actor(**values | changes)


def remote_actor(**changes: Any) -> Actor:
    values: dict[str, Any] = {
        "id": 12,
        "uri": "https://nord.example/users/emil",
        "type": "Service",
        "host": "nord.example",
        "username": "emil",
        "domain": "xn--brger-kva.example",
        "handle": "emil@xn--brger-kva.example",
        "name": "Emil :fisch:",
        "url": None,
        "avatar_description": "",
        "avatar_key": None,
        "avatar_url": "https://nord.example/emil.png",
        "emojis": [{"shortcode": "fisch", "url": "https://nord.example/fisch.png"}],
        "fields": [],
        "manually_approves_followers": True,
        "indexable": False,
        "last_status_at": None,
    }
    return local_actor(**values | changes)


def status(author: Actor | None = None, **changes: Any) -> Status:
    author = author or local_actor()
    values: dict[str, Any] = {
        "id": 21,
        "uri": INSTANCE.status_uri("anna", 21),
        "url": INSTANCE.status_url("anna", 21),
        "type": "Note",
        "actor_id": author.id,
        "local": author.is_local,
        "visibility": Visibility.PUBLIC,
        "local_only": False,
        "bubble_only": False,
        "in_reply_to_id": 20,
        "in_reply_to_actor_id": 12,
        "title": None,
        "content": SafeHTML.stored("<p>Hallo</p>"),
        "source": "Hallo",
        "summary": "Vorsicht",
        "sensitive": True,
        "language": "de",
        "emojis": [],
        "replies_count": 1,
        "likes_count": 2,
        "announces_count": 3,
        "quotes_count": 0,
        "reactions": [],
        "interaction_policy": {},
        "published_at": NOON,
        "edited_at": None,
        "pinned_at": None,
    }
    row = Status(**values | changes)
    other = remote_actor()
    return attach(
        row,
        actor=author,
        mentions=[
            attach(Mention(status_id=21, actor_id=12, silent=False), actor=other),
            attach(Mention(status_id=21, actor_id=13, silent=True), actor=remote_actor(id=13)),
        ],
        hashtags=[StatusHashtag(status_id=21, tag="straßenfest", name="Straßenfest")],
        media=[media()],
        poll=None,
        event=None,
        quote=None,
    )


def media(**changes: Any) -> Media:
    values: dict[str, Any] = {
        "id": 31,
        "actor_id": 11,
        "status_id": 21,
        "state": MediaState.READY,
        "media_type": "image/jpeg",
        "remote_url": None,
        "storage_key": "b" * 64 + ".jpg",
        "thumbnail_key": "c" * 64 + ".jpg",
        "description": "Ein Baum",
        "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        "focus_x": 0.5,
        "focus_y": -1.0,
        "width": 1200,
        "height": 800,
        "duration": None,
        "created_at": NOON,
    }
    return Media(**values | changes)
