"""Rows → documents of collections. Pure, as `documents.py` says.

Source: https://www.w3.org/TR/activitystreams-core/#collections
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from activitypub.documents import Document, embedded, present, timestamp
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


def collection_document(collection: Collection) -> Document:
    """Return a choice of actors that one of ours made: those who agreed, in its order."""
    shown = [
        item.actor.uri
        for item in collection.items
        if item.state is ItemState.ACCEPTED and item.actor.suspended_at is None
    ]
    about = {
        "attributedTo": collection.actor.uri,
        "name": collection.name,
        "summary": collection.description or None,
        "published": timestamp(collection.created_at),
        "updated": timestamp(collection.updated_at),
    }
    return ordered_collection(collection.uri, total=len(shown), items=shown) | present(about)


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
