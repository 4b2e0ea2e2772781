"""Where other sites send people from here who want to write about something: /share, filled in beforehand.

The address is Mastodon's, and the `Create` of FEP-3b86 in WebFinger. What arrives with it is a proposal: nothing is
written before the person who is logged in has seen it and pressed the button of a form of ours (row J04).
"""

import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from quart import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.mentions import resolve_mentions
from fediverse_kommune.server import Server
from fediverse_kommune.services import statuses
from fediverse_kommune.services.preferences import preference_of
from fediverse_kommune.services.refusals import Invalid, Repeated
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.login import login_page_for
from fediverse_kommune.web.sessions import LoggedIn, Sessions

PATH = "/share"
PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
CHOICES = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE)
KEY_CHARACTERS = 64


class Draft(Struct, frozen=True):
    """What stands in the form. `key` makes one post of a form that is sent twice."""

    text: str
    visibility: Visibility
    key: str


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the page and what its form leads to."""
    routes = Blueprint("share", __name__)

    @routes.get(PATH)
    @declared(PAGE)
    async def show() -> Any:
        person = await sessions.current(request)
        if person is None:
            return Response(b"", 303, {"Location": login_page_for(f"{PATH}?{urlencode(list(request.args.items()))}")})
        if "written" in request.args:
            return await render_template("share.html", person=person, draft=None)
        preference = await server.db.read(preference_of, person.actor.id)
        usual = preference.visibility if preference.visibility in CHOICES else Visibility.PRIVATE
        draft = Draft(proposed(request.args.get(name, "") for name in ("title", "text", "url")), usual, _new_key())
        return await _page(person, draft)

    @routes.post(PATH)
    @declared(PAGE)
    async def write() -> Any:
        await guard.check()
        form = await request.form
        person = await sessions.current(request)
        if person is None:
            return Response(b"", 303, {"Location": login_page_for(PATH)})
        draft = Draft(form.get("text", ""), _visibility(form.get("visibility")), form.get("key", "")[:KEY_CHARACTERS])
        await resolve_mentions(server, draft.text)
        try:
            await _write(server, person, draft)
        except Invalid:
            return await _page(person, draft, failed=True), 422
        return Response(b"", 303, {"Location": f"{PATH}?written=1"})

    return routes


def proposed(parts: Iterable[str]) -> str:
    """Return what a site proposes to write: title, text and address, each on its own, and nothing twice."""
    kept: list[str] = []
    for part in parts:
        said = part.replace("\r\n", "\n").strip()
        if said and not any(said in earlier for earlier in kept):
            kept.append(said)
    return "\n\n".join(kept)[: statuses.TYPED_CHARACTERS]


async def _write(server: Server, person: LoggedIn, draft: Draft) -> None:
    language = (await server.db.read(_language, person)).partition("-")[0]
    form = statuses.StatusForm(
        text=draft.text,
        visibility=draft.visibility,
        language=language,
        idempotency_key=draft.key or None,
    )
    try:
        await server.db.write(_create, person.actor.id, form)
    except Repeated:
        # The same form twice at once: the other one has been committed, so this finds its status.
        await server.db.write(_create, person.actor.id, form)


def _create(unit: Unit, actor_id: int, form: statuses.StatusForm) -> Status:
    return statuses.create_status(unit, unit.get_one(Actor, actor_id), form)


def _language(session: Session, person: LoggedIn) -> str:
    return preference_of(session, person.actor.id).language or person.locale


def _visibility(word: str | None) -> Visibility:
    """Return for whom to write; for fewer people rather than more where the form does not say it."""
    return Visibility(word) if word in set(CHOICES) else Visibility.PRIVATE


def _new_key() -> str:
    return secrets.token_urlsafe(16)


async def _page(person: LoggedIn, draft: Draft, *, failed: bool = False) -> str:
    most = statuses.CHARACTERS
    return await render_template("share.html", person=person, draft=draft, choices=CHOICES, failed=failed, most=most)
