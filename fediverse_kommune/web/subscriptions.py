"""The pages behind the links in mails with posts: they confirm a subscription, or end it.

What is shown is the token of the mail, and no cookie: so nobody's login can be misused (row J04), and a mail program
may end a subscription by itself (RFC 8058). To open a page changes nothing: scanners do that.
"""

from typing import Any

from quart import Blueprint, render_template, request

from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.server import Server
from fediverse_kommune.services import subscriptions
from fediverse_kommune.services.refusals import NotFound

PAGE = Declaration(Auth.NOBODY_ASKED, Cache.NEVER)
TOKEN_LENGTH = 128


def blueprint(server: Server) -> Blueprint:
    """Return the pages and their forms."""
    routes = Blueprint("subscriptions", __name__)

    @routes.get("/subscriptions/<any(confirm, end):deed>")
    @declared(PAGE)
    async def ask(deed: str) -> Any:
        try:
            actor = await server.db.read(subscriptions.publisher_of, _token())
        except NotFound:
            return await _page("unknown"), 404
        return await _page(deed, name=actor.name or actor.username, token=_token())

    @routes.post("/subscriptions/confirm")
    @declared(PAGE)
    async def confirm() -> Any:
        try:
            actor = await server.db.write(subscriptions.confirm, _token())
        except NotFound:
            return await _page("unknown"), 404
        return await _page("confirmed", name=actor.name or actor.username)

    @routes.post("/subscriptions/end")
    @declared(PAGE)
    async def end() -> Any:
        await server.db.write(subscriptions.end, _token())
        return await _page("ended")

    return routes


def _token() -> str:
    return request.args.get("token", "")[:TOKEN_LENGTH]


async def _page(state: str, **words: str) -> str:
    return await render_template("subscriptions.html", state=state, **words)
