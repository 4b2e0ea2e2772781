"""Rows → documents of collections. Pure, as `documents.py` says.

Source: https://www.w3.org/TR/activitystreams-core/#collections
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from activitypub.documents import Document, embedded, present, timestamp
from activitypub.instance import LocalInstance
from activitypub.jsonld import AS, OUTGOING_CONTEXT
from activitypub.models import Collection, CollectionItem, ItemState


def ordered_collection(
    uri: str,
    *,
    total: int,
    first: str | None = None,
    last: str | None = None,
    items: Sequence[Document | str] | None = None,
) -> Document:
    """Return a collection: whole with `items`, or its cover. One with neither pages nor items hides them."""
    return present(
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


def collection_document(collection: Collection, instance: LocalInstance) -> Document:
    """Return a choice of actors that one of ours made: those who agreed, each with what says so (FEP-7aa9)."""
    items = [item for each in collection.items if (item := _featured(each, collection, instance))]
    about = {
        "type": "FeaturedCollection",
        "attributedTo": collection.actor.uri,
        "name": collection.name,
        "summary": collection.description or None,
        "sensitive": collection.sensitive,
        "discoverable": collection.discoverable,
        "topic": {"type": "Hashtag", "name": f"#{collection.tag}"} if collection.tag else None,
        "published": timestamp(collection.created_at),
        "updated": timestamp(collection.updated_at),
    }
    document = ordered_collection(collection.uri, total=len(items), items=items)
    return present({**document, "@context": OUTGOING_CONTEXT, **about})


def _featured(item: CollectionItem, collection: Collection, instance: LocalInstance) -> Document | None:
    stamp = instance.feature_uri(item.actor.uri, item.id) if item.actor.is_local else item.authorization_uri
    if item.state is not ItemState.ACCEPTED or item.actor.suspended_at is not None or stamp is None:
        return None
    return {
        "id": f"{collection.uri}#{item.id}",
        "type": "FeaturedItem",
        "featuredObject": item.actor.uri,
        "featureAuthorization": stamp,
        "published": timestamp(item.created_at),
    }


def feature_authorization_document(item: CollectionItem, collection_uri: str, instance: LocalInstance) -> Document:
    """Return what says that one of ours agrees to be shown in a collection (FEP-7aa9)."""
    return {
        "@context": OUTGOING_CONTEXT,
        "id": instance.feature_uri(item.actor.uri, item.id),
        "type": "FeatureAuthorization",
        "attributedTo": item.actor.uri,
        "interactingObject": collection_uri,
        "interactionTarget": item.actor.uri,
    }


def collection_page(
    uri: str,
    *,
    part_of: str,
    items: Sequence[Document | str],
    next: str | None = None,  # noqa: A002 (its name in ActivityStreams)
    prev: str | None = None,
) -> Document:
    """Return one page of an ordered collection; embedded documents lose their own context."""
    return present(
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
