"""Entities as JSON, whole: what clients get for rows. https://docs.joinmastodon.org/entities/"""

import json
from typing import Any

import msgspec
import pytest

from activitypub.models import (
    Announce,
    Collection,
    CollectionItem,
    CustomEmoji,
    Follow,
    ItemState,
    MediaState,
    StatusEdit,
    attach,
)
from activitypub.sanitize import SafeHTML
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities.account import (
    Beside,
    account_entity,
    credential_account_entity,
    muted_account_entity,
    partial_account_entity,
    profile_entity,
)
from fediverse_kommune.api.entities.application import (
    application_entity,
    credential_application_entity,
    token_entity,
)
from fediverse_kommune.api.entities.collection import (
    collection_entity,
    collection_item_entity,
    collection_with_accounts_entity,
    collections_entity,
)
from fediverse_kommune.api.entities.custom_emoji import own_emoji_entity
from fediverse_kommune.api.entities.filter import filter_entity, filter_result_entity, v1_filter_entity
from fediverse_kommune.api.entities.marker import marker_entity
from fediverse_kommune.api.entities.media_attachment import media_attachment_entity
from fediverse_kommune.api.entities.relationship import Ties, relationship_entity
from fediverse_kommune.api.entities.status import ViewerState, announce_entity, status_entity
from fediverse_kommune.api.entities.status_edit import history_entities, source_entity
from fediverse_kommune.api.entities.tag import tag_entity
from fediverse_kommune.models import (
    Application,
    Filter,
    FilterAction,
    FilterKeyword,
    FilterStatus,
    Marker,
    Preference,
    Role,
    User,
)
from fediverse_kommune.services.collections import Shown
from fediverse_kommune.services.filtering import Match, compile_filters
from fediverse_kommune.services.preferences import DEFAULTS
from tests.unit.api.rows import INSTANCE, NOON, local_actor, media, remote_actor, status

ORIGIN = "https://social.musterstadt.example"


def as_json(entity: Any) -> Any:
    return json.loads(msgspec.json.encode(entity))


ANNA: dict[str, Any] = {
    "id": "11",
    "username": "anna",
    "acct": "anna",
    "display_name": "Anna Beispiel",
    "locked": False,
    "bot": False,
    "discoverable": True,
    "indexable": True,
    "group": False,
    "created_at": "2026-05-04T00:00:00.000Z",
    "note": "<p>Ich</p>",
    "url": f"{ORIGIN}/@anna",
    "uri": f"{ORIGIN}/users/anna",
    "avatar": f"{ORIGIN}/media/{'a' * 64}.png",
    "avatar_static": f"{ORIGIN}/media/{'a' * 64}.png",
    "avatar_description": "Anna lacht",
    "header": f"{ORIGIN}/static/missing/header.png",
    "header_static": f"{ORIGIN}/static/missing/header.png",
    "header_description": "",
    "followers_count": 3,
    "following_count": 4,
    "statuses_count": 5,
    "last_status_at": "2026-05-04",
    "hide_collections": False,
    "noindex": False,
    "show_media": True,
    "show_media_replies": False,
    "show_featured": True,
    "feature_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
    "emojis": [],
    "roles": [],
    "fields": [{"name": "Seite", "value": '<a href="https://a.example">a</a>', "verified_at": None}],
}

TREE: dict[str, Any] = {
    "id": "31",
    "type": "image",
    "url": f"{ORIGIN}/media/{'b' * 64}.jpg",
    "preview_url": f"{ORIGIN}/media/{'c' * 64}.jpg",
    "remote_url": None,
    "preview_remote_url": None,
    "text_url": None,
    "meta": {
        "original": {"width": 1200, "height": 800, "size": "1200x800", "aspect": 1.5},
        "small": {"width": 588, "height": 392, "size": "588x392", "aspect": 1.5},
        "focus": {"x": 0.5, "y": -1.0},
    },
    "description": "Ein Baum",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
}

HALLO: dict[str, Any] = {
    "id": "21",
    "uri": f"{ORIGIN}/users/anna/statuses/21",
    "url": f"{ORIGIN}/@anna/21",
    "created_at": "2026-05-04T12:30:15.250Z",
    "edited_at": None,
    "account": ANNA,
    "in_reply_to_id": "20",
    "in_reply_to_account_id": "12",
    "visibility": "public",
    "local_only": False,
    "bubble_only": False,
    "language": "de",
    "sensitive": True,
    "spoiler_text": "Vorsicht",
    "content": "<p>Hallo</p>",
    "media_attachments": [TREE],
    "mentions": [
        {
            "id": "12",
            "username": "emil",
            "url": "https://nord.example/users/emil",
            "acct": "emil@bürger.example",
        }
    ],
    "tags": [{"name": "Straßenfest", "url": f"{ORIGIN}/tags/stra%C3%9Fenfest"}],
    "emojis": [],
    "replies_count": 1,
    "reblogs_count": 3,
    "favourites_count": 2,
    "quotes_count": 0,
    "reblog": None,
    "application": None,
    "card": None,
    "poll": None,
    "quote": None,
    "pleroma": {"emoji_reactions": []},
    "emoji_reactions": [],
    "reactions": [],
    "quote_approval": {"automatic": [], "manual": [], "current_user": "denied"},
    "interaction_policy": {
        name: {
            "automatic_approval": ["public"],
            "manual_approval": [],
            "always": ["public"],
            "with_approval": [],
        }
        for name in ("can_favourite", "can_reply", "can_reblog")
    }
    | {
        # Where nothing is said of quotes, nobody may.
        "can_quote": {
            "automatic_approval": ["author"],
            "manual_approval": [],
            "always": ["author"],
            "with_approval": [],
        }
    },
}

# The same for somebody: "me" belongs to the public.
AUTHOR_AND_ME = {
    "automatic_approval": ["author", "me"],
    "manual_approval": [],
    "always": ["author", "me"],
    "with_approval": [],
}
FOR_ME: dict[str, Any] = HALLO["interaction_policy"] | {
    name: {
        "automatic_approval": ["public", "me"],
        "manual_approval": [],
        "always": ["public", "me"],
        "with_approval": [],
    }
    for name in ("can_favourite", "can_reply", "can_reblog")
}


def test_account_of_ours() -> None:
    assert as_json(account_entity(local_actor(), INSTANCE)) == ANNA


def test_account_of_another_server() -> None:
    assert as_json(account_entity(remote_actor(), INSTANCE)) == ANNA | {
        "id": "12",
        "username": "emil",
        "feature_approval": {"automatic": [], "manual": ["public"], "current_user": "manual"},
        "acct": "emil@bürger.example",
        "display_name": "Emil :fisch:",
        "locked": True,
        "bot": True,
        "indexable": False,
        "noindex": True,
        "url": "https://nord.example/users/emil",
        "uri": "https://nord.example/users/emil",
        "avatar": "https://nord.example/emil.png",
        "avatar_static": "https://nord.example/emil.png",
        "avatar_description": "",
        "roles": None,
        "last_status_at": None,
        "emojis": [
            {
                "shortcode": "fisch",
                "url": "https://nord.example/fisch.png",
                "static_url": "https://nord.example/fisch.png",
                "visible_in_picker": False,
            }
        ],
        "fields": [],
    }


def test_account_of_one_whom_moderators_shut_out() -> None:
    entity = as_json(account_entity(local_actor(suspended_at=NOON), INSTANCE))
    assert entity == ANNA | {
        "suspended": True,
        "display_name": "",
        "note": "",
        "fields": [],
        "last_status_at": None,
        "noindex": True,
        "discoverable": False,
        "indexable": False,
        "avatar_description": "",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 0,
        **dict.fromkeys(("avatar", "avatar_static"), f"{ORIGIN}/static/missing/avatar.png"),
        "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
    }


def test_account_that_is_limited_or_has_moved() -> None:
    moved = Beside(Role.MODERATOR, remote_actor())
    entity = as_json(account_entity(local_actor(silenced_at=NOON, discoverable=False), INSTANCE, moved))
    assert entity == ANNA | {
        "limited": True,
        "discoverable": False,
        "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
        "roles": [{"id": "2", "name": "Moderator", "color": ""}],
        "moved": as_json(account_entity(remote_actor(), INSTANCE)),
    }


def test_muted_account() -> None:
    entity = as_json(muted_account_entity(local_actor(), INSTANCE, NOON))
    assert entity == ANNA | {"mute_expires_at": "2026-05-04T12:30:15.250Z"}
    assert muted_account_entity(local_actor(), INSTANCE, None)["mute_expires_at"] is None


def test_account_in_short() -> None:
    assert as_json(partial_account_entity(local_actor(), INSTANCE)) == {
        "id": "11",
        "acct": "anna",
        "url": f"{ORIGIN}/@anna",
        "avatar": f"{ORIGIN}/media/{'a' * 64}.png",
        "avatar_static": f"{ORIGIN}/media/{'a' * 64}.png",
        "avatar_description": "Anna lacht",
        "locked": False,
        "bot": False,
    }


def test_profile() -> None:
    assert as_json(profile_entity(local_actor(), INSTANCE)) == {
        "id": "11",
        "display_name": "Anna Beispiel",
        "note": "Ich",
        "fields": [{"name": "Seite", "value": "https://a.example", "verified_at": None}],
        "avatar": f"{ORIGIN}/media/{'a' * 64}.png",
        "avatar_static": f"{ORIGIN}/media/{'a' * 64}.png",
        "avatar_description": "Anna lacht",
        "header": None,
        "header_static": None,
        "header_description": "",
        "locked": False,
        "bot": False,
        "hide_collections": False,
        "discoverable": True,
        "indexable": True,
        "show_media": True,
        "show_media_replies": False,
        "show_featured": True,
        "attribution_domains": ["zeitung.example"],
    }


def test_marker() -> None:
    row = Marker(actor_id=11, timeline="home", last_read_id=2**60, version=3, updated_at=NOON)
    assert as_json(marker_entity(row)) == {
        "last_read_id": str(2**60),
        "version": 3,
        "updated_at": "2026-05-04T12:30:15.250Z",
    }


def test_collection_in_all_its_wrappings() -> None:
    one = attach(
        CollectionItem(id=52, collection_id=51, actor_id=12, state=ItemState.ACCEPTED, created_at=NOON),
        actor=remote_actor(),
    )
    gone = CollectionItem(id=53, collection_id=51, actor_id=13, state=ItemState.REVOKED, created_at=NOON)
    row = Collection(
        id=51,
        uri=INSTANCE.collection_uri("anna", 51),
        actor_id=11,
        name="Vereine",
        description="Aus der Stadt",
        tag="Straßenfest",
        language="de",
        sensitive=False,
        discoverable=True,
        created_at=NOON,
        updated_at=NOON,
    )
    shown = Shown(attach(row, actor=local_actor()), [one])
    item = {"id": "52", "account_id": "12", "state": "accepted", "created_at": "2026-05-04T12:30:15.250Z"}
    collection = {
        "id": "51",
        "account_id": "11",
        "uri": f"{ORIGIN}/users/anna/collections/51",
        "url": None,
        "name": "Vereine",
        "description": "Aus der Stadt",
        "language": "de",
        "local": True,
        "sensitive": False,
        "discoverable": True,
        "tag": {"name": "Straßenfest", "url": f"{ORIGIN}/tags/strassenfest"},
        "item_count": 1,
        "items": [item],
        "created_at": "2026-05-04T12:30:15.250Z",
        "updated_at": "2026-05-04T12:30:15.250Z",
    }
    emil = as_json(account_entity(remote_actor(), INSTANCE))
    assert as_json(collection_entity(shown, INSTANCE)) == collection
    assert as_json(collection_with_accounts_entity(shown, INSTANCE)) == {
        "collection": collection,
        "accounts": [ANNA, emil],
    }
    assert as_json(collections_entity([shown], INSTANCE)) == {
        "collections": [collection],
        "partial_accounts": [as_json(partial_account_entity(actor, INSTANCE)) for actor in (row.actor, one.actor)],
    }
    assert "account_id" not in collection_item_entity(gone)


def test_filters_of_both_versions() -> None:
    word = FilterKeyword(id=6, filter_id=5, keyword="Stau", whole_word=True)
    row = Filter(id=5, title="Ruhe", contexts=["home", "thread"], action=FilterAction.HIDE, expires_at=NOON)
    attach(row, keywords=[word], statuses=[FilterStatus(id=7, filter_id=5, status_id=21)])
    short = {
        "id": "5",
        "title": "Ruhe",
        "context": ["home", "thread"],
        "expires_at": "2026-05-04T12:30:15.250Z",
        "filter_action": "hide",
    }
    assert as_json(filter_entity(row)) == short | {
        "keywords": [{"id": "6", "keyword": "Stau", "whole_word": True}],
        "statuses": [{"id": "7", "status_id": "21"}],
    }
    assert as_json(v1_filter_entity(row, word)) == {
        "id": "6",
        "phrase": "Stau",
        "context": ["home", "thread"],
        "whole_word": True,
        "expires_at": "2026-05-04T12:30:15.250Z",
        "irreversible": True,
    }
    (rule,) = compile_filters([row])
    assert as_json(filter_result_entity(Match(rule, ("Stau",), 21))) == {
        "filter": short,
        "keyword_matches": ["Stau"],
        "status_matches": ["21"],
    }


def test_credential_account() -> None:
    user = User(id=1, actor_id=11, email="anna@post.example", password_hash="x", role=Role.ADMIN, locale="de-simple")
    preference = Preference(**DEFAULTS | {"visibility": Visibility.UNLISTED, "sensitive": True})
    entity = as_json(credential_account_entity(local_actor(), user, preference, INSTANCE, requests=7))
    badge = {"id": "3", "name": "Admin", "color": ""}
    assert {name: value for name, value in entity.items() if name not in {"source", "role"}} == ANNA | {
        "roles": [badge]
    }
    assert entity["source"] == {
        "privacy": "unlisted",
        "sensitive": True,
        "language": "de",
        "note": "Ich",
        "fields": [{"name": "Seite", "value": "https://a.example", "verified_at": None}],
        "follow_requests_count": 7,
        "hide_collections": False,
        "discoverable": True,
        "indexable": True,
        "attribution_domains": ["zeitung.example"],
        "quote_policy": "public",
    }
    assert (entity["role"]["name"], entity["role"]["permissions"]) == ("Admin", "923128")
    assert "post.example" not in json.dumps(entity)


def test_status_for_nobody_in_particular() -> None:
    assert as_json(status_entity(status(), INSTANCE, ViewerState())) == HALLO


@pytest.mark.parametrize(
    ("state", "own"),
    [
        (ViewerState(12, liked=frozenset({21})), {"favourited": True, "reblogged": False}),
        (ViewerState(12, announced=frozenset({21, 22})), {"favourited": False, "reblogged": True}),
        (
            ViewerState(11),
            {
                "favourited": False,
                "reblogged": False,
                "pinned": False,
                "quote_approval": {"automatic": [], "manual": [], "current_user": "automatic"},
                "interaction_policy": FOR_ME | {"can_quote": AUTHOR_AND_ME},
            },
        ),
    ],
)
def test_status_for_a_viewer(state: ViewerState, own: dict[str, Any]) -> None:
    assert as_json(status_entity(status(), INSTANCE, state)) == HALLO | {
        "bookmarked": False,
        "muted": False,
        "filtered": [],
        "interaction_policy": FOR_ME,
        **own,
    }


def test_announce() -> None:
    announce = attach(
        Announce(
            id=41, uri="https://nord.example/a/41", actor_id=12, visibility=Visibility.UNLISTED, published_at=NOON
        ),
        actor=remote_actor(),
    )
    entity = as_json(announce_entity(announce, status(), INSTANCE, ViewerState()))
    assert entity["reblog"] == HALLO
    assert entity | {"reblog": None, "account": ANNA} == HALLO | {
        "id": "41",
        "uri": "https://nord.example/a/41",
        "url": "https://nord.example/a/41",
        "visibility": "unlisted",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
    }
    assert entity["account"]["acct"] == "emil@bürger.example"


def test_a_title_stands_above_the_text_and_is_only_text() -> None:
    entity = status_entity(status(title="Fest & <b>Markt</b>", type="Article"), INSTANCE, ViewerState())
    assert entity["content"] == "<p><strong>Fest &amp; &lt;b&gt;Markt&lt;/b&gt;</strong></p><p>Hallo</p>"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"media_type": "video/mp4", "duration": 2.5, "thumbnail_key": None}, {"type": "video", "preview_url": None}),
        ({"media_type": "application/pdf"}, {"type": "unknown"}),
        ({"state": MediaState.FAILED}, {"type": "unknown"}),
        ({"description": ""}, {"description": None}),
        (
            {"storage_key": None, "thumbnail_key": None, "remote_url": "https://nord.example/x.jpg"},
            {"url": "https://nord.example/x.jpg", "preview_url": "https://nord.example/x.jpg"},
        ),
        (
            {"storage_key": None, "thumbnail_key": None, "state": MediaState.PROCESSING},
            {"url": None, "preview_url": None},
        ),
    ],
)
def test_media(changes: dict[str, Any], shown: dict[str, Any]) -> None:
    entity = as_json(media_attachment_entity(media(**changes), INSTANCE))
    assert {name: entity[name] for name in shown} == shown


def test_media_without_a_size_has_no_figures() -> None:
    assert media_attachment_entity(media(width=None, focus_x=None), INSTANCE)["meta"] == {}


FILM = {
    "storage_key": "d" * 64 + ".mp4",
    "media_type": "video/mp4",
    "width": 1280,
    "height": 720,
    "duration": 88.65,
    "frame_rate": "30000/1001",
    "bitrate": 862_000,
    "sound": "aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo",
    "thumbnail_width": 640,
    "thumbnail_height": 360,
}
NO_PICTURE = {"thumbnail_key": None, "blurhash": None, "focus_x": None, "width": None, "height": None}


def test_media_film() -> None:
    assert as_json(media_attachment_entity(media(**FILM), INSTANCE)) == TREE | {
        "type": "video",
        "url": f"{ORIGIN}/media/{'d' * 64}.mp4",
        "meta": {
            "length": "0:01:28.65",
            "duration": 88.65,
            "fps": 30,
            "width": 1280,
            "height": 720,
            "size": "1280x720",
            "aspect": pytest.approx(16 / 9),
            "audio_encode": "aac (LC) (mp4a / 0x6134706D)",
            "audio_bitrate": "48000 Hz",
            "audio_channels": "stereo",
            "original": {
                "width": 1280,
                "height": 720,
                "size": "1280x720",
                "aspect": pytest.approx(16 / 9),
                "frame_rate": "30000/1001",
                "duration": 88.65,
                "bitrate": 862_000,
            },
            "small": {"width": 640, "height": 360, "size": "640x360", "aspect": pytest.approx(16 / 9)},
            "focus": {"x": 0.5, "y": -1.0},
        },
    }
    assert media_attachment_entity(media(**FILM, loops=True), INSTANCE)["type"] == "gifv"


def test_media_recording() -> None:
    figures: dict[str, Any] = {"duration": 402.86, "bitrate": 166_000, "sound": "mp3, 44100 Hz, stereo"}
    row = media(**NO_PICTURE, **figures, storage_key="e" * 64 + ".mp3", media_type="audio/mpeg")
    assert as_json(media_attachment_entity(row, INSTANCE)) == TREE | {
        "type": "audio",
        "url": f"{ORIGIN}/media/{'e' * 64}.mp3",
        "preview_url": None,
        "blurhash": None,
        "meta": {
            "length": "0:06:42.86",
            "duration": 402.86,
            "audio_encode": "mp3",
            "audio_bitrate": "44100 Hz",
            "audio_channels": "stereo",
            "original": {"duration": 402.86, "bitrate": 166_000},
        },
    }


def test_media_recording_with_a_cover() -> None:
    row = media(
        storage_key="e" * 64 + ".mp3",
        media_type="audio/mpeg",
        duration=2.0,
        width=None,
        height=None,
        focus_x=None,
        thumbnail_width=300,
        thumbnail_height=300,
    )
    entity = as_json(media_attachment_entity(row, INSTANCE))
    assert (entity["type"], entity["preview_url"]) == ("audio", TREE["preview_url"])
    assert entity["meta"] == {
        "length": "0:00:02.00",
        "duration": 2.0,
        "original": {"duration": 2.0},
        "small": {"width": 300, "height": 300, "size": "300x300", "aspect": 1.0},
    }


def test_media_that_is_being_worked_on() -> None:
    row = media(**NO_PICTURE, storage_key=None, media_type="video/mp4", state=MediaState.PROCESSING)
    assert as_json(media_attachment_entity(row, INSTANCE)) == TREE | {
        "type": "video",
        "url": None,
        "preview_url": None,
        "blurhash": None,
        "meta": {},
    }


def test_media_of_another_server() -> None:
    row = media(
        storage_key=None,
        thumbnail_key=None,
        remote_url="https://nord.example/fest.mp4",
        media_type="video/mp4",
        state=MediaState.REMOTE,
        duration=12.0,
    )
    entity = as_json(media_attachment_entity(row, INSTANCE))
    assert entity == TREE | {
        "type": "video",
        "url": "https://nord.example/fest.mp4",
        "remote_url": "https://nord.example/fest.mp4",
        "preview_url": None,
        "meta": TREE["meta"] | {"original": TREE["meta"]["original"] | {"duration": 12.0}},
    }


def test_emoji_of_our_own() -> None:
    row = CustomEmoji(
        shortcode="wappen",
        storage_key="a" * 64 + ".gif",
        static_key="b" * 64 + ".png",
        category="Stadt",
        visible_in_picker=True,
    )
    entity = own_emoji_entity(row, INSTANCE)
    assert as_json(entity) == {
        "shortcode": "wappen",
        "url": f"{ORIGIN}/media/{'a' * 64}.gif",
        "static_url": f"{ORIGIN}/media/{'b' * 64}.png",
        "visible_in_picker": True,
        "category": "Stadt",
    }
    row.category = None
    assert "category" not in own_emoji_entity(row, INSTANCE)


def test_relationship_of_strangers() -> None:
    assert as_json(relationship_entity(12, Ties())) == {
        "id": "12",
        "following": False,
        "showing_reblogs": False,
        "notifying": False,
        "languages": None,
        "followed_by": False,
        "blocking": False,
        "blocked_by": False,
        "muting": False,
        "muting_notifications": False,
        "muting_expires_at": None,
        "requested": False,
        "requested_by": False,
        "domain_blocking": False,
        "endorsed": False,
        "note": "",
    }


def test_relationship_of_a_request_each_way() -> None:
    out = Follow(accepted_at=None, show_announces=True, notify=False)
    back = Follow(accepted_at=NOON, show_announces=True, notify=False)
    entity = relationship_entity(12, Ties(following={12: out}, followers={12: back}, blocked_by={12}))
    assert (entity["following"], entity["requested"], entity["followed_by"], entity["requested_by"]) == (
        *(False, True),
        *(True, False),
    )
    assert (entity["blocking"], entity["blocked_by"]) == (False, True)


def test_history_and_source() -> None:
    earlier = StatusEdit(
        title=None,
        content=SafeHTML.stored("<p>Halo</p>"),
        summary="",
        sensitive=False,
        media=[{"id": "31", "description": "Baum"}, {"id": "99", "description": "gone"}],
        created_at=NOON,
    )
    row = status(edited_at=NOON)
    first, last = as_json(history_entities(row, [earlier], INSTANCE))
    assert first == {
        "created_at": "2026-05-04T12:30:15.250Z",
        "content": "<p>Halo</p>",
        "spoiler_text": "",
        "sensitive": False,
        "media_attachments": [TREE | {"description": "Baum"}],
        "account": ANNA,
        "emojis": [],
        "poll": None,
        "quote": None,
    }
    assert (last["content"], last["spoiler_text"]) == ("<p>Hallo</p>", "Vorsicht")
    assert as_json(source_entity(row)) == {"id": "21", "text": "Hallo", "spoiler_text": "Vorsicht"}


def test_application_and_token() -> None:
    row = Application(
        id=61, client_id="abc", client_secret_hash="x", name="App", website=None,
        redirect_uris=["https://app.example/back", "app:/back"], scopes="write read", created_at=NOON,
    )  # fmt: skip
    shown = {
        "id": "61",
        "name": "App",
        "website": None,
        "scopes": ["read", "write"],
        "redirect_uris": ["https://app.example/back", "app:/back"],
        "redirect_uri": "https://app.example/back\napp:/back",
        "vapid_key": "BK…=",
    }
    assert as_json(application_entity(row, "BK…=")) == shown
    assert as_json(credential_application_entity(row, "geheim", "BK…=")) == shown | {
        "client_id": "abc",
        "client_secret": "geheim",
        "client_secret_expires_at": 0,
    }
    assert as_json(token_entity("t", "read", NOON)) == {
        "access_token": "t",
        "token_type": "Bearer",
        "scope": "read",
        "created_at": 1777897815,
    }


def test_tag() -> None:
    assert as_json(tag_entity("straßenfest", "Straßenfest", INSTANCE)) == {
        "id": "straßenfest",
        "name": "Straßenfest",
        "url": f"{ORIGIN}/tags/stra%C3%9Fenfest",
        "history": [],
        "following": False,
        "featuring": False,
    }
