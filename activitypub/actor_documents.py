"""Rows → documents of actors: people, groups, the instance and its relay. Pure, as `documents.py` says.

Source: https://www.w3.org/TR/activitystreams-vocabulary/#actor-types, https://docs.joinmastodon.org/spec/activitypub/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from activitypub.documents import Document, emoji_document, image_document, media_url, present, timestamp
from activitypub.instance import LocalInstance
from activitypub.jsonld import MESSAGE_SIGNATURES, OUTGOING_CONTEXT
from activitypub.models import Actor, FeaturedTag
from activitypub.vocabulary import PUBLIC, Posting

ACTOR_OPTIONS: tuple[ExecutableOption, ...] = (selectinload(Actor.keys), joinedload(Actor.proof_key))
"""What `actor_document` and `instance_actor_document` read of an actor."""


def actor_document(actor: Actor, instance: LocalInstance) -> Document:
    """Return the document of one of our actors: Person, Group, Organization or Service.

    Of a suspended one it says no more than that: others hide it, and have its key to believe what is said of it.
    Sources: FEP-2c59 (`webfinger`), FEP-5feb (`indexable`), FEP-268d (`searchableBy`), FEP-fb2a (`attachment`).
    """
    if actor.suspended_at is not None:
        return present({**_identity(actor, instance), "name": "", "summary": "", "suspended": True})
    return present(
        {
            **_identity(actor, instance),
            "followers": actor.followers_uri,
            "following": actor.following_uri,
            "featured": actor.featured_uri,
            "icon": _picture(actor.avatar_key, actor.avatar_description, instance),
            "image": _picture(actor.header_key, actor.header_description, instance),
            "featuredTags": f"{actor.uri}/featured_tags",
            "upcomingEvents": f"{actor.uri}/upcoming_events",
            "featuredCollections": f"{actor.uri}/collections",
            **(_group(actor) if actor.type == "Group" else {}),
            "interactionPolicy": {"canFeature": {"automaticApproval": [actor.uri]}},  # nobody else (FEP-7aa9)
            "manuallyApprovesFollowers": actor.manually_approves_followers,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "searchableBy": [PUBLIC if actor.indexable else actor.uri],
            "published": timestamp(actor.created_at),
            "attachment": [_property_value(item) for item in actor.fields],
            "tag": [emoji_document(emoji) for emoji in actor.emojis],
            "alsoKnownAs": list(actor.also_known_as),
            "service": [_export(actor, instance)],
            "attributionDomains": list(actor.attribution_domains) or None,
            "movedTo": actor.moved_to_uri,
        }
    )


def _export(actor: Actor, instance: LocalInstance) -> Document:
    """Return where whoever is this actor takes along all that it has (FEP-9091)."""
    kind, where = "https://w3id.org/fep/9091#Export", f"{instance.origin}/api/v1/accounts/export"
    return {"id": f"{actor.uri}#export", "type": kind, "serviceEndpoint": where}


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
    return present(
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
    Sources: FEP-2677, FEP-d556, and FEP-844e for what the server implements.
    """
    return present(
        {
            **_identity(actor, instance),
            "generator": None,
            "implements": _implemented(),
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
    return present(
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
        "generator": {"id": instance.actor_uri, "type": "Application", "implements": _implemented()},
    }


def _implemented() -> list[Document]:
    """Return what others cannot tell from our documents that we understand (FEP-844e)."""
    return [{"type": "Link", "href": MESSAGE_SIGNATURES, "name": "RFC-9421: HTTP Message Signatures"}]


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


def _picture(key: str | None, description: str, instance: LocalInstance) -> Document | None:
    return image_document(media_url(instance, key)) | ({"name": description} if description else {}) if key else None
