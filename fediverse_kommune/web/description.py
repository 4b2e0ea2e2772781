"""The pages about the client API, for people who write apps: what programs read in the OpenAPI document."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from quart import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from fediverse_kommune.api.description.openapi import PATH, Description
from fediverse_kommune.api.description.operations import Operation, Page
from fediverse_kommune.api.description.values import Parameters
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.web import headers
from fediverse_kommune.web.sessions import Sessions


class Line(Struct, frozen=True):
    """A parameter as forms write it, such as `poll[options][]`, with the reader that takes it."""

    name: str
    reader: str
    required: bool


class Group(Struct, frozen=True):
    """The operations of one page of the documentation."""

    page: Page
    operations: Sequence[tuple[Operation, Sequence[Line]]]


def blueprint(sessions: Sessions, description: Description) -> Blueprint:
    """Return the route: what there is to ask for, and with `of` the operations of one page of the documentation."""
    routes = Blueprint("description", __name__)

    @routes.get("/api", strict_slashes=False)
    @declared(Declaration(Auth.OPTIONAL, Cache.MINUTE))
    async def show() -> Response:
        groups = {group.page.name: group for group in _groups((await description.made()).operations)}
        wanted = request.args.get("of")
        if wanted is not None and wanted not in groups:
            raise NotFound
        shown = {"group": groups[wanted]} if wanted else {"groups": list(groups.values()), "document": PATH}
        person = await sessions.current(request)
        page = await render_template("api.html", person=person, **shown)
        return headers.keep_briefly(Response(page), request, sessions.cookie)

    return routes


def _groups(operations: Iterable[Operation]) -> Iterator[Group]:
    """Return the operations by page, the pages by name and those for staff last."""

    def place(operation: Operation) -> tuple[bool, str]:
        name = operation.page.name
        return name.startswith("admin/"), name

    for _, several in groupby(sorted(operations, key=place), key=place):
        found = list(several)
        yield Group(found[0].page, [(each, list(_lines(each.found.parameters))) for each in found])


def _lines(parameters: Parameters, within: str = "") -> Iterator[Line]:
    for name, parameter in parameters.items():
        full = f"{within}[{name}]" if within else name
        match parameter.reader:
            case "nested":
                yield from _lines(parameter.inside, full)
            case "entries":
                yield from _lines(parameter.inside, f"{full}[]")
            case "many" | "ids":
                yield Line(f"{full}[]", parameter.reader, parameter.required)
            case reader:
                yield Line(full, reader, parameter.required)
