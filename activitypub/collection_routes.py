"""GET of collections that actors of ours made, and of what says that one of ours agrees to be in one (FEP-7aa9)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from quart import Blueprint, Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.authorized_fetch import Unwelcome, ViewerFinder
from activitypub.collection_documents import (
    COLLECTION_OPTIONS,
    collection_document,
    feature_authorization_document,
    ordered_collection,
)
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Collection, CollectionItem, ItemState
from activitypub.resolver import Resolver
from activitypub.responses import activity_response, error_response, wants_activity


def blueprint(resolver: Resolver, viewers: ViewerFinder) -> Blueprint:
    """Return the routes."""
    views = CollectionViews(resolver, viewers)
    routes = Blueprint("collections", __name__)
    for rule, view in (
        ("/users/<username>/collections", views.collections),
        ("/users/<username>/collections/<int:collection_id>", views.collection),
        ("/users/<username>/feature_authorizations/<int:item_id>", views.feature_authorization),
    ):
        routes.add_url_rule(rule, view_func=view, endpoint=view.__name__, methods=["GET"])
    return routes


class CollectionViews:
    """Answers for collections."""

    def __init__(self, resolver: Resolver, viewers: ViewerFinder) -> None:
        self._viewers = viewers
        self._db = resolver.ctx.db
        self._instance = resolver.ctx.instance

    async def collections(self, username: str) -> Any:
        """Answer with the ids of the collections of an actor that are to be discovered."""
        if not wants_activity(request):
            return redirect(self._instance.profile_url(username))
        uri = self._instance.user_uri(username)
        return await self._answer(partial(_collections, actor_uri=uri))

    async def collection(self, username: str, collection_id: int) -> Any:
        """Answer with a collection: those who agreed to be shown."""
        if not wants_activity(request):
            return redirect(self._instance.profile_url(username))
        uri = self._instance.collection_uri(username, collection_id)
        return await self._answer(partial(_collection, uri=uri, instance=self._instance))

    async def feature_authorization(self, username: str, item_id: int) -> Response:
        """Answer with what says that one of ours agrees, as long as it does: to everyone, for it tells but two ids."""
        document = await self._db.read(_authorization, self._instance.user_uri(username), item_id, self._instance)
        if document is None:
            return error_response(404, "There is nothing here.")
        return activity_response(document, shared=not self._instance.secure_mode)

    async def _answer(self, find: Callable[[Session], Mapping[str, Any] | None]) -> Response:
        viewer = await self._viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        document = await self._db.read(find)
        if document is None:
            return error_response(404, "There is nothing here.")
        return activity_response(document, shared=not self._instance.secure_mode)


_HEARD_OF = (Actor.suspended_at.is_(None), Actor.local_only.is_(False), Actor.domain.is_(None))


def _collections(session: Session, actor_uri: str) -> Mapping[str, Any] | None:
    if session.scalar(select(Actor.id).where(Actor.uri == actor_uri, *_HEARD_OF)) is None:
        return None
    mine = select(Collection.uri).join(Actor, Actor.id == Collection.actor_id)
    uris = session.scalars(mine.where(Actor.uri == actor_uri, Collection.discoverable).order_by(Collection.id)).all()
    return ordered_collection(f"{actor_uri}/collections", total=len(uris), items=uris)


def _collection(session: Session, uri: str, instance: LocalInstance) -> Mapping[str, Any] | None:
    row = session.scalar(
        select(Collection)
        .join(Actor, Actor.id == Collection.actor_id)
        .where(Collection.uri == uri, *_HEARD_OF)
        .options(*COLLECTION_OPTIONS)
    )
    return None if row is None else collection_document(row, instance)


def _authorization(session: Session, actor_uri: str, item_id: int, instance: LocalInstance) -> Mapping[str, Any] | None:
    """Return what holds now: neither who is shown nor who shows has left, nor taken it back."""
    found = session.execute(
        select(CollectionItem, Collection.uri)
        .join(Collection, Collection.id == CollectionItem.collection_id)
        .join(Actor, Actor.id == CollectionItem.actor_id)
        .where(CollectionItem.id == item_id, CollectionItem.state == ItemState.ACCEPTED)
        .where(Actor.uri == actor_uri, *_HEARD_OF)
        .options(joinedload(CollectionItem.actor))
    ).one_or_none()
    return None if found is None else feature_authorization_document(found[0], found[1], instance)
