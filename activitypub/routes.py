"""GET of everything that has an id: actors, statuses and their collections, for whoever may read them.

The same URL shows a page to people: without an ActivityPub type in `Accept`, the answer leads to the page.
"""

from collections.abc import Callable, Mapping
from typing import Any

from quart import Blueprint, Response, redirect, request
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from activitypub import event_collections
from activitypub.access import OPEN, readable_by
from activitypub.actor_documents import (
    ACTOR_OPTIONS,
    actor_document,
    featured_tag_document,
    instance_actor_document,
    moderators_uri,
    relay_document,
    team_document,
    team_uri,
)
from activitypub.authorized_fetch import Unwelcome, ViewerFinder
from activitypub.collection_documents import ordered_collection
from activitypub.consent_documents import find_authorization, find_stamp
from activitypub.documents import STATUS_OPTIONS, Document, note_document, tombstone_document
from activitypub.graph.threads import open_thread
from activitypub.instance import INSTANCE_ACTOR_PATH, RELAY_PATH, LocalInstance
from activitypub.kept_documents import Generation, KeptDocument, KeptDocuments
from activitypub.models import (
    Actor,
    Block,
    FeaturedTag,
    Status,
    Tombstone,
)
from activitypub.paged_collections import (
    context_collection,
    network_collection,
    reactions_collection,
    replies_collection,
)
from activitypub.resolver import Resolver
from activitypub.responses import activity_response, error_response, wants_activity, written_response
from activitypub.strict_json import write


def blueprint(resolver: Resolver, viewers: ViewerFinder, generation: Generation) -> Blueprint:
    """Return the routes of actors, statuses and their collections."""
    views = DocumentViews(resolver, viewers, KeptDocuments(generation))
    routes = Blueprint("activitypub", __name__)
    for rule, view in (
        (INSTANCE_ACTOR_PATH, views.instance_actor),
        (RELAY_PATH, views.relay),
        (f"{RELAY_PATH}/<any(followers, following):name>", views.relay_network),
        ("/users/<username>", views.actor),
        ("/users/<username>/followers", views.followers),
        ("/users/<username>/following", views.following),
        ("/users/<username>/featured", views.featured),
        ("/users/<username>/upcoming_events", views.upcoming_events),
        ("/users/<username>/moderators", views.moderators),
        ("/users/<username>/team", views.team),
        ("/users/<username>/featured_tags", views.featured_tags),
        ("/users/<username>/statuses/<int:status_id>", views.status),
        ("/users/<username>/statuses/<int:status_id>/replies", views.replies),
        ("/users/<username>/statuses/<int:status_id>/context", views.thread),
        ("/users/<username>/statuses/<int:status_id>/likes", views.likes),
        ("/users/<username>/statuses/<int:status_id>/shares", views.shares),
        ("/users/<username>/statuses/<int:status_id>/emoji_reactions", views.emoji_reactions),
        ("/users/<username>/statuses/<int:status_id>/attendees", views.attendees),
        ("/users/<username>/statuses/<int:status_id>/organizers", views.organizers),
        ("/users/<username>/quote_authorizations/<int:quote_id>", views.quote_authorization),
        ("/users/<username>/authorizations/<int:request_id>", views.authorization),
    ):
        routes.add_url_rule(rule, view_func=view, endpoint=view.__name__, methods=["GET"])
    return routes


class DocumentViews:
    """Answers for our own ids."""

    def __init__(self, resolver: Resolver, viewers: ViewerFinder, kept: KeptDocuments) -> None:
        self._viewers = viewers
        self._kept = kept
        self._db = resolver.ctx.db
        self._clock = resolver.ctx.clock
        self._instance = resolver.ctx.instance
        # In secure mode an answer depends on who signed, so no cache in between may keep it (row H05).
        self._shared = not self._instance.secure_mode

    async def instance_actor(self) -> Response:
        """Answer with the instance actor: to anybody, or no two servers in secure mode could ever meet."""
        actor = await self._db.read(local_instance_actor, self._instance)
        if actor is None:
            return error_response(404, "The instance actor does not exist yet.")
        return activity_response(instance_actor_document(actor, self._instance), shared=True)

    async def relay(self) -> Response:
        """Answer with the actor that passes public posts on, where there is one."""
        actor = await self._db.read(_relay_actor, self._instance) if self._instance.relays else None
        if actor is None:
            return error_response(404, "There is no relay here.")
        return activity_response(relay_document(actor, self._instance), shared=True)

    async def relay_network(self, name: str) -> Response:
        """Answer with a collection of the relay that names nobody."""
        if not self._instance.relays:
            return error_response(404, "There is no relay here.")
        uri = f"{self._instance.relay_uri}/{name}"
        return activity_response(ordered_collection(uri, total=0), shared=True)

    async def actor(self, username: str) -> Any:
        """Answer with an actor of ours."""
        if not wants_activity(request):
            return redirect(self._instance.profile_url(username))
        uri = self._instance.user_uri(username)
        kept = await self._kept.get(uri, lambda: self._db.read(_written_actor, username, self._instance))
        viewer = await self._viewers.viewer(request.scope, unless_unknown=kept is not None)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        return written_response(kept.body, shared=self._shared) if kept else await self._gone_or_unknown(uri)

    async def followers(self, username: str) -> Response:
        """Answer with who follows an actor of ours."""
        return await self._network(username, "followers")

    async def following(self, username: str) -> Response:
        """Answer with whom an actor of ours follows."""
        return await self._network(username, "following")

    async def featured(self, username: str) -> Response:
        """Answer with the statuses an actor of ours shows on top of its profile."""

        def document(session: Session, row: Actor) -> Document:
            items = [note_document(status, self._instance) for status in _featured(session, row.id)]
            return ordered_collection(f"{row.uri}/featured", total=len(items), items=items)

        return await self._about_actor(username, document)

    async def upcoming_events(self, username: str) -> Response:
        """Answer with the public events of an actor of ours that are not over (FEP-8a8e)."""
        now = self._clock()
        return await self._about_actor(
            username, lambda session, row: event_collections.upcoming_events(session, row, now, self._instance)
        )

    async def moderators(self, username: str) -> Response:
        """Answer with who decides in a group of ours (FEP-1b12): an actor that stands for its team."""
        row = await self._group(username)
        if isinstance(row, Response):
            return row
        document = ordered_collection(moderators_uri(row), total=1, items=[team_uri(row)])
        return activity_response(document, shared=self._shared)

    async def team(self, username: str) -> Any:
        """Answer with the actor that stands for the team of a group of ours."""
        if not wants_activity(request):
            return redirect(self._instance.profile_url(username))
        row = await self._group(username)
        if isinstance(row, Response):
            return row
        return activity_response(team_document(row, self._instance), shared=self._shared)

    async def _group(self, username: str) -> Actor | Response:
        """Return a group of ours, or why this viewer gets none."""
        viewer = await self._viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        row = await self._db.read(_local_actor, username)
        if row is None or row.type != "Group":
            return error_response(404, f"There is no group called {username}.")
        return row

    async def featured_tags(self, username: str) -> Response:
        """Answer with the hashtags an actor of ours shows on its profile."""

        def document(session: Session, row: Actor) -> Document:
            items = [featured_tag_document(tag, self._instance) for tag in _featured_tags(session, row.id)]
            return ordered_collection(f"{row.uri}/featured_tags", total=len(items), items=items)

        return await self._about_actor(username, document)

    async def status(self, username: str, status_id: int) -> Any:
        """Answer with a status of ours, to whoever may read it."""
        if not wants_activity(request):
            return redirect(self._instance.status_url(username, status_id))
        uri = self._instance.status_uri(username, status_id)
        kept = await self._kept.get(uri, lambda: self._db.read(_written_status, uri, self._instance))
        viewer = await self._viewers.viewer(request.scope, unless_unknown=kept is not None)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        if kept is not None and (viewer is None or not kept.shuts_out):
            return written_response(kept.body, shared=self._shared)
        row = await self._db.read(_readable_status, uri, viewer)
        if row is None:
            return await self._gone_or_unknown(uri)
        return activity_response(note_document(row, self._instance), shared=self._shared)

    async def replies(self, username: str, status_id: int) -> Response:
        """Answer with the public replies to a status of ours (FEP-7458), the oldest first: all on one page."""
        paged = "page" in request.args
        return await self._about_status(
            username, status_id, lambda session, row: replies_collection(session, row, paged=paged)
        )

    async def thread(self, username: str, status_id: int) -> Response:
        """Answer with all open statuses of a thread that a status of ours began, the oldest first (FEP-f228)."""
        above = request.args.get("min_id", type=int)
        paged = "page" in request.args or above is not None

        def document(session: Session, status: Status, viewer: Actor | None) -> Document | None:
            if status.in_reply_to_uri is not None or status.visibility not in OPEN:
                return None
            return context_collection(status, open_thread(session, status, viewer), paged=paged, above=above or 0)

        return await self._about_readable(username, status_id, document)

    async def likes(self, username: str, status_id: int) -> Response:
        """Answer with how many like a status of ours; who they are is theirs to tell."""
        return await self._about_status(
            username, status_id, lambda _, row: ordered_collection(f"{row.uri}/likes", total=row.likes_count)
        )

    async def shares(self, username: str, status_id: int) -> Response:
        """Answer with how many passed a status of ours on."""
        return await self._about_status(
            username, status_id, lambda _, row: ordered_collection(f"{row.uri}/shares", total=row.announces_count)
        )

    async def emoji_reactions(self, username: str, status_id: int) -> Response:
        """Answer with the emoji below a status of ours (FEP-c0e0)."""
        return await self._about_status(username, status_id, reactions_collection)

    async def attendees(self, username: str, status_id: int) -> Response:
        """Answer with how many take part in an event of ours, and with those of them who want to be named."""
        return await self._about_status(username, status_id, event_collections.attendees)

    async def organizers(self, username: str, status_id: int) -> Response:
        """Answer with who organises an event of ours."""
        return await self._about_readable(
            username, status_id, lambda _, row, __: event_collections.organizers(row) if row.event else None
        )

    async def quote_authorization(self, username: str, quote_id: int) -> Response:
        """Answer with the stamp by which one of ours allows a quote: to everyone, for it tells no more than two ids."""
        stamp_uri = self._instance.quote_stamp_uri(self._instance.user_uri(username), quote_id)
        document = await self._db.read(find_stamp, stamp_uri)
        if document is None:
            return error_response(404, "There is nothing here.")
        return activity_response(document, shared=self._shared)

    async def authorization(self, username: str, request_id: int) -> Response:
        """Answer with what allows a like, an answer or an announce: to everyone, for it tells no more than two ids."""
        document = await self._db.read(find_authorization, self._instance, username, request_id)
        if document is None:
            return error_response(404, "There is nothing here.")
        return activity_response(document, shared=self._shared)

    async def _about_actor(self, username: str, document: Callable[[Session, Actor], Mapping[str, Any]]) -> Response:
        """Answer with a collection of an actor of ours."""
        viewer = await self._viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)

        def found(session: Session) -> Mapping[str, Any] | None:
            row = _local_actor(session, username)
            return None if row is None else document(session, row)

        collection = await self._db.read(found)
        if collection is None:
            return error_response(404, f"Nobody here is called {username}.")
        return activity_response(collection, shared=self._shared)

    async def _about_status(
        self, username: str, status_id: int, document: Callable[[Session, Status], Document]
    ) -> Response:
        """Answer with a collection of a status, to whoever may read the status."""
        return await self._about_readable(username, status_id, lambda session, row, _: document(session, row))

    async def _about_readable(
        self, username: str, status_id: int, document: Callable[[Session, Status, Actor | None], Document | None]
    ) -> Response:
        """Answer with what `document` makes of a status for the viewer, to whoever may read the status."""
        viewer = await self._viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)

        def found(session: Session) -> Document | None:
            row = _readable_status(session, self._instance.status_uri(username, status_id), viewer)
            return None if row is None else document(session, row, viewer)

        collection = await self._db.read(found)
        if collection is None:
            return error_response(404, "There is nothing here.")
        return activity_response(collection, shared=False)

    async def _network(self, username: str, name: str) -> Response:
        below = request.args.get("max_id", type=int)
        paged = "page" in request.args or below is not None
        return await self._about_actor(
            username, lambda session, row: network_collection(session, row, name, paged=paged, below=below)
        )

    async def _gone_or_unknown(self, uri: str) -> Response:
        """Answer 410 with a Tombstone for what was here; 404 for all else, whether it exists or not (row H04)."""
        tombstone = await self._db.read(lambda session: session.get(Tombstone, uri))
        if tombstone is None:
            return error_response(404, "There is nothing here.")
        document = tombstone_document(uri, former_type=tombstone.former_type, deleted_at=tombstone.deleted_at)
        return activity_response(document, shared=True, status=410)


def _relay_actor(session: Session, instance: LocalInstance) -> Actor | None:
    return session.scalar(select(Actor).where(Actor.uri == instance.relay_uri).options(*ACTOR_OPTIONS))


def local_instance_actor(session: Session, instance: LocalInstance) -> Actor | None:
    """Return the instance actor with its keys."""
    return _local_actor(session, instance.actor_username)


def _local_actor(session: Session, username: str) -> Actor | None:
    actor = _named_actor(session, username)
    return actor if actor is not None and actor.suspended_at is None else None


def _named_actor(session: Session, username: str) -> Actor | None:
    """Return an actor of ours that others may hear of, also a suspended one: its document says that it is."""
    return session.scalar(
        select(Actor)
        .where(Actor.handle == username.lower(), Actor.domain.is_(None), Actor.purged_at.is_(None))
        .where(Actor.local_only.is_(False))
        .options(*ACTOR_OPTIONS)
    )


def _written_actor(session: Session, username: str, instance: LocalInstance) -> KeptDocument | None:
    row = _named_actor(session, username)
    return KeptDocument(write(actor_document(row, instance))) if row is not None else None


def _written_status(session: Session, uri: str, instance: LocalInstance) -> KeptDocument | None:
    """Return a status as everybody may read it but those whom its author has shut out."""
    row = _readable_status(session, uri, None)
    if row is None:
        return None
    shuts_out = session.scalar(select(exists().where(Block.actor_id == row.actor_id)))
    return KeptDocument(write(note_document(row, instance)), shuts_out=bool(shuts_out))


def _readable_status(session: Session, uri: str, viewer: Actor | None) -> Status | None:
    return session.scalar(select(Status).where(Status.uri == uri, readable_by(viewer)).options(*STATUS_OPTIONS))


def _featured(session: Session, actor_id: int) -> list[Status]:
    query = (
        select(Status)
        .where(Status.actor_id == actor_id, Status.pinned_at.is_not(None), readable_by(None))
        .order_by(Status.pinned_at.desc())
        .options(*STATUS_OPTIONS)
    )
    return list(session.scalars(query))


def _featured_tags(session: Session, actor_id: int) -> list[FeaturedTag]:
    return list(session.scalars(select(FeaturedTag).where(FeaturedTag.actor_id == actor_id).order_by(FeaturedTag.id)))
