"""Routes that say what they need before they can exist: who may call them, with which scope, who may keep the answer.

A page of the Mastodon documentation is one file with one `Routes`; `blueprint` turns them into views. There is no way
to add a route without declaring it, and what was declared hangs on the view (`view.declaration`), where the sweeps of
the tests find it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from quart import Blueprint, Request, Response, Websocket, request, websocket
from sqlalchemy.orm import Session

from activitypub.caps import CAPS
from activitypub.unit import StorageUnavailable, Unit
from fediverse_kommune.api.auth import Person, Viewer, bearer_token, is_due, note_use, token_elsewhere
from fediverse_kommune.api.errors import ApiError, error_response
from fediverse_kommune.api.kept_answers import Asked
from fediverse_kommune.api.limits import Budget, network_of
from fediverse_kommune.api.pagination import Page, link_header, read_page
from fediverse_kommune.api.params import Params, read_params
from fediverse_kommune.api.preload import Reader
from fediverse_kommune.models import Standing
from fediverse_kommune.server import Server
from fediverse_kommune.services.filtering import ActorFilters
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.scopes import covers
from fediverse_kommune.services.staff import NOT_ALLOWED, Deed, Officer, Permission, allows, carry_out
from fediverse_kommune.services.teams import includes

P = ParamSpec("P")
T = TypeVar("T")

Handler = Callable[..., Awaitable[Any]]


class Auth(StrEnum):
    """Who may call a route."""

    NOBODY_ASKED = "nobody asked"  # the answer is the same for everyone; a token is not looked at
    OPTIONAL = "optional"  # everyone; a token decides what is shown
    APP = "app"  # an app with any token
    PERSON = "person"  # an app with the token of a person
    COOKIE = "cookie"  # a browser; the page sends those who are not logged in to the login


class Cache(StrEnum):
    """Who may keep an answer: the value of `Cache-Control`."""

    NEVER = "private, no-store"
    MINUTE = "public, max-age=60"
    MINUTES = "public, max-age=180"
    HOURS = "public, max-age=3600"
    FOREVER = "public, max-age=31536000, immutable"


class Declaration(Struct, frozen=True):
    """What a route says about itself. One of `scopes` is enough; none means any token will do.

    `upload` lets in bodies of the size of a picture instead of `Caps.body_bytes`. `budget` is one that each call spends
    besides that for requests. `standing` is what a member of a team needs to be to do this as the team's actor,
    `permission` what a person's role must hold. `stream` is for answers that do not end. `kept` ones are given again
    while nothing has changed: for what apps ask for all the time, and what asking changes nothing for.
    """

    auth: Auth
    cache: Cache
    scopes: tuple[str, ...] = ()
    standing: Standing = Standing.VIEWER
    upload: bool = False
    budget: Budget | None = None
    permission: Permission = Permission.NONE
    stream: bool = False
    kept: bool = False


class Declared(Protocol):
    """A view with its declaration."""

    declaration: Declaration


def declared(declaration: Declaration) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Hang a declaration on a view that is no route of the client API: a page, a document, a file."""

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        view.declaration = declaration  # type: ignore[attr-defined]  # functions take attributes; Declared reads them
        return view

    return decorate


class Route(Struct, frozen=True):
    """One address of the client API."""

    methods: tuple[str, ...]
    path: str
    handler: Handler
    declaration: Declaration
    is_websocket: bool = False


class Routes(Struct):
    """The routes of one page of the documentation. `scope` is one scope or several of which one is enough."""

    all: list[Route] = field(default_factory=list)

    def get(
        self,
        path: str,
        *,
        scope: str | tuple[str, ...] = (),
        auth: Auth = Auth.PERSON,
        cache: Cache = Cache.NEVER,
        permission: Permission = Permission.NONE,
        kept: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a route that changes nothing."""
        return self._add(("GET",), path, Declaration(auth, cache, _several(scope), permission=permission, kept=kept))

    def post(self, path: str, **needs: Any) -> Callable[[Handler], Handler]:
        """Declare a route that changes something; see `_changing` for what it can declare."""
        return self._changing(("POST",), path, **needs)

    def patch(self, path: str, **needs: Any) -> Callable[[Handler], Handler]:
        """Declare a route that changes a part. Half of the clients send PUT where the documentation says PATCH."""
        return self._changing(("PATCH", "PUT"), path, **needs)

    def put(self, path: str, **needs: Any) -> Callable[[Handler], Handler]:
        """Declare a route that replaces something."""
        return self._changing(("PUT",), path, **needs)

    def delete(self, path: str, **needs: Any) -> Callable[[Handler], Handler]:
        """Declare a route that removes something."""
        return self._changing(("DELETE",), path, **needs)

    def stream(self, path: str, *, scope: str | tuple[str, ...]) -> Callable[[Handler], Handler]:
        """Declare a route that answers with events until somebody hangs up."""
        return self._add(("GET",), path, Declaration(Auth.PERSON, Cache.NEVER, _several(scope), stream=True))

    def websocket(self, path: str, *, scope: str | tuple[str, ...]) -> Callable[[Handler], Handler]:
        """Declare a WebSocket. Its handler accepts it; until then whatever it raises or returns is an answer."""
        declaration = Declaration(Auth.PERSON, Cache.NEVER, _several(scope), stream=True)

        def remember(handler: Handler) -> Handler:
            self.all.append(Route(("GET",), path, handler, declaration, is_websocket=True))
            return handler

        return remember

    def _changing(
        self,
        methods: tuple[str, ...],
        path: str,
        *,
        scope: str | tuple[str, ...] = (),
        auth: Auth = Auth.PERSON,
        standing: Standing = Standing.AUTHOR,
        upload: bool = False,
        budget: Budget | None = None,
        permission: Permission = Permission.NONE,
    ) -> Callable[[Handler], Handler]:
        if upload:
            budget = Budget.UPLOADS
        declaration = Declaration(auth, Cache.NEVER, _several(scope), standing, upload, budget, permission)
        return self._add(methods, path, declaration)

    def _add(self, methods: tuple[str, ...], path: str, declaration: Declaration) -> Callable[[Handler], Handler]:
        def remember(handler: Handler) -> Handler:
            self.all.append(Route(methods, path, handler, declaration))
            return handler

        return remember


class Answer(Struct, frozen=True):
    """An answer that is more than a JSON value with 200. A `passing` one says what is true of this moment only."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    passing: bool = False


class Call(Struct, frozen=True):
    """One request that may be answered: what was asked, by whom, of which server."""

    server: Server
    request: Request | Websocket
    viewer: Viewer | None
    params: Params

    @property
    def me(self) -> Person:
        """The person behind the token; only routes that declare `Auth.PERSON` can ask."""
        if self.viewer is None or self.viewer.person is None:
            raise AssertionError("a route that needs a person has to declare Auth.PERSON")
        return self.viewer.person

    @property
    def reader(self) -> Reader:
        """Who reads the answer: the actor behind the token, or nobody."""
        person = self.viewer.person if self.viewer else None
        if person is None:
            return Reader(self.server.instance, None, self.server.clock(), kept=self.server.kept)
        filters = ActorFilters(self.server.filters, person.actor.id, person.filters_version)
        return Reader(self.server.instance, person.actor, self.server.clock(), filters, kept=self.server.kept)

    def reader_of(self, context: str) -> Reader:
        """Who reads a list of posts: "home", "notifications", "public", "thread" or "account", as filters call it."""
        return replace(self.reader, context=context)

    @property
    def officer(self) -> Officer:
        """The person behind the token as one who acts for the instance."""
        return Officer(self.me.user_id, self.me.actor.id, self.me.role)

    async def carry_out(self, what: Deed[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what only staff may, with its line in the log."""
        officer = self.officer

        def work(unit: Unit) -> T:
            return carry_out(unit, officer, what, *args, **kwargs)

        return await self.write(work)

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that only reads."""
        return await self.server.db.read(work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that changes something; it is committed when this returns."""
        return await self.server.db.write(work, *args, **kwargs)

    def page(self, *, default: int = 20, most: int = 40) -> Page:
        """Return the part of a list that was asked for."""
        return read_page(self.params, default=default, most=most)

    def listing(self, entities: Sequence[Any], ids: Sequence[int]) -> Answer:
        """Answer with a page of a list whose rows have these ids."""
        url = self.server.instance.origin + self.request.path
        link = link_header(url, list(self.request.args.items(multi=True)), ids)
        return Answer(entities, headers={"Link": link} if link else {})


def blueprint(name: str, server: Server, pages: Iterable[Routes]) -> Blueprint:
    """Return a blueprint with all routes of `pages`."""
    result = Blueprint(name, __name__)
    for number, route in enumerate(route for page in pages for route in page.all):
        endpoint = f"{route.handler.__name__}_{number}"
        # Some clients write "/api/v2/instance/", and Mastodon answers them.
        view, methods = _view(server, route), list(route.methods)
        if route.is_websocket:
            result.add_websocket(route.path, endpoint, view, strict_slashes=False)
        else:
            result.add_url_rule(route.path, endpoint, view, methods=methods, strict_slashes=False)
    return result


def _view(server: Server, route: Route) -> Callable[..., Awaitable[Response]]:
    """Wrap a handler: authenticate, then read the body, then let it answer; whatever it raises becomes JSON."""

    async def view(**names: str) -> Response:
        asked = websocket if route.is_websocket else request
        left: Mapping[str, str] = {}
        try:
            viewer = await _find_viewer(server, asked, route.declaration)
            left = await _count(server, asked, viewer, route.declaration)
            await _authorize(server, asked, viewer, route.declaration)
            response = await _answer(server, asked, viewer, route, names)
        except Exception as failure:  # noqa: BLE001 (every failure of a route becomes an answer; unknown ones are logged)
            response = error_response(failure)
        if not response.headers["Cache-Control"].startswith("public"):  # what caches give to all says nothing of one
            response.headers.update(left)
        return response

    view.declaration = route.declaration  # type: ignore[attr-defined]  # as `declared` does, which is made for names
    return view


async def _answer(
    server: Server, asked: Request | Websocket, viewer: Viewer | None, route: Route, names: Mapping[str, str]
) -> Response:
    """Let the handler answer, unless the same was answered just now and nothing has changed since."""
    before, generation = None, None
    has_body = asked.content_length or "Transfer-Encoding" in asked.headers  # RFC 9112 section 6
    if route.declaration.kept and isinstance(asked, Request) and not has_body:
        before = Asked(viewer.token_id if viewer else None, asked.scope["raw_path"] + b"?" + asked.query_string)
        generation = server.answers.generation
        if (kept := server.answers.recall(before)) is not None:
            return Response(kept[0], headers=kept[1])
    arguments = {name: _identifier(name, text) for name, text in names.items()}
    _check_length(asked, route.declaration)
    call = Call(server, asked, viewer, await read_params(asked))
    answer = await route.handler(call, **arguments)
    response = _response(answer, route.declaration)
    is_passing = isinstance(answer, Answer) and answer.passing
    if before is not None and generation is not None and response.status_code == 200 and not is_passing:
        server.answers.keep(before, await response.get_data(as_text=False), dict(response.headers), generation)
    return response


async def _find_viewer(server: Server, asked: Request | Websocket, needs: Declaration) -> Viewer | None:
    """Return whose token was sent; None if there is none, or none that is valid."""
    header = asked.headers.get("Authorization") or (token_elsewhere(asked) if needs.stream else None)
    token = bearer_token(header)
    if token is None or needs.auth is Auth.NOBODY_ASKED:
        return None
    return await server.viewers.find(token, at_once=asked.method not in {"GET", "HEAD"})


async def _count(
    server: Server, asked: Request | Websocket, viewer: Viewer | None, needs: Declaration
) -> Mapping[str, str]:
    """Count this request, and return the headers that say how many more there may be. Raises `ApiError` if none."""
    allowance = await server.limiter.spend(_charges(asked, viewer, needs))
    if allowance.exceeded:
        raise ApiError(429, "Too many requests", headers=allowance.refusal_headers(server.clock()))
    return allowance.headers()


def _charges(asked: Request | Websocket, viewer: Viewer | None, needs: Declaration) -> list[tuple[Budget, str]]:
    """Return against what this request is counted: an app or a network, the person, and what the route spends."""
    network = f"network {network_of(asked.remote_addr)}"
    whose = network
    charges = [(Budget.REQUESTS, f"token {viewer.token_id}" if viewer else network)]
    if viewer and viewer.person:
        whose = f"person {viewer.person.user_id}"
        charges.append((Budget.ALL_REQUESTS, whose))
    if needs.budget is not None:
        charges.append((needs.budget, network if needs.budget is Budget.SIGN_UPS else whose))
    return charges


async def _authorize(server: Server, asked: Request | Websocket, viewer: Viewer | None, needs: Declaration) -> None:
    """Raise `ApiError` if whoever asks may not, before anything of the body is read (row E15)."""
    if needs.auth is Auth.NOBODY_ASKED:
        return
    if viewer is None:
        if needs.auth is Auth.OPTIONAL and "Authorization" not in asked.headers:
            return
        header = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise ApiError(401, "The access token is invalid", headers=header)
    if is_due(viewer, server.clock()):
        with suppress(StorageUnavailable):  # reading goes on where nothing can be written
            await server.db.write(note_use, viewer.token_id)
    if needs.scopes and not any(covers(viewer.scopes, scope) for scope in needs.scopes):
        # Mastodon's streaming server says 401 here, and nothing else is documented (row H09).
        raise ApiError(401 if needs.stream else 403, "This action is outside the authorized scopes")
    if needs.auth is Auth.PERSON and viewer.waiting is not None:
        lack = "currently pending approval" if viewer.waiting.confirmed else "missing a confirmed e-mail address"
        raise ApiError(403, f"Your login is {lack}")
    if needs.auth is Auth.PERSON and viewer.person is None:
        raise ApiError(422, "This method requires an authenticated user")
    if viewer.person and not includes(viewer.person.standing, needs.standing):
        raise ApiError(403, f"As {viewer.person.standing} of this team you may not do this.")
    if needs.permission and (viewer.person is None or not allows(viewer.person.role, needs.permission)):
        raise ApiError(403, NOT_ALLOWED)


def _identifier(name: str, text: str) -> int | str:
    """Return a part of the path: what is called an id is a number that fits into 63 bits, or nothing here has it."""
    if "\x00" in text:  # PostgreSQL compares no text with it
        raise NotFound
    if not name.endswith("_id"):
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63):
        raise NotFound
    return int(text)


def _check_length(asked: Request | Websocket, needs: Declaration) -> None:
    # The body of an upload is held against its own limit while it arrives (`BoundedRequest`).
    if isinstance(asked, Request) and not needs.upload and (asked.content_length or 0) > CAPS.body_bytes:
        raise ApiError(413, f"The request is larger than {CAPS.body_bytes} bytes.")


def _response(answer: Any, needs: Declaration) -> Response:
    if isinstance(answer, Response):
        response = answer
    else:
        parts = answer if isinstance(answer, Answer) else Answer(answer)
        body = msgspec.json.encode(parts.body)
        response = Response(body, parts.status, content_type="application/json; charset=utf-8")
        response.headers.update(parts.headers)
    response.headers.setdefault("Cache-Control", needs.cache)
    return response


def _several(scope: str | tuple[str, ...]) -> tuple[str, ...]:
    return (scope,) if isinstance(scope, str) else scope
