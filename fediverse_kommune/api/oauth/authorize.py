"""The page on which a person lets an app act for them, as themselves or as an actor of a team they belong to.

https://docs.joinmastodon.org/methods/oauth/#authorize
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import Struct
from quart import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from activitypub.models import Actor
from fediverse_kommune.api.oauth.applications import OUT_OF_BAND
from fediverse_kommune.api.oauth.grants import Consent, issue_code
from fediverse_kommune.api.oauth.requests import (
    PARAMETERS,
    AuthorizationRequest,
    NoSuchClient,
    SentBack,
    destination,
    form_action,
    read_request,
)
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.server import Server
from fediverse_kommune.services import teams
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import LoggedIn, Sessions

PAGE = Declaration(Auth.COOKIE, Cache.NEVER)


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the routes of the consent page."""
    routes = Blueprint("authorize", __name__)

    @routes.get("/oauth/authorize")
    @declared(PAGE)
    async def ask() -> Response:
        asked = _asked(request.args)
        try:
            wanted = await server.db.read(read_request, asked)
        except (NoSuchClient, SentBack) as refusal:
            return await _refuse(refusal)
        person = await sessions.current(request)
        if person is None or request.args.get("force_login") in {"true", "1"}:
            return _to_login(asked, again=person is not None)
        return await _consent_page(server, wanted, asked, person)

    @routes.post("/oauth/authorize")
    @declared(PAGE)
    async def decide() -> Response:
        await guard.check()
        form = await request.form
        asked = _asked(form)
        try:
            wanted = await server.db.read(read_request, asked)
        except (NoSuchClient, SentBack) as refusal:
            return await _refuse(refusal)
        person = await sessions.current(request)
        if person is None:
            return _to_login(asked, again=False)
        if form.get("decision") == "deny":
            return await _answer(wanted, error="access_denied")
        actor_id = await server.db.read(_chosen_actor, person, form.get("actor_id"))
        if actor_id is None:
            return await _error_page(403, "member")
        code = secrets.token_urlsafe(32)
        await server.db.write(issue_code, _consent(wanted, person, actor_id), code)
        return await _answer(wanted, code=code)

    return routes


class Choice(Struct, frozen=True):
    """An actor that the app may be allowed to act as."""

    id: int
    username: str
    name: str


def _asked(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: parameters[name] for name in PARAMETERS if name in parameters}


def _consent(wanted: AuthorizationRequest, person: LoggedIn, actor_id: int) -> Consent:
    return Consent(
        application_id=wanted.application.id,
        user_id=person.user_id,
        actor_id=actor_id,
        redirect_uri=wanted.redirect_uri,
        scopes=" ".join(wanted.scopes),
        code_challenge=wanted.code_challenge,
    )


def _choices(session: Session, user_id: int) -> list[Choice]:
    actors: list[Actor] = [membership.actor for membership in teams.actors_of(session, user_id)]
    return [Choice(actor.id, actor.username, actor.name) for actor in actors]


def _chosen_actor(session: Session, person: LoggedIn, text: str | None) -> int | None:
    """Return the actor that was chosen, one's own by default; None for one that is not theirs to act as."""
    if not text:
        return person.actor.id
    ours = {str(choice.id): choice.id for choice in _choices(session, person.user_id)}
    return ours.get(text)


def _to_login(asked: Mapping[str, str], *, again: bool) -> Response:
    target = f"/oauth/authorize?{urlencode(asked)}"
    query = urlencode({"next": target} | ({"again": "1"} if again else {}))
    return Response(b"", 303, {"Location": f"/login?{query}"})


async def _consent_page(
    server: Server, wanted: AuthorizationRequest, asked: Mapping[str, str], person: LoggedIn
) -> Response:
    body = await render_template(
        "oauth/authorize.html",
        app=wanted.application,
        scopes=wanted.scopes,
        destination=destination(wanted.redirect_uri),
        asked=asked,
        actors=await server.db.read(_choices, person.user_id),
    )
    return _closed(Response(body), form_action(wanted.redirect_uri))


async def _answer(wanted: AuthorizationRequest, **parameters: str) -> Response:
    """Send the person back to the app, or show the code to one who carries it over by hand."""
    if wanted.redirect_uri != OUT_OF_BAND:
        return _closed(Response(b"", 303, {"Location": wanted.answer(**parameters)}))
    if "code" not in parameters:
        return await _error_page(200, "denied")
    return _closed(Response(await render_template("oauth/code.html", code=parameters["code"])))


async def _refuse(refusal: NoSuchClient | SentBack) -> Response:
    if isinstance(refusal, NoSuchClient):
        return await _error_page(400, "client")
    if refusal.redirect_uri == OUT_OF_BAND:
        return await _error_page(400, "request", str(refusal))
    return _closed(Response(b"", 303, {"Location": refusal.location}))


async def _error_page(status: int, reason: str, detail: str = "") -> Response:
    return _closed(Response(await render_template("oauth/error.html", reason=reason, detail=detail), status))


def _closed(response: Response, action: str = "") -> Response:
    """Let nothing out of the page but its form: no frame around it, no address in a Referer (row J14)."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none';"
        f" form-action 'self' {action}; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response
