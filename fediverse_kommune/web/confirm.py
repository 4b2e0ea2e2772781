"""The page behind the link in a mail: it confirms an address when its reader says so, not when a scanner opens it."""

from typing import Any

from quart import Blueprint, render_template, request

from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.server import Server
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.registration import confirm, is_waiting
from fediverse_kommune.web.forms import FormGuard

PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
TOKEN_LENGTH = 128


def blueprint(server: Server, guard: FormGuard) -> Blueprint:
    """Return the page and its form."""
    routes = Blueprint("confirm", __name__)

    @routes.get("/confirm")
    @declared(PAGE)
    async def confirm_page() -> Any:
        token = request.args.get("token", "")[:TOKEN_LENGTH]
        waits = await server.db.read(is_waiting, token, server.clock())
        return await _page("waiting" if waits else "unknown", token), 200 if waits else 404

    @routes.post("/confirm")
    @declared(PAGE)
    async def confirm_address() -> Any:
        await guard.check()
        token = (await request.form).get("token", "")[:TOKEN_LENGTH]
        try:
            user = await server.db.write(confirm, token)
        except NotFound:
            return await _page("unknown"), 404
        return await _page("confirmed" if user.approved_at is not None else "pending")

    return routes


async def _page(state: str, token: str = "") -> str:
    return await render_template("confirm.html", state=state, token=token)
