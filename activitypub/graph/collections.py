"""Collections of ours as far as others have a say in them: whoever is shown from elsewhere agrees before (FEP-7aa9)."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor, Collection, CollectionItem, ItemState
from activitypub.unit import Unit

_REQUEST = "#feature/"


def request_uri(item: CollectionItem, owner: Actor) -> str:
    """Return the id of the FeatureRequest by which `owner` asks whom an item is about."""
    return f"{owner.uri}{_REQUEST}{item.id}"


def find_requested(session: Session, uri: str) -> CollectionItem | None:
    """Return the item that a FeatureRequest of ours was about."""
    owner_uri, _, number = uri.partition(_REQUEST)
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    owned = _items().join(Collection, Collection.id == CollectionItem.collection_id)
    of_owner = owned.join(Actor, Actor.id == Collection.actor_id).where(Actor.uri == owner_uri)
    return session.scalar(of_owner.where(CollectionItem.id == int(number), Actor.domain.is_(None)))


def find_by_authorization(session: Session, uri: str) -> CollectionItem | None:
    """Return the item that shows an authorization."""
    return session.scalar(_items().where(CollectionItem.authorization_uri == uri))


def settle(unit: Unit, item: CollectionItem, state: ItemState, authorization_uri: str | None = None) -> None:
    """Note what whom an item is about says to being shown."""
    item.state, item.authorization_uri = state, authorization_uri
    unit.get_one(Collection, item.collection_id).updated_at = unit.now
    unit.flush()


def _items() -> Select[CollectionItem]:
    return select(CollectionItem).options(joinedload(CollectionItem.actor))
