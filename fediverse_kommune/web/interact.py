"""Where other servers send people from here who want to follow, like, pass on or join what they found there.

A visitor sees what is stored already; only for somebody who is logged in anything is fetched. What changes something
is a form of our own (row J04), and acts as the person who is logged in.

Source: https://www.rfc-editor.org/rfc/rfc7033 and the link relation http://ostatus.org/schema/1.0/subscribe
"""

from datetime import datetime
from urllib.parse import urlencode

from msgspec import Struct
from quart import Blueprint, Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from activitypub.access import readable_by
from activitypub.documents import STATUS_OPTIONS
from activitypub.graph.interactions import find_announce, find_like
from activitypub.graph.relationships import find_follow
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.server import Server
from fediverse_kommune.services import interactions, relationships, search
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.login import login_page_for
from fediverse_kommune.web.participation import Gathering, read_gathering
from fediverse_kommune.web.reading import row_id
from fediverse_kommune.web.sessions import LoggedIn, Sessions

PATH = "/authorize_interaction"
PAGE = Declaration(Auth.COOKIE, Cache.NEVER)


class Target(Struct, frozen=True):
    """An actor or a post that somebody wants to do something with, and what the one who is logged in did already."""

    actor: Actor
    status: Status | None = None
    follows: bool = False
    asked: bool = False
    likes: bool = False
    announces: bool = False
    is_oneself: bool = False
    gathering: Gathering | None = None


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the page and what its forms lead to."""
    routes = Blueprint("interact", __name__)

    @routes.get(PATH)
    @declared(PAGE)
    async def show() -> Response:
        wanted = request.args.get("uri", "").strip()
        person = await sessions.current(request)
        if person is not None:
            await search.resolve(server.resolver, server.blocks, wanted)
        target = await server.db.read(find_target, wanted, server.instance, person, server.clock())
        if target is not None and await server.blocks.is_suspended(target.actor.host):
            target = None
        page = await render_template(
            "interact.html", wanted=wanted, target=target, person=person, here=_page_for(wanted)
        )
        return Response(page, 200 if target or person is None else 404)

    @routes.post(PATH)
    @declared(PAGE)
    async def act() -> Response:
        await guard.check()
        form = await request.form
        wanted = form.get("uri", "")
        person = await sessions.current(request)
        if person is None:
            return Response(b"", 303, {"Location": login_page_for(_page_for(wanted))})
        await server.db.write(perform, person.actor, form.get("action", ""), row_id(form.get("id", "")))
        return Response(b"", 303, {"Location": _page_for(wanted)})

    return routes


def find_target(
    session: Session, wanted: str, instance: LocalInstance, person: LoggedIn | None, now: datetime
) -> Target | None:
    """Return what a handle or an address means, if it is stored and the person may see it."""
    found = _stored(session, wanted, instance)
    viewer = person.actor if person else None
    if isinstance(found, Status):
        status = session.scalar(
            select(Status).where(Status.id == found.id, readable_by(viewer)).options(*STATUS_OPTIONS)
        )
        return _post(session, status, viewer, now) if status else None
    return _somebody(session, found, viewer) if found else None


def perform(unit: Unit, actor: Actor, action: str, target_id: int) -> None:
    """Do what a button says. Raises `NotFound` and `Forbidden` like the services, `BadRequest` for no such button."""
    match action:
        case "follow":
            relationships.follow(unit, actor, target_id, relationships.FollowWishes())
        case "like":
            interactions.like(unit, actor, target_id)
        case "announce":
            interactions.announce(unit, actor, target_id)
        case _:
            raise BadRequest


def _stored(session: Session, wanted: str, instance: LocalInstance) -> Actor | Status | None:
    if search.as_handle(wanted, instance) is not None:
        found = search.find_accounts(session, search.AccountSearch(wanted, limit=1), instance)
        return found[0] if found else None
    url = search.as_url(wanted, instance)
    return search.find_by_url(session, url) if url else None


def _somebody(session: Session, actor: Actor, viewer: Actor | None) -> Target:
    if viewer is None:
        return Target(actor)
    follow = find_follow(session, viewer.id, actor.id)
    return Target(
        actor,
        follows=follow is not None and follow.accepted_at is not None,
        asked=follow is not None and follow.accepted_at is None,
        is_oneself=viewer.id == actor.id,
    )


def _post(session: Session, status: Status, viewer: Actor | None, now: datetime) -> Target:
    gathering = read_gathering(session, status, viewer, now)
    if viewer is None:
        return Target(status.actor, status, gathering=gathering)
    return Target(
        status.actor,
        status,
        likes=find_like(session, viewer.id, status.id) is not None,
        announces=find_announce(session, viewer.id, status.id) is not None,
        gathering=gathering,
    )


def _page_for(wanted: str) -> str:
    return f"{PATH}?{urlencode({'uri': wanted})}"
