"""What pages for staff have in common: who may see them, and how they are answered (rows J04 and K01)."""

from typing import Any
from urllib.parse import urlencode

from quart import Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from fediverse_kommune.api.routing import Cache
from fediverse_kommune.services.staff import Officer, Permission, allows
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import LoggedIn, Sessions

SEES, DECIDES = Permission.VIEW_DASHBOARD, Permission.MANAGE_FEDERATION


class StaffGate:
    """Lets staff in. Visitors are sent to the login, and to everybody else the page does not exist."""

    def __init__(self, sessions: Sessions, guard: FormGuard) -> None:
        self._sessions = sessions
        self._guard = guard

    async def person(self, needed: Permission, *, of_form: bool = False) -> LoggedIn | Response:
        """Return who is logged in and may, or what leads to the login. Raises `NotFound` for everybody else."""
        if of_form:
            await self._guard.check()
        person = await self._sessions.current(request)
        if person is None:
            return go_to(f"/login?{urlencode({'next': request.full_path.rstrip('?')})}")
        if not allows(person.role, needed):
            raise NotFound
        return person


def officer_of(person: LoggedIn) -> Officer:
    """Return in whose name somebody's deeds are done."""
    return Officer(person.user_id, person.actor.id, person.role)


def go_to(path: str) -> Response:
    """Return what leads to another page once a form was worked on."""
    return Response(b"", 303, {"Location": path, "Cache-Control": Cache.NEVER})


async def staff_page(template: str, person: LoggedIn, *, refusal: str = "", **shown: Any) -> Response:
    """Return a page; 422 where it says why a form was refused."""
    decides = allows(person.role, DECIDES)
    body = await render_template(template, person=person, decides=decides, refusal=refusal, **shown)
    return Response(body, 422 if refusal else 200, {"Cache-Control": Cache.NEVER})


def number_in(text: str) -> int:
    """Return the number that a form names. Raises `BadRequest` for what no page of ours sends."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise BadRequest
    return int(text)
