"""Logging in and out."""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint, Response, redirect, render_template, request

from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.server import Server
from fediverse_kommune.services.accounts import find_login
from fediverse_kommune.services.passwords import verify_password
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import Sessions

PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
AT_ONCE = 2  # passwords hashed at the same time: each takes 19 MiB and a core

# A path on this server: "//host" and "/\host" are other servers to a browser (row G11).
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the routes of the login."""
    routes = Blueprint("login", __name__)
    hashing = asyncio.Semaphore(AT_ONCE)

    @routes.get("/login")
    @declared(PAGE)
    async def login_page() -> Any:
        target = local_target(request.args.get("next"))
        if "again" not in request.args and await sessions.current(request):
            return redirect(target, 303)
        return await _page(target)

    @routes.post("/login")
    @declared(PAGE)
    async def login() -> Any:
        await guard.check()
        form = await request.form
        target, name = local_target(form.get("next")), form.get("username", "")
        found = await server.db.read(find_login, name)
        async with hashing:
            stored = found.password_hash if found else None
            matches = await asyncio.to_thread(verify_password, stored, form.get("password", ""))
        if found is None or not matches or not found.active:
            return await _page(target, name=name, failure="inactive" if matches else "wrong"), 422
        response = Response(b"", 303, {"Location": target})
        await sessions.begin(request, response, found.user_id)
        return response

    @routes.post("/logout")
    @declared(PAGE)
    async def logout() -> Any:
        await guard.check()
        response = Response(b"", 303, {"Location": "/"})
        await sessions.end(request, response)
        return response

    return routes


def local_target(path: str | None) -> str:
    """Return where to go after the login: a path of ours, or the front page."""
    return path if path and _LOCAL_PATH.fullmatch(path) else "/"


def login_page_for(path: str) -> str:
    """Return the address of the login that leads on to a page of ours."""
    return f"/login?{urlencode({'next': path})}"


async def _page(target: str, *, name: str = "", failure: str | None = None) -> str:
    return await render_template("login.html", target=target, name=name, failure=failure)
