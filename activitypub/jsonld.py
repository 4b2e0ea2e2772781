"""JSON-LD without a JSON-LD processor: the context we send, and the tricks we refuse in what arrives.

We read ActivityStreams as plain JSON, by the names of its properties. A reader with a JSON-LD processor reads
the same document by what its `@context` makes of these names. `plain` makes sure that both readings agree, so
that nobody can show one thing to us and another thing to a server we pass it on to (rows C01 to C04 of the
threat catalogue).

Contexts are never fetched. The published ones stand in `contexts/`; an unknown URL gives no meaning to
anything.

Sources: https://www.w3.org/TR/json-ld11/, https://www.w3.org/TR/activitystreams-core/#jsonld
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

AS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v1"
DID = "https://www.w3.org/ns/did/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"
# What a server that reads RFC 9421 says that it implements (the registry of FEP-844e).
MESSAGE_SIGNATURES = "https://datatracker.ietf.org/doc/html/rfc9421"

OUTGOING_CONTEXT: list[str | dict[str, Any]] = [
    AS,
    SECURITY,
    DATA_INTEGRITY,
    DID,
    MULTIKEY,
    {
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "toot": "http://joinmastodon.org/ns#",
        "Emoji": "toot:Emoji",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "suspended": "toot:suspended",
        "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
        "implements": {"@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set"},
        "blurhash": "toot:blurhash",
        "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
        "votersCount": "toot:votersCount",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "ostatus": "http://ostatus.org#",
        "conversation": "ostatus:conversation",
        "webfinger": {"@id": "https://purl.archive.org/socialweb/webfinger#webfinger", "@type": "xsd:string"},
        "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
        "quoteUrl": "as:quoteUrl",
        "searchableBy": {"@id": "http://fedibird.com/ns#searchableBy", "@type": "@id"},
        "quoteUri": "http://fedibird.com/ns#quoteUri",
        "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
        "_misskey_reaction": "https://misskey-hub.net/ns#_misskey_reaction",
        "EmojiReact": "http://litepub.social/ns#EmojiReact",
        "emojiReactions": {"@id": "http://fedibird.com/ns#emojiReactions", "@type": "@id"},
        "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
        "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
        "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
        "gts": "https://gotosocial.org/ns#",
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "FeaturedCollection": "https://w3id.org/fep/7aa9#FeaturedCollection",
        "FeaturedItem": "https://w3id.org/fep/7aa9#FeaturedItem",
        "FeatureRequest": "https://w3id.org/fep/7aa9#FeatureRequest",
        "FeatureAuthorization": "https://w3id.org/fep/7aa9#FeatureAuthorization",
        "featuredObject": {"@id": "https://w3id.org/fep/7aa9#featuredObject", "@type": "@id"},
        "featureAuthorization": {"@id": "https://w3id.org/fep/7aa9#featureAuthorization", "@type": "@id"},
        "featuredCollections": {"@id": "https://w3id.org/fep/7aa9#featuredCollections", "@type": "@id"},
        "topic": {"@id": "https://w3id.org/fep/7aa9#topic", "@type": "@id"},
        "canFeature": {"@id": "https://w3id.org/fep/7aa9#canFeature", "@type": "@id"},
        "canLike": {"@id": "gts:canLike", "@type": "@id"},
        "canReply": {"@id": "gts:canReply", "@type": "@id"},
        "canAnnounce": {"@id": "gts:canAnnounce", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
        "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
        "approvedBy": {"@id": "gts:approvedBy", "@type": "@id"},
        **{
            f"{wish}{kind}": f"gts:{wish}{kind}"
            for kind in ("Request", "Authorization")
            for wish in ("Like", "Reply", "Announce")
        },
        "replyAuthorization": {"@id": "gts:replyAuthorization", "@type": "@id"},
        "announceAuthorization": {"@id": "gts:announceAuthorization", "@type": "@id"},
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
        "mz": "https://joinmobilizon.org/ns#",
        "lemmy": "https://join-lemmy.org/ns#",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "Lock": "lemmy:Lock",
        "ical": "http://www.w3.org/2002/12/cal/ical#",
        **{
            name: f"mz:{name}"
            for name in (
                *("participationMessage", "timezone", "isOnline", "joinMode", "participantCount"),
                "repliesModerationOption",
            )
        },
        "externalParticipationUrl": "mz:externalParticipationUrl",
        "displayEndTime": "https://event-federation.eu/ns#displayEndTime",
        "organizers": {"@id": "https://w3id.org/fep/8a8e/organizers", "@type": "@id"},
        "upcomingEvents": {"@id": "https://w3id.org/fep/8a8e/upcomingEvents", "@type": "@id"},
        "attendees": {"@id": "https://event-federation.eu/ns#attendees", "@type": "@id"},
        **{
            name: f"schema:{name}"
            for name in (
                *("eventStatus", "maximumAttendeeCapacity", "remainingAttendeeCapacity", "VirtualLocation"),
                *("PostalAddress", "address", "streetAddress", "postalCode"),
                *("addressLocality", "addressRegion", "addressCountry"),
            )
        },
    },
]
"""The `@context` of every document we emit. Terms: Mastodon, FEP-2c59, FEP-fb2a, FEP-044f, GoToSocial, Lemmy."""

# Each term is looked up in every part before its own, so without a limit the work grows with the square (row C05).
MAX_PARTS = 16

_CONTEXTS = {
    AS: "activitystreams",
    SECURITY: "security-v1",
    DATA_INTEGRITY: "data-integrity-v1",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2",
    DID: "did-v1",
    MULTIKEY: "multikey-v1",
    "https://purl.archive.org/socialweb/webfinger": "webfinger",
}

_STRUCTURE = frozenset({"@graph", "@included", "@reverse", "@nest"})
_AS_PREFIXES = ("as:", f"{AS}#")
# What a context may say beside its terms; a `@vocab` may only be one of these, as AS2 itself has the first.
_SETTINGS = frozenset({"@version", "@language", "@direction", "@protected"})
_VOCABULARIES = ("_:", AS, f"{AS}#")
_CONTAINERS = (None, "@set", "@list", "@language", ["@set"], ["@list"], ["@language"])
_REFERENCES = ("@id", "@vocab")
# Terms beside those of ActivityStreams whose meaning we rely on.
_SECURITY_TERMS = ("owner", "publicKey", "publicKeyPem")
_KEY_TERMS = ("assertionMethod", "controller", "verificationMethod")
_AS_EXTENSIONS = ("Hashtag", "manuallyApprovesFollowers", "movedTo", "sensitive")
# Mobilizon means schema.org's location; of ours the reader takes only name and address, which are the same.
_MOVABLE = frozenset({"@vocab", "location", "vcard", "xsd"})
# PeerTube's second name for icon. Any other would add an actor, a recipient or a text that we do not see.
_SECOND_NAMES = {"icons": f"{AS}#icon"}


class NotPlain(ValueError):
    """A document that says something else to a JSON-LD processor than to us. The message says where."""


class UnknownContext(LookupError):
    """A context that is not bundled. Contexts are never fetched."""


def plain(document: Mapping[str, Any]) -> None:
    """Return quietly if `document` means the same read as JSON and read as JSON-LD.

    Raises `NotPlain` for `@graph`, `@included`, `@reverse` or `@nest` at any depth, for names that stand for
    our terms beside them ("as:actor", "@id" beside "id"), and for a `@context` that gives a term of
    ActivityStreams or of the security vocabulary another meaning. Extension terms and unknown context URLs
    are allowed.
    """
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            _check_names(node)
            for name, value in node.items():
                if name == "@context":
                    _check_context(value)
                elif isinstance(value, dict | list):
                    waiting.append(value)


def document_loader(url: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a bundled context in the form PyLD asks for. Raises `UnknownContext`; uses no network."""
    del options
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": _bundled(url),
    }


def _check_names(node: dict[str, Any]) -> None:
    names = node.keys()
    if not names.isdisjoint(_STRUCTURE):
        raise NotPlain(f"{', '.join(sorted(names & _STRUCTURE))} restructures the document.")
    if ("@id" in names and "id" in names) or ("@type" in names and "type" in names):
        raise NotPlain("An object has its id or type under two names.")
    for name in names:
        if ":" in name and name.startswith(_AS_PREFIXES):
            raise NotPlain(f"{name[:80]!r} is a second name for a term of ActivityStreams.")


def _check_context(context: object) -> None:
    """Check one `@context`: a URL, an object that defines terms, or a list of both."""
    if context in (AS, OUTGOING_CONTEXT):  # the usual one, and what our neighbours send
        return
    parts = context if isinstance(context, list) else [context]
    if len(parts) > MAX_PARTS:
        raise NotPlain(f"A @context has more than {MAX_PARTS} parts.")
    definitions = [part for part in parts if isinstance(part, dict)]
    if len(definitions) + sum(isinstance(part, str) for part in parts) != len(parts):
        raise NotPlain("A @context is neither a URL nor an object.")
    for index, definition in enumerate(definitions):
        # A processor looks a prefix up in the same object, then in those before it, the nearest first.
        in_scope = definitions[index::-1]
        for name, meaning in definition.items():
            if name.startswith("@"):
                _check_setting(name, meaning)
            else:
                _check_term(name, meaning, in_scope)


def _check_setting(name: str, value: object) -> None:
    allowed = name in _SETTINGS or (name == "@vocab" and value in _VOCABULARIES) or (name == "@base" and value is None)
    if not allowed:
        raise NotPlain(f"A @context sets {name[:80]}.")


def _check_term(name: str, meaning: object, in_scope: list[dict[str, Any]]) -> None:
    """Refuse a definition that moves a term of ours, or that gives one of them or a keyword a second name."""
    details = meaning if isinstance(meaning, dict) else {}
    if not _STRUCTURE.isdisjoint(details):
        raise NotPlain(f"A @context defines {name[:80]!r} by {', '.join(sorted(_STRUCTURE & details.keys()))}.")
    if "@context" in details:
        _check_context(details["@context"])
    iri = _expand(details.get("@id") if details else meaning, in_scope)
    expected = _meanings().get(name)
    if expected is not None:
        moved = details.get("@type") in _REFERENCES and name in _plain_texts()
        if iri != expected or moved or details.get("@container") not in _CONTAINERS:
            raise NotPlain(f"A @context gives {name[:80]!r} another meaning.")
    elif isinstance(iri, str) and _is_taken(iri) and iri != _SECOND_NAMES.get(name):
        raise NotPlain(f"A @context makes {name[:80]!r} a second name for {iri[:80]}.")


def _expand(value: object, in_scope: Sequence[dict[str, Any]], depth: int = 4) -> object:
    """Return the IRI that "as:actor" or "actor" stands for; what cannot be expanded, as it is."""
    if not isinstance(value, str) or value.startswith("@") or depth == 0:
        return value
    name, _, suffix = value.partition(":")
    if suffix.startswith("//"):
        return value
    for definition in in_scope:
        if name in definition:
            meaning = definition[name]
            target = meaning.get("@id") if isinstance(meaning, dict) else meaning
            base = _expand(target, in_scope, depth - 1)
            return base + suffix if isinstance(base, str) else value
    return _meanings().get(value) or _full(value)


@cache
def _bundled(url: str) -> dict[str, Any]:
    name = _CONTEXTS.get(url)
    if name is None:
        raise UnknownContext(f"the context {url[:200]} is not bundled, and contexts are not fetched")
    path = Path(__file__).parent / "contexts" / f"{name}.json"
    context: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return context


@cache
def _prefixes() -> dict[str, str]:
    """Return the prefixes of the published contexts, which every processor knows without being told."""
    return {
        name: value
        for url in (AS, SECURITY)
        for name, value in _bundled(url)["@context"].items()
        if isinstance(value, str) and value.endswith(("#", "/"))
    }


@cache
def _meanings() -> dict[str, str]:
    """Return the terms that nobody may move, each with the IRI it stands for."""
    activitystreams, security, did = (_bundled(url)["@context"] for url in (AS, SECURITY, DID))
    published = {
        **{name: value for name, value in activitystreams.items() if name not in _MOVABLE},
        **{name: security[name] for name in _SECURITY_TERMS},
        **{name: did[name] for name in _KEY_TERMS},
        **{name: f"as:{name}" for name in _AS_EXTENSIONS},
    }
    return {name: _full(value["@id"] if isinstance(value, dict) else value) for name, value in published.items()}


@cache
def _plain_texts() -> frozenset[str]:
    """Return the terms of ActivityStreams whose values are texts, not references to something."""
    return frozenset(name for name, value in _bundled(AS)["@context"].items() if isinstance(value, str))


def _full(iri: str) -> str:
    prefix, colon, suffix = iri.partition(":")
    return _prefixes()[prefix] + suffix if colon and prefix in _prefixes() else iri


@cache
def _taken() -> frozenset[str]:
    return frozenset(_meanings().values())


def _is_taken(iri: str) -> bool:
    """Return True for a keyword, for what one of our terms stands for, and for a prefix that could build it."""
    return iri.startswith("@") or iri in _taken() or f"{AS}#".startswith(iri)
