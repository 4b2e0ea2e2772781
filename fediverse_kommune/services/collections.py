"""Named choices of actors, such as "The clubs of our town". https://docs.joinmastodon.org/methods/collections/

Whoever wants to be found may be shown; the one shown can take that back for good. Others see only who agreed, and a
collection of somebody who blocks the reader, or whom the town shut out, does not exist.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from activitypub.marks import find_hashtags
from activitypub.models import Actor, Block, Collection, CollectionItem, ItemState, new_id
from activitypub.unit import Unit
from fediverse_kommune.events import CollectionChanged, CollectionJoined, CollectionLeft
from fediverse_kommune.services.refusals import Findings, Forbidden, Invalid, NotFound
from outbox.send_consent import send_feature_request

COLLECTIONS = 10  # of one actor; `Role.collection_limit` tells clients
ITEMS = 25  # of one collection
NAME_LENGTH = 40
DESCRIPTION_LENGTH = 100
LANGUAGE_LENGTH = 35

SHOWN = (ItemState.ACCEPTED,)
SHOWN_TO_OWNER = (ItemState.ACCEPTED, ItemState.PENDING)
WITH_ITEMS = (joinedload(Collection.actor), selectinload(Collection.items).joinedload(CollectionItem.actor))


class CollectionForm(Struct, frozen=True):
    """A collection as somebody filled it in; None leaves a part of an existing one as it is."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    tag: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None


class Shown(Struct, frozen=True):
    """A collection, and those of its items that the reader may see."""

    collection: Collection
    items: Sequence[CollectionItem]


def find_collection(session: Session, reader: Actor | None, collection_id: int) -> Shown:
    """Return a collection as `reader` may see it. Raises `NotFound`."""
    query = select(Collection).join(Actor, Actor.id == Collection.actor_id)
    row = session.scalar(
        query.where(Collection.id == collection_id, _known_to(reader))
        .options(*WITH_ITEMS)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return _shown(session, reader, [row])[0]


def collections_by_id(session: Session, reader: Actor | None, ids: Sequence[int]) -> dict[int, Shown]:
    """Return those of these collections that `reader` may see, by id."""
    if not ids:
        return {}
    query = select(Collection).join(Actor, Actor.id == Collection.actor_id).where(Collection.id.in_(ids))
    return {shown.collection.id: shown for shown in _page(session, reader, query, 0, len(ids))}


def collections_of(session: Session, reader: Actor | None, actor_id: int, *, offset: int, limit: int) -> list[Shown]:
    """Return the collections of an actor, newest first: to others those that are to be discovered."""
    query = select(Collection).join(Actor, Actor.id == Collection.actor_id).where(Collection.actor_id == actor_id)
    if reader is None or reader.id != actor_id:
        query = query.where(Collection.discoverable)
    return _page(session, reader, query, offset, limit)


def collections_with(session: Session, reader: Actor | None, actor_id: int, *, offset: int, limit: int) -> list[Shown]:
    """Return the collections that show an actor, newest first: to others those that are to be discovered."""
    is_self = reader is not None and reader.id == actor_id
    states = SHOWN_TO_OWNER if is_self else SHOWN
    shows = exists().where(
        CollectionItem.collection_id == Collection.id,
        CollectionItem.actor_id == actor_id,
        CollectionItem.state.in_(states),
    )
    query = select(Collection).join(Actor, Actor.id == Collection.actor_id).where(shows)
    if not is_self:
        query = query.where(or_(Collection.discoverable, Collection.actor_id == (reader.id if reader else None)))
    return _page(session, reader, query, offset, limit)


def create_collection(unit: Unit, owner: Actor, form: CollectionForm, account_ids: Sequence[int]) -> Collection:
    """Create a collection with those it shows. Raises `Invalid`."""
    held = unit.scalar(select(func.count()).where(Collection.actor_id == owner.id)) or 0
    if held >= COLLECTIONS:
        raise Invalid(f"You have {COLLECTIONS} collections already.")
    if len(account_ids) > ITEMS:
        raise Invalid(f"A collection shows at most {ITEMS} accounts.")
    row_id = new_id(unit.now)
    row = Collection(
        id=row_id,
        uri=unit.instance.collection_uri(owner.username, row_id),
        actor_id=owner.id,
        name="",
        description="",
        sensitive=False,
        discoverable=True,
        created_at=unit.now,
    )
    _fill(row, replace(form, name=form.name or ""))
    row.updated_at = unit.now
    unit.add(row)
    unit.flush()
    for account_id in account_ids:
        add_item(unit, owner, row.id, account_id)
    return row


def update_collection(unit: Unit, owner: Actor, collection_id: int, form: CollectionForm) -> Collection:
    """Change what a collection says. Raises `NotFound`, `Forbidden`, `Invalid`."""
    row = _own(unit, owner, collection_id)
    _fill(row, form)
    row.updated_at = unit.now
    unit.flush()
    unit.publish(CollectionChanged(row.id, owner.id))
    return row


def delete_collection(unit: Unit, owner: Actor, collection_id: int) -> None:
    """Delete a collection. Raises `NotFound`, `Forbidden`."""
    row = _own(unit, owner, collection_id)
    unit.execute(delete(Collection).where(Collection.id == row.id))  # its items go by ON DELETE CASCADE


def add_item(unit: Unit, owner: Actor, collection_id: int, account_id: int) -> CollectionItem:
    """Show an actor in a collection, or ask one elsewhere whether it may be shown (FEP-7aa9).

    Raises `NotFound`, `Forbidden`; `Invalid` for one who may not be shown.
    """
    row = _own(unit, owner, collection_id)
    target = unit.get(Actor, account_id)
    if target is None or not _may_show(unit, owner, target):
        raise Invalid("This account cannot be added to a collection.")
    items = unit.scalars(select(CollectionItem).where(CollectionItem.collection_id == row.id)).all()
    if any(item.actor_id == target.id for item in items):
        raise Invalid("This account is in the collection already, or does not want to be.")
    if sum(item.state in SHOWN_TO_OWNER for item in items) >= ITEMS:
        raise Invalid(f"A collection shows at most {ITEMS} accounts.")
    item = CollectionItem(
        id=new_id(unit.now),
        collection_id=row.id,
        actor_id=target.id,
        position=1 + max((item.position for item in items), default=0),
        state=ItemState.ACCEPTED if target.is_local else ItemState.PENDING,
        created_at=unit.now,
    )
    unit.add(item)
    row.updated_at = unit.now
    unit.flush()
    if target.is_local:
        unit.publish(CollectionJoined(row.id, owner.id, target.id))
    else:
        send_feature_request(unit, item, row.uri, owner=owner, target=target)
    return item


def remove_item(unit: Unit, owner: Actor, collection_id: int, item_id: int) -> None:
    """Show an actor no longer. Raises `NotFound`, `Forbidden`. Who took it back themselves is remembered."""
    row = _own(unit, owner, collection_id)
    item = _item(unit, row.id, item_id)
    if item.state is not ItemState.REVOKED:
        unit.delete(item)
        row.updated_at = unit.now
    unit.flush()
    unit.publish(CollectionLeft(row.id, owner.id, item.actor_id))


def revoke_item(unit: Unit, actor: Actor, collection_id: int, item_id: int) -> None:
    """Take oneself out of somebody's collection, for good. Raises `NotFound`, `Forbidden`."""
    item = _item(unit, collection_id, item_id)
    if item.actor_id != actor.id:
        raise Forbidden("This action is not allowed")
    item.state = ItemState.REVOKED
    unit.flush()


# ----------------------------------------------------------------------------------------------- the steps


def _known_to(reader: Actor | None) -> ColumnElement[bool]:
    """True for a collection whose owner, joined as `Actor`, is not shut out and does not block the reader."""
    here = Actor.suspended_at.is_(None)
    if reader is None:
        return here
    return and_(here, ~exists().where(Block.actor_id == Actor.id, Block.target_id == reader.id))


def _page(session: Session, reader: Actor | None, query: Select[Collection], offset: int, limit: int) -> list[Shown]:
    rows = session.scalars(
        query.where(_known_to(reader))
        .order_by(Collection.id.desc())
        .offset(offset)
        .limit(limit)
        .options(*WITH_ITEMS)
        .execution_options(populate_existing=True)
    ).all()
    return _shown(session, reader, rows)


def _shown(session: Session, reader: Actor | None, rows: Sequence[Collection]) -> list[Shown]:
    blocked = _blocked_by(session, reader, [item.actor_id for row in rows for item in row.items])
    return [Shown(row, [item for item in row.items if _is_shown(item, row, reader, blocked)]) for row in rows]


def _is_shown(item: CollectionItem, row: Collection, reader: Actor | None, blocked: frozenset[int]) -> bool:
    owns = reader is not None and reader.id == row.actor_id
    is_self = reader is not None and reader.id == item.actor_id
    states = SHOWN_TO_OWNER if owns or is_self else SHOWN
    return item.state in states and item.actor.suspended_at is None and item.actor_id not in blocked


def _blocked_by(session: Session, reader: Actor | None, ids: Sequence[int]) -> frozenset[int]:
    if reader is None or not ids:
        return frozenset()
    query = select(Block.target_id).where(Block.actor_id == reader.id, Block.target_id.in_(ids))
    return frozenset(session.scalars(query))


def _own(unit: Unit, owner: Actor, collection_id: int) -> Collection:
    row = unit.scalar(
        select(Collection)
        .join(Actor, Actor.id == Collection.actor_id)
        .where(Collection.id == collection_id, _known_to(owner))
    )
    if row is None:
        raise NotFound
    if row.actor_id != owner.id:
        raise Forbidden("This action is not allowed")
    return row


def _item(unit: Unit, collection_id: int, item_id: int) -> CollectionItem:
    item = unit.scalar(
        select(CollectionItem).where(CollectionItem.id == item_id, CollectionItem.collection_id == collection_id)
    )
    if item is None:
        raise NotFound
    return item


def _may_show(unit: Unit, owner: Actor, target: Actor) -> bool:
    """True for one who wants to be found, and has no block with the owner either way."""
    if target.id == owner.id:
        return True
    between = or_(
        and_(Block.actor_id == owner.id, Block.target_id == target.id),
        and_(Block.actor_id == target.id, Block.target_id == owner.id),
    )
    blocked = unit.scalar(select(exists().where(between)))
    return target.discoverable and target.suspended_at is None and not blocked


def _fill(row: Collection, form: CollectionForm) -> None:
    """Copy what was filled in. Raises `Invalid` with what is wrong with each part."""
    findings = Findings()
    if form.name is not None:
        row.name = findings.text("name", form.name, most=NAME_LENGTH)
    if form.description is not None:
        row.description = findings.text("description", form.description, most=DESCRIPTION_LENGTH, blank=True)
    if form.language is not None:
        row.language = findings.text("language", form.language, most=LANGUAGE_LENGTH, blank=True) or None
    if form.tag is not None:
        row.tag = _tag(findings, form.tag)
    findings.settle()
    row.sensitive = row.sensitive if form.sensitive is None else form.sensitive
    row.discoverable = row.discoverable if form.discoverable is None else form.discoverable


def _tag(findings: Findings, text: str) -> str | None:
    name = text.strip().removeprefix("#")
    if name and find_hashtags(f"#{name}") != [name]:
        findings.add("tag_name", "ERR_INVALID", "must be a single hashtag")
    return name or None
