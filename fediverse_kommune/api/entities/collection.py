"""Collection, CollectionItem, and the objects that carry them.

https://docs.joinmastodon.org/entities/Collection/ and https://docs.joinmastodon.org/entities/CollectionItem/
"""

from collections.abc import Sequence
from urllib.parse import quote

from activitypub.documents import timestamp
from activitypub.hashtags import hashtag_key
from activitypub.instance import LocalInstance
from activitypub.models import CollectionItem, ItemState
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity, partial_account_entity
from fediverse_kommune.services.collections import Shown

PREVIEWS = 4  # accounts of each collection that a list of collections brings along, as in the documentation


def collection_entity(shown: Shown, instance: LocalInstance) -> Entity:
    """Return a collection with those of its items that the reader may see."""
    row = shown.collection
    return {
        "id": str(row.id),
        "account_id": str(row.actor_id),
        "uri": row.uri,
        "url": None,  # there is no page for people yet
        "name": row.name,
        "description": row.description,
        "language": row.language,
        "local": row.actor.is_local,
        "sensitive": row.sensitive,
        "discoverable": row.discoverable,
        "tag": _tag(row.tag, instance) if row.tag else None,
        "item_count": len(shown.items),
        "items": [collection_item_entity(item) for item in shown.items],
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
    }


def collection_item_entity(item: CollectionItem) -> Entity:
    """Return an item; whom it was about is not said any more when it was taken back."""
    entity = {"id": str(item.id), "state": item.state, "created_at": timestamp(item.created_at)}
    named = item.state in {ItemState.ACCEPTED, ItemState.PENDING}
    return entity | {"account_id": str(item.actor_id)} if named else entity


def collection_with_accounts_entity(shown: Shown, instance: LocalInstance) -> Entity:
    """Return a collection with the accounts in it and its owner's."""
    actors = {actor.id: actor for actor in (shown.collection.actor, *(item.actor for item in shown.items))}
    return {
        "collection": collection_entity(shown, instance),
        "accounts": [account_entity(actor, instance) for actor in actors.values()],
    }


def collections_entity(several: Sequence[Shown], instance: LocalInstance) -> Entity:
    """Return a list of collections, with the pictures that a list of them shows."""
    owners = (shown.collection.actor for shown in several)
    members = (item.actor for shown in several for item in shown.items[:PREVIEWS])
    actors = {actor.id: actor for actor in (*owners, *members)}
    return {
        "collections": [collection_entity(shown, instance) for shown in several],
        "partial_accounts": [partial_account_entity(actor, instance) for actor in actors.values()],
    }


def _tag(name: str, instance: LocalInstance) -> Entity:
    return {"name": name, "url": instance.tag_url(quote(hashtag_key(name)))}
