"""What a JSON-LD processor reads in the documents we emit: each of our words is the IRI we mean, and none is lost."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pyld import jsonld

from activitypub.jsonld import document_loader, plain
from tests.specimens import Document, specimens

NS = "https://www.w3.org/ns/activitystreams#"
FEP_7AA9 = "https://w3id.org/fep/7aa9#"
FEP_044F = "https://w3id.org/fep/044f#"
MOBILIZON = "https://joinmobilizon.org/ns#"
GTS = "https://gotosocial.org/ns#"
TOOT = "http://joinmastodon.org/ns#"
SECURITY = "https://w3id.org/security#"
LDP = "http://www.w3.org/ns/ldp#"
SCHEMA = "http://schema.org#"

PROPERTIES: Mapping[str, str] = {
    **{
        name: NS + name
        for name in (
            *(
                "actor",
                "alsoKnownAs",
                "attachment",
                "attributedTo",
                "cc",
                "content",
                "deleted",
                "duration",
                "endpoints",
            ),
            *("first", "followers", "following", "formerType", "height", "href", "icon", "image", "inReplyTo", "last"),
            *("likes", "manuallyApprovesFollowers", "mediaType", "movedTo", "name", "next", "object", "outbox"),
            *("partOf", "preferredUsername", "prev", "published", "replies", "sensitive", "sharedInbox", "shares"),
            *(
                "closed",
                "endTime",
                "instrument",
                "oneOf",
                "quoteUrl",
                "rel",
                "result",
                "summary",
                "tag",
                "target",
                "to",
                "totalItems",
                "updated",
                "url",
                "width",
            ),
        )
    },
    "contentMap": f"{NS}content",
    "orderedItems": f"{NS}items",
    "inbox": f"{LDP}inbox",
    **{name: TOOT + name for name in ("blurhash", "discoverable", "featured", "featuredTags", "focalPoint")},
    **{name: TOOT + name for name in ("indexable", "votersCount")},
    **{name: SECURITY + name for name in ("owner", "publicKey", "publicKeyPem", "controller", "publicKeyMultibase")},
    **{name: SECURITY + name for name in ("assertionMethod", "proof", "cryptosuite", "proofPurpose", "proofValue")},
    "verificationMethod": f"{SECURITY}verificationMethod",
    "created": "http://purl.org/dc/terms/created",
    **{name: FEP_044F + name for name in ("quote", "quoteAuthorization")},
    **{name: GTS + name for name in ("automaticApproval", "canQuote", "interactingObject", "interactionPolicy")},
    **{name: GTS + name for name in ("interactionTarget", "manualApproval", "canLike", "canReply", "canAnnounce")},
    **{name: GTS + name for name in ("approvedBy", "replyAuthorization", "announceAuthorization")},
    "audience": f"{NS}audience",
    **{name: f"https://w3id.org/fep/8a8e/{name}" for name in ("organizers", "upcomingEvents")},
    **{name: NS + name for name in ("items", "preview")},
    **{
        name: FEP_7AA9 + name
        for name in ("canFeature", "featuredObject", "featureAuthorization", "featuredCollections")
    },
    "topic": f"{FEP_7AA9}topic",
    "searchableBy": "http://fedibird.com/ns#searchableBy",
    "generator": f"{NS}generator",
    **{name: f"https://www.w3.org/ns/did#{name}" for name in ("service", "serviceEndpoint")},
    "implements": "https://w3id.org/fep/844e#implements",
    "postingRestrictedToMods": "https://join-lemmy.org/ns#postingRestrictedToMods",
    **{
        name: MOBILIZON + name
        for name in (
            *("externalParticipationUrl", "joinMode", "participantCount", "participationMessage", "timezone"),
            "repliesModerationOption",
        )
    },
    **{name: f"https://event-federation.eu/ns#{name}" for name in ("attendees", "displayEndTime")},
    **{name: SCHEMA + name for name in ("eventStatus", "maximumAttendeeCapacity", "remainingAttendeeCapacity")},
    **{name: SCHEMA + name for name in ("address", "streetAddress", "postalCode", "addressLocality")},
    **{name: NS + name for name in ("latitude", "location", "startTime")},
    "ical:status": "http://www.w3.org/2002/12/cal/ical#status",
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "_misskey_reaction": "https://misskey-hub.net/ns#_misskey_reaction",
    "emojiReactions": "http://fedibird.com/ns#emojiReactions",
    "value": f"{SCHEMA}value",
    "conversation": "http://ostatus.org#conversation",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
}
"""What each word of ours means."""

TYPES: Mapping[str, str] = {
    **{
        name: NS + name
        for name in (
            *(
                "Accept",
                "Add",
                "Announce",
                "Block",
                "Create",
                "Delete",
                "Flag",
                "Follow",
                "Like",
                "Move",
                "Reject",
                "Remove",
            ),
            *("Ignore", "Invite", "Join", "Leave", "Question", "Undo", "Update"),
            *("Application", "Group", "Organization", "Person", "Service"),
            *("Article", "Collection", "Document", "Hashtag", "Image", "Mention", "Note", "OrderedCollection"),
            *("Link", "OrderedCollectionPage", "Tombstone"),
        )
    },
    "Emoji": f"{TOOT}Emoji",
    "EmojiReact": "http://litepub.social/ns#EmojiReact",
    **{name: SECURITY + name for name in ("DataIntegrityProof", "Multikey")},
    **{name: FEP_044F + name for name in ("QuoteAuthorization", "QuoteRequest")},
    **{name: GTS + name for name in ("LikeAuthorization", "ReplyAuthorization", "AnnounceAuthorization")},
    **{name: GTS + name for name in ("LikeRequest", "ReplyRequest", "AnnounceRequest")},
    "Lock": "https://join-lemmy.org/ns#Lock",
    **{
        name: FEP_7AA9 + name
        for name in ("FeaturedCollection", "FeaturedItem", "FeatureRequest", "FeatureAuthorization")
    },
    "https://w3id.org/fep/9091#Export": "https://w3id.org/fep/9091#Export",
    **{name: SCHEMA + name for name in ("PropertyValue", "PostalAddress", "VirtualLocation")},
    **{name: NS + name for name in ("Event", "Place")},
}

# Properties whose values are IRIs: a reader must find a node there, not a text.
REFERENCES = frozenset(
    {
        "emojiReactions",
        "actor",
        "alsoKnownAs",
        "attributedTo",
        "cc",
        "featured",
        "featuredTags",
        "first",
        "followers",
        "following",
        "href",
        "inReplyTo",
    }
    | {"inbox", "last", "movedTo", "next", "object", "outbox", "owner", "partOf", "prev", "sharedInbox", "to", "url"}
    | {"automaticApproval", "instrument", "interactingObject", "interactionTarget", "manualApproval", "quote"}
    | {"approvedBy", "announceAuthorization", "quoteAuthorization", "replyAuthorization", "result", "target"}
)
OPTIONS = {"documentLoader": document_loader}


def expanded(document: Document, dropped: list[Any] | None = None) -> dict[str, Any]:
    """Return what PyLD reads, with the bundled contexts and no network; it adds to `dropped` what it does not know."""
    lost: list[Any] = [] if dropped is None else dropped
    (node,) = jsonld.expand(document, OPTIONS, on_property_dropped=lost.append)
    return dict(node)


def words(value: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over all names and values of a document, at any depth; languages are no names."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            for name, inner in each.items():
                if name not in {"@context", "id"}:
                    yield name, inner
                if name not in {"@context", "contentMap"}:
                    yield from words(inner)


def iris(value: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over all properties and values of an expanded document, at any depth."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            for name, inner in each.items():
                if not name.startswith("@"):
                    yield name, inner
                yield from iris(inner)


@pytest.mark.parametrize("name", specimens())
def test_every_word_is_the_iri_we_mean(name: str) -> None:
    document = specimens()[name]
    meant = Counter(PROPERTIES[word] for word, _ in words(document) if word not in {"type", "contentMap"})
    # `content` and `contentMap` are one property.
    assert Counter(iri for iri, _ in iris(expanded(document))) == meant

    kinds = Counter(TYPES[kind] for word, kind in words(document) if word == "type")
    assert Counter(kind for kind in _types(expanded(document))) == kinds


def _types(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from each["@type"] if isinstance(each.get("@type"), list) else ()
            for inner in each.values():
                yield from _types(inner)


@pytest.mark.parametrize("name", specimens())
def test_no_word_is_dropped(name: str) -> None:
    dropped: list[Any] = []
    expanded(specimens()[name], dropped)
    assert dropped == []
    plain(specimens()[name])


@pytest.mark.parametrize("name", specimens())
def test_every_reference_is_a_whole_iri(name: str) -> None:
    """ActivityStreams' own context makes an IRI of `formerType: "Note"`; everything else is absolute."""
    node = expanded(specimens()[name])
    for iri, values in iris(node):
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict) and "@id" in value and iri != PROPERTIES["formerType"]:
                assert value["@id"].startswith(("https://", "http://")), (iri, value)
    named = {PROPERTIES[word] for word in REFERENCES}
    texts = [(iri, values) for iri, values in iris(node) if iri in named and any("@value" in each for each in values)]
    assert texts == []
    assert node.get("@id", "https://").startswith("https://")  # a hashtag has only its address


@pytest.mark.parametrize("name", specimens())
def test_the_way_back_leads_to_the_same_document(name: str) -> None:
    document = specimens()[name]
    node = expanded(document)
    compacted = jsonld.compact(node, document["@context"], OPTIONS)
    assert expanded(compacted) == node
    assert {word for word, value in words(compacted) if value != []} == {
        word for word, value in words(document) if value != []
    }


def test_the_tables_hold_no_word_that_we_do_not_use() -> None:
    used = [pair for document in specimens().values() for pair in words(document)]
    assert {word for word, _ in used} - {"type"} == PROPERTIES.keys()
    assert {kind for word, kind in used if word == "type"} == TYPES.keys()


def test_values_are_what_they_look_like() -> None:
    note = expanded(specimens()["note_document, public"])
    assert note[f"{NS}published"] == [
        {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": "2026-11-23T12:00:00.123Z"}
    ]
    by_language = {each.get("@language"): each["@value"] for each in note[f"{NS}content"]}
    assert by_language == {
        None: "<p>Heute ist Markt</p>",
        "de": "<p>Heute ist Markt</p>",
        "en": "<p>Market today</p>",
    }
    (picture,) = note[f"{NS}attachment"]
    assert picture[f"{TOOT}focalPoint"] == [{"@list": [{"@value": 0.5}, {"@value": -0.25}]}]
    assert picture[f"{NS}duration"][0]["@type"] == "http://www.w3.org/2001/XMLSchema#duration"
    assert note[f"{NS}to"] == [{"@id": f"{NS}Public"}]
    (page,) = [specimens()["collection_page of ids"]]
    assert expanded(page)[f"{NS}items"] == [{"@list": [{"@id": each} for each in page["orderedItems"]]}]
