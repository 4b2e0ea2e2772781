"""Rows → documents: the whole document as text, and back through our own reader."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.actor_documents import actor_document, instance_actor_document
from activitypub.collection_documents import collection_page, ordered_collection
from activitypub.documents import embedded, media_url, note_document, timestamp, tombstone_document
from activitypub.instance import LocalInstance
from activitypub.jsonld import AS, OUTGOING_CONTEXT
from activitypub.models import Actor, ActorKey, Media, Mention, ProofKey, Status, StatusHashtag, attach
from activitypub.multikey import ed25519_pem
from activitypub.parse import parse_actor, parse_status
from activitypub.sanitize import SafeHTML
from activitypub.signatures.keys import generate_rsa_key, public_pem
from activitypub.vocabulary import PUBLIC, Visibility

AT = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)
INSTANCE = LocalInstance(origin="https://social.stadt.example", account_domain="stadt.example", name="Stadt")
ANNA = "https://social.stadt.example/users/anna"
PEM = public_pem(generate_rsa_key())
MESSAGE_SIGNATURES = {
    "type": "Link",
    "href": "https://datatracker.ietf.org/doc/html/rfc9421",
    "name": "RFC-9421: HTTP Message Signatures",
}
MULTIKEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


def local_actor(kind: str = "Person", **values: Any) -> Actor:
    uri = INSTANCE.actor_uri if kind == "Application" else ANNA
    actor = Actor(
        id=1,
        **{
            "uri": uri,
            "type": kind,
            "host": INSTANCE.host,
            "username": "anna",
            "name": "Anna Müller",
            "summary": SafeHTML.stored("<p>Guten Tag</p>"),
            "url": "https://social.stadt.example/@anna",
            "fields": [],
            "emojis": [],
            "also_known_as": [],
            "attribution_domains": [],
            "inbox_uri": f"{uri}/inbox",
            "outbox_uri": f"{uri}/outbox",
            "followers_uri": f"{uri}/followers",
            "following_uri": f"{uri}/following",
            "featured_uri": f"{uri}/featured",
            "manually_approves_followers": False,
            "discoverable": True,
            "indexable": False,
            "created_at": AT,
            **values,
        },
    )
    key = ActorKey(id=1, actor_id=1, uri=f"{uri}#main-key", public_pem=PEM, private_pem="secret", created_at=AT)
    return attach(actor, keys=[key], proof_key=ProofKey(multibase=MULTIKEY, private_pem="secret"))


def remote_actor(username: str) -> Actor:
    return Actor(id=2, uri=f"https://nord.example/users/{username}", username=username, domain="nord.example")


def status(
    *, mentions: tuple[tuple[Actor, bool], ...] = (), hashtags: Any = (), media: Any = (), **values: Any
) -> Status:
    row = Status(
        id=7,
        **{
            "uri": f"{ANNA}/statuses/7",
            "url": "https://social.stadt.example/@anna/7",
            "type": "Note",
            "visibility": Visibility.PUBLIC,
            "content": SafeHTML.stored("<p>Heute Markt</p>"),
            "content_map": {},
            "summary": "",
            "sensitive": False,
            "emojis": [],
            "replies_count": 2,
            "likes_count": 3,
            "announces_count": 4,
            "interaction_policy": {},
            "published_at": AT,
            **values,
        },
    )
    named = [attach(Mention(actor_id=actor.id, silent=silent), actor=actor) for actor, silent in mentions]
    return attach(
        row, actor=local_actor(), mentions=named, hashtags=list(hashtags), media=list(media), poll=None, quote=None
    )


def without_context(document: dict[str, Any], context: object = OUTGOING_CONTEXT) -> dict[str, Any]:
    assert document["@context"] is context
    assert "bto" not in json.dumps(document)
    return embedded(document)


# ---------------------------------------------------------------------------------------------- statuses


def test_a_plain_note_as_a_whole() -> None:
    assert without_context(note_document(status(), INSTANCE)) == {
        "id": f"{ANNA}/statuses/7",
        "type": "Note",
        "url": "https://social.stadt.example/@anna/7",
        "attributedTo": ANNA,
        "to": [PUBLIC],
        "cc": [f"{ANNA}/followers"],
        "published": "2026-11-23T12:00:00.123Z",
        "sensitive": False,
        "interactionPolicy": {
            **{name: {"automaticApproval": [PUBLIC]} for name in ("canLike", "canReply", "canAnnounce")},
            "canQuote": {"automaticApproval": [ANNA]},
        },
        "content": "<p>Heute Markt</p>",
        "tag": [],
        "attachment": [],
        "replies": {
            "id": f"{ANNA}/statuses/7/replies",
            "type": "OrderedCollection",
            "totalItems": 2,
            "first": {
                "type": "OrderedCollectionPage",
                "partOf": f"{ANNA}/statuses/7/replies",
                "next": f"{ANNA}/statuses/7/replies?page=true",
                "orderedItems": [],
            },
        },
        "likes": {"id": f"{ANNA}/statuses/7/likes", "type": "Collection", "totalItems": 3},
        "shares": {"id": f"{ANNA}/statuses/7/shares", "type": "Collection", "totalItems": 4},
        "emojiReactions": f"{ANNA}/statuses/7/emoji_reactions",
    }


def test_a_note_with_everything() -> None:
    row = status(
        mentions=((remote_actor("nora"), False), (local_actor(), False), (remote_actor("silent"), True)),
        hashtags=[StatusHashtag(tag="straßenfest", name="Straßenfest")],
        media=[
            Media(
                media_type="image/webp",
                storage_key="ab/cd.webp",
                description="Ein Stand mit Äpfeln",
                blurhash="LKO2",
                focus_x=0.5,
                focus_y=-0.25,
                width=800,
                height=600,
            ),
            Media(media_type="video/mp4", remote_url="https://nord.example/v.mp4", description="", duration=12.5),
        ],
        type="Article",
        title="Markt",
        summary="Essen",
        sensitive=True,
        language="de",
        in_reply_to_uri="https://nord.example/notes/1",
        conversation_uri="https://nord.example/contexts/1",
        edited_at=AT.replace(hour=13),
        source="**Heute** Markt",
        emojis=[{"shortcode": "apfel", "url": "https://social.stadt.example/media/apfel.png"}],
    )
    document = note_document(row, INSTANCE)
    assert document["type"] == "Article"
    assert document["name"] == "Markt"
    assert document["summary"] == "Essen"
    assert document["sensitive"] is True
    assert document["contentMap"] == {"de": "<p>Heute Markt</p>"}
    assert document["inReplyTo"] == "https://nord.example/notes/1"
    assert document["conversation"] == "https://nord.example/contexts/1"
    assert document["updated"] == "2026-11-23T13:00:00.123Z"
    assert document["tag"] == [
        {"type": "Mention", "href": "https://nord.example/users/nora", "name": "@nora@nord.example"},
        {"type": "Mention", "href": ANNA, "name": "@anna@stadt.example"},
        {
            "type": "Hashtag",
            "href": "https://social.stadt.example/tags/stra%C3%9Fenfest",
            "name": "#Straßenfest",
        },
        {
            "id": "https://social.stadt.example/media/apfel.png",
            "type": "Emoji",
            "name": ":apfel:",
            "icon": {
                "type": "Image",
                "mediaType": "image/png",
                "url": "https://social.stadt.example/media/apfel.png",
            },
        },
    ]
    assert document["attachment"] == [
        {
            "type": "Document",
            "mediaType": "image/webp",
            "url": "https://social.stadt.example/media/ab/cd.webp",
            "name": "Ein Stand mit Äpfeln",
            "blurhash": "LKO2",
            "focalPoint": [0.5, -0.25],
            "width": 800,
            "height": 600,
        },
        {
            "type": "Document",
            "mediaType": "video/mp4",
            "url": "https://nord.example/v.mp4",
            "duration": "PT12.500S",
        },
    ]
    assert "https://nord.example/users/silent" in document["cc"]


def test_what_somebody_typed_is_never_told() -> None:
    assert "geheim" not in json.dumps(note_document(status(source="geheim"), INSTANCE))


@pytest.mark.parametrize(
    ("visibility", "to", "cc"),
    [
        (Visibility.PUBLIC, [PUBLIC], [f"{ANNA}/followers", "https://nord.example/users/nora"]),
        (Visibility.UNLISTED, [f"{ANNA}/followers"], [PUBLIC, "https://nord.example/users/nora"]),
        (Visibility.PRIVATE, [f"{ANNA}/followers"], ["https://nord.example/users/nora"]),
        (Visibility.DIRECT, ["https://nord.example/users/nora"], []),
    ],
)
def test_addressing_follows_the_visibility(visibility: Visibility, to: list[str], cc: list[str]) -> None:
    document = note_document(status(visibility=visibility, mentions=((remote_actor("nora"), False),)), INSTANCE)
    assert (document["to"], document["cc"]) == (to, cc)


def test_several_languages_are_all_there() -> None:
    languages = {"de": "<p>Markt</p>", "en": "<p>Market</p>"}
    assert note_document(status(content_map=languages, language="de"), INSTANCE)["contentMap"] == languages


def test_our_own_reader_understands_it() -> None:
    row = status(
        mentions=((remote_actor("nora"), False),),
        hashtags=[StatusHashtag(tag="markt", name="Markt")],
        summary="Essen",
        language="de",
        in_reply_to_uri="https://nord.example/notes/1",
        media=[Media(media_type="image/webp", storage_key="a.webp", description="Äpfel", width=8, height=6)],
    )
    read = parse_status(json.loads(json.dumps(note_document(row, INSTANCE))))
    assert read.uri == row.uri
    assert read.attributed_to == ANNA
    assert read.content == "<p>Heute Markt</p>"
    assert read.language == "de"
    assert read.summary == "Essen"
    assert read.in_reply_to == "https://nord.example/notes/1"
    assert [mention.uri for mention in read.mentions] == ["https://nord.example/users/nora"]
    assert read.hashtags == ("Markt",)
    assert (read.media[0].description, read.media[0].width) == ("Äpfel", 8)
    assert read.published == AT.replace(microsecond=123_000)


def test_a_tombstone() -> None:
    document = tombstone_document("https://x.example/1", former_type="Note", deleted_at=AT)
    assert without_context(document, AS) == {
        "id": "https://x.example/1",
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-11-23T12:00:00.123Z",
    }


# ---------------------------------------------------------------------------------------------- actors


@pytest.mark.parametrize("kind", ["Person", "Group", "Organization", "Service"])
def test_an_actor_as_a_whole(kind: str) -> None:
    row = local_actor(
        kind,
        fields=[{"name": "Web", "value": '<a href="https://a.example">a</a>'}],
        avatar_key="av/atar.png",
        header_key="he/ader.jpg",
        also_known_as=["https://old.example/users/anna"],
    )
    in_a_group = {"attributedTo": f"{ANNA}/moderators", "postingRestrictedToMods": False}
    assert without_context(actor_document(row, INSTANCE)) == {
        "id": ANNA,
        "type": kind,
        "preferredUsername": "anna",
        "webfinger": "anna@stadt.example",
        "name": "Anna Müller",
        "summary": "<p>Guten Tag</p>",
        "url": "https://social.stadt.example/@anna",
        "inbox": f"{ANNA}/inbox",
        "outbox": f"{ANNA}/outbox",
        "followers": f"{ANNA}/followers",
        "following": f"{ANNA}/following",
        "featured": f"{ANNA}/featured",
        "featuredTags": f"{ANNA}/featured_tags",
        "upcomingEvents": f"{ANNA}/upcoming_events",
        "featuredCollections": f"{ANNA}/collections",
        "endpoints": {"sharedInbox": "https://social.stadt.example/inbox"},
        "publicKey": {"id": f"{ANNA}#main-key", "owner": ANNA, "publicKeyPem": PEM},
        "assertionMethod": [
            {
                "id": f"{ANNA}#ed25519-key",
                "type": "Multikey",
                "controller": ANNA,
                "publicKeyMultibase": MULTIKEY,
            }
        ],
        "generator": {
            "id": "https://social.stadt.example/actor",
            "type": "Application",
            "implements": [MESSAGE_SIGNATURES],
        },
        "icon": {
            "type": "Image",
            "mediaType": "image/png",
            "url": "https://social.stadt.example/media/av/atar.png",
        },
        "image": {
            "type": "Image",
            "mediaType": "image/jpeg",
            "url": "https://social.stadt.example/media/he/ader.jpg",
        },
        "interactionPolicy": {"canFeature": {"automaticApproval": [ANNA]}},
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": False,
        "searchableBy": [ANNA],
        "published": "2026-11-23T12:00:00.123Z",
        "attachment": [{"type": "PropertyValue", "name": "Web", "value": '<a href="https://a.example">a</a>'}],
        "tag": [],
        "alsoKnownAs": ["https://old.example/users/anna"],
        "service": [
            {
                "id": f"{ANNA}#export",
                "type": "https://w3id.org/fep/9091#Export",
                "serviceEndpoint": "https://social.stadt.example/api/v1/accounts/export",
            }
        ],
        **(in_a_group if kind == "Group" else {}),
    }


def test_a_private_key_is_never_told() -> None:
    assert "secret" not in json.dumps(actor_document(local_actor(), INSTANCE))


def test_the_newest_key_is_the_one_to_check_with() -> None:
    row = local_actor()
    newer = ActorKey(uri=f"{ANNA}#new", public_pem="new", created_at=AT.replace(year=2027))
    attach(row, keys=[newer, *row.keys])
    assert actor_document(row, INSTANCE)["publicKey"]["id"] == f"{ANNA}#new"


def test_the_instance_actor_is_an_application_named_like_the_host() -> None:
    document = instance_actor_document(local_actor("Application", username="social.stadt.example"), INSTANCE)
    assert document["type"] == "Application"
    assert document["id"] == "https://social.stadt.example/actor"
    assert document["preferredUsername"] == "social.stadt.example"
    assert document["webfinger"] == "social.stadt.example@stadt.example"
    assert document["publicKey"]["owner"] == "https://social.stadt.example/actor"
    assert document["implements"] == [MESSAGE_SIGNATURES]
    assert "followers" not in document
    assert "generator" not in document


def test_our_own_reader_understands_an_actor() -> None:
    read = parse_actor(json.loads(json.dumps(actor_document(local_actor(), INSTANCE))))
    assert (read.uri, read.username, read.webfinger) == (ANNA, "anna", "anna@stadt.example")
    assert read.shared_inbox == "https://social.stadt.example/inbox"
    assert [(key.uri, key.pem) for key in read.keys] == [
        (f"{ANNA}#main-key", PEM),
        (f"{ANNA}#ed25519-key", ed25519_pem(MULTIKEY)),
    ]
    assert read.discoverable
    assert not read.indexable
    assert read.implements == (MESSAGE_SIGNATURES["href"],)


# ----------------------------------------------------------------------------------------- collections


def test_a_cover_hides_what_it_does_not_lead_to() -> None:
    assert without_context(ordered_collection("https://x.example/c", total=3), AS) == {
        "id": "https://x.example/c",
        "type": "OrderedCollection",
        "totalItems": 3,
    }


def test_items_lose_their_own_context() -> None:
    note = tombstone_document("https://x.example/1", former_type="Note", deleted_at=AT)
    page = collection_page(
        "https://x.example/c?page=2", part_of="https://x.example/c", items=["https://x.example/0", note]
    )
    assert without_context(page) == {
        "id": "https://x.example/c?page=2",
        "type": "OrderedCollectionPage",
        "partOf": "https://x.example/c",
        "orderedItems": ["https://x.example/0", embedded(note)],
    }
    assert ordered_collection("c", total=1, items=[note])["orderedItems"] == [embedded(note)]


def test_a_list_of_uris_needs_no_words_of_anybody_else() -> None:
    uris = ["https://x.example/0", "https://x.example/1"]
    assert ordered_collection("c", total=2, items=uris)["@context"] is AS
    assert collection_page("c?page=1", part_of="c", items=uris)["@context"] is AS


def test_small_parts() -> None:
    assert media_url(INSTANCE, "a/b.webp") == "https://social.stadt.example/media/a/b.webp"
    assert timestamp(AT.replace(microsecond=0)) == "2026-11-23T12:00:00.000Z"
