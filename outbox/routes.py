"""GET of an outbox: what an actor has said to everyone, newest first, for servers that backfill.

Only public and unlisted posts and announces are in it, for everyone the same: what is for fewer is delivered.

Source: https://www.w3.org/TR/activitypub/#outbox
"""

from quart import Blueprint, Response, request
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, contains_eager

from activitypub.access import OPEN, readable_by
from activitypub.authorized_fetch import Unwelcome, ViewerFinder
from activitypub.collection_documents import collection_page, ordered_collection
from activitypub.context import FederationContext
from activitypub.documents import STATUS_OPTIONS, Document
from activitypub.followers_sync import followers_by_host, partial_collection
from activitypub.graph.actors import find_by_handle
from activitypub.instance import INSTANCE_ACTOR_PATH, RELAY_PATH, LocalInstance
from activitypub.models import Actor, Announce, Status
from activitypub.responses import activity_response, error_response
from outbox import activities

PAGE = 20  # as many as Mastodon shows

Entry = Status | Announce


def blueprint(ctx: FederationContext, viewers: ViewerFinder) -> Blueprint:
    """Return the route of every local actor's outbox."""
    routes = Blueprint("outbox", __name__)
    # In secure mode an answer depends on who signed, so no cache in between may keep it (row H05).
    shared = not ctx.instance.secure_mode

    @routes.get("/users/<username>/outbox")
    async def outbox(username: str) -> Response:
        viewer = await viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        below = request.args.get("max_id", type=int)
        if "page" in request.args or below is not None:
            document = await ctx.db.read(outbox_page, ctx.instance, username, below=below)
        else:
            document = await ctx.db.read(outbox_cover, username)
        if document is None:
            return error_response(404, f"Nobody here is called {username}.")
        return activity_response(document, shared=shared)

    @routes.get("/users/<username>/statuses/<int:status_id>/activity")
    async def creation(username: str, status_id: int) -> Response:
        """Answer with the Create of a status, to whoever may read the status: who reads an outbox may ask for each."""
        viewer = await viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        document = await ctx.db.read(creation_of, ctx.instance, ctx.instance.status_uri(username, status_id), viewer)
        if document is None:
            return error_response(404, "There is nothing here.")
        return activity_response(document, shared=False)

    @routes.get(f"{INSTANCE_ACTOR_PATH}/outbox")
    async def instance_outbox() -> Response:
        """Answer for the actor that only signs: it says nothing, and like itself anybody may read that."""
        uri = f"{ctx.instance.actor_uri}/outbox"
        return activity_response(ordered_collection(uri, total=0, items=[]), shared=True)

    @routes.get(f"{RELAY_PATH}/outbox")
    async def relay_outbox() -> Response:
        """Answer for the relay, which says nothing of its own."""
        return activity_response(ordered_collection(f"{ctx.instance.relay_uri}/outbox", total=0, items=[]), shared=True)

    _add_followers_synchronization(routes, ctx, viewers)
    return routes


def _add_followers_synchronization(routes: Blueprint, ctx: FederationContext, viewers: ViewerFinder) -> None:
    """Register where a server reads which of its actors follow one of ours (FEP-8fcf)."""

    @routes.get("/users/<username>/followers_synchronization")
    async def followers_synchronization(username: str) -> Response:
        """Answer with those followers who live on the server that asks, and with nobody's to anybody else."""
        viewer = await viewers.viewer(request.scope)
        if isinstance(viewer, Unwelcome):
            return error_response(viewer.status, viewer.message)
        if viewer is None:
            return error_response(401, "Sign this request: the answer is for the server of the followers alone.")
        document = await ctx.db.read(followers_of_host, username, viewer.host)
        if document is None:
            return error_response(404, f"Nobody here is called {username}.")
        return activity_response(document, shared=False)


def outbox_cover(session: Session, username: str) -> Document | None:
    """Return the collection with its size and where it begins; None if nobody is called that."""
    actor = _owner(session, username)
    if actor is None or actor.outbox_uri is None:
        return None
    counts = (
        select(func.count()).select_from(Status).where(*_said(actor)),
        select(func.count()).select_from(Announce).join(Announce.status).where(*_passed_on(actor)),
    )
    total = sum(session.scalar(count) or 0 for count in counts)
    return ordered_collection(actor.outbox_uri, total=total, first=f"{actor.outbox_uri}?page=true")


def followers_of_host(session: Session, username: str, host: str) -> Document | None:
    """Return who on this host follows an actor (FEP-8fcf), all at once; None if nobody is called that."""
    actor = _owner(session, username)
    if actor is None:
        return None
    followers = followers_by_host(session, [actor.id], [host]).get((actor.id, host), ())
    return ordered_collection(partial_collection(actor.uri), total=len(followers), items=list(followers))


def outbox_page(session: Session, instance: LocalInstance, username: str, *, below: int | None) -> Document | None:
    """Return the `PAGE` newest activities, or those with ids `below`; None if nobody is called that."""
    actor = _owner(session, username)
    if actor is None or actor.outbox_uri is None:
        return None
    entries = _entries(session, actor, below)
    here = f"{actor.outbox_uri}?page=true" if below is None else f"{actor.outbox_uri}?max_id={below}"
    older = f"{actor.outbox_uri}?max_id={entries[-1].id}" if len(entries) == PAGE else None
    items = [_activity(entry, actor, instance) for entry in entries]
    return collection_page(here, part_of=actor.outbox_uri, items=items, next=older)


def creation_of(session: Session, instance: LocalInstance, uri: str, viewer: Actor | None) -> Document | None:
    """Return the Create of a status of ours; None if `viewer` may not read it or it does not exist."""
    status = session.scalar(select(Status).where(Status.uri == uri, readable_by(viewer)).options(*STATUS_OPTIONS))
    return None if status is None else activities.create(status, instance)


def _owner(session: Session, username: str) -> Actor | None:
    actor = find_by_handle(session, username, None)
    return actor if actor is not None and actor.suspended_at is None and not actor.local_only else None


def _said(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Status.actor_id == actor.id, Status.visibility.in_(OPEN), readable_by(None)


def _passed_on(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Announce.actor_id == actor.id, Announce.visibility.in_(OPEN), readable_by(None)


def _entries(session: Session, actor: Actor, below: int | None) -> list[Entry]:
    """Return statuses and announces in one order: their ids share it."""
    statuses = select(Status).where(*_said(actor)).order_by(Status.id.desc()).options(*STATUS_OPTIONS)
    announces = (
        select(Announce)
        .join(Announce.status)
        .where(*_passed_on(actor))
        .order_by(Announce.id.desc())
        .options(contains_eager(Announce.status).joinedload(Status.actor))
    )
    if below is not None:
        statuses, announces = statuses.where(Status.id < below), announces.where(Announce.id < below)
    entries = [*session.scalars(statuses.limit(PAGE)), *session.scalars(announces.limit(PAGE))]
    return sorted(entries, key=lambda entry: entry.id, reverse=True)[:PAGE]


def _activity(entry: Entry, actor: Actor, instance: LocalInstance) -> Document:
    if isinstance(entry, Status):
        return activities.create(entry, instance)
    return activities.announce(entry, actor=actor, status=entry.status, author=entry.status.actor)
