"""What can be asked for: one `Operation` for each method of each address, in the order of the pages."""

import inspect
import re
from collections.abc import Iterable
from types import FunctionType

from msgspec import Struct

from fediverse_kommune.api.description.reading import Findings, Sources, read_handler
from fediverse_kommune.api.routing import Auth, Declaration, Handler, Route, Routes
from fediverse_kommune.services.staff import Permission

IN_THE_QUERY = frozenset({"GET", "DELETE"})
"""The methods whose parameters the documentation puts into the query; the others have a body."""

_LINK = re.compile(r"https?://[^\s,)]*[^\s,).:]")
_METHODS = re.compile(r"https://docs\.joinmastodon\.org/methods/([a-z_]+(?:/[a-z_]+)?)")
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")


class Page(Struct, frozen=True):
    """A page of somebody's documentation: what it is called here, and its address."""

    name: str
    url: str


class Operation(Struct, frozen=True):
    """One method of one address. `path` has its `variables` in braces."""

    id: str
    method: str
    path: str
    variables: tuple[str, ...]
    page: Page
    summary: str
    declaration: Declaration
    found: Findings
    is_websocket: bool

    @property
    def has_body(self) -> bool:
        """True if parameters are sent in a body."""
        return self.method not in IN_THE_QUERY

    @property
    def permissions(self) -> list[str]:
        """What a person's role has to hold: names such as "manage_users"."""
        return [str(each.name).lower() for each in Permission if each and each in self.declaration.permission]

    @property
    def statuses(self) -> list[int]:
        """The statuses it may answer, without 500: that one is always a fault."""
        succeeds = {status for status in self.found.answers if status < 400} or {101 if self.is_websocket else 200}
        return sorted(succeeds | self.found.answers | self.found.refusals | self._refusals_before())

    def _refusals_before(self) -> set[int]:
        """Return how it may refuse before its own lines begin, or in the readers of parameters."""
        refusals = {429, 503}
        if self.declaration.auth is not Auth.NOBODY_ASKED:
            refusals.add(401)
        if self.declaration.auth is Auth.PERSON or self.declaration.scopes:
            refusals.add(403)
        if self.variables:  # none of which may hold what would make it another address, such as a slash
            refusals.add(404)
        if self.declaration.auth is Auth.PERSON or self.found.parameters:
            refusals.add(422)
        if self.has_body:
            refusals |= {413, 422}
        return refusals


def operations(pages: Iterable[Routes]) -> list[Operation]:
    """Return what all routes of `pages` can be asked. Of a GET and a WebSocket at the same address it is the WebSocket.

    Raises `Unreadable` if nobody can say which parameters a route reads.
    """
    sources = Sources()
    found: dict[tuple[str, str], Operation] = {}
    names: set[str] = set()
    for route in (route for page in pages for route in page.all):
        for method in route.methods:
            operation = _operation(route, method, sources, names)
            key = (method, operation.path)
            if key not in found or operation.is_websocket:
                found[key] = operation
    return list(found.values())


def _operation(route: Route, method: str, sources: Sources, names: set[str]) -> Operation:
    handler = route.handler
    if not isinstance(handler, FunctionType):
        raise TypeError(f"{route.path} is not answered by a function")
    return Operation(
        id=_id(handler, method if method != route.methods[0] else "", names),
        method=method,
        path=_VARIABLE.sub(r"{\1}", route.path),
        variables=tuple(_VARIABLE.findall(route.path)),
        page=_page(handler),
        summary=_first_sentence(inspect.getdoc(handler) or ""),
        declaration=route.declaration,
        found=read_handler(handler, sources),
        is_websocket=route.is_websocket,
    )


def _id(handler: Handler, method: str, names: set[str]) -> str:
    """Return a name that no other operation has: of the module, the handler, and what else it takes."""
    parts = [*_rooms(handler), handler.__name__, method.lower()]
    name = "_".join(part for part in parts if part)
    while name in names:  # one handler may answer at several addresses
        name += "_too"
    names.add(name)
    return name


def _page(handler: Handler) -> Page:
    """Return the page that a module names first in its docstring: called as it calls itself, or as the module."""
    module = inspect.getmodule(handler)
    link = _LINK.search(inspect.getdoc(module) or "")
    if link is None:
        raise ValueError(f"{handler.__module__} does not say where its methods are documented")
    methods = _METHODS.match(link[0])
    *_, room, name = ["", *_rooms(handler)]
    return Page(methods[1] if methods else f"admin/{name}" if room == "admin" else name, link[0])


def _rooms(handler: Handler) -> list[str]:
    """Return where a handler lives: ["v1", "accounts"]."""
    return handler.__module__.removeprefix("fediverse_kommune.").removeprefix("api.").split(".")


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]
