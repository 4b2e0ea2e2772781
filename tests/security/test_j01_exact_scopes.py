"""J01: of all scopes there are, a route is opened by the ones that it names, each by itself, and by nothing else."""

import re
from pathlib import Path

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Route
from fediverse_kommune.models import Role
from fediverse_kommune.services.scopes import SCOPES
from tests.client import officer_of
from tests.streams import refused
from tests.town import Town

ROUTES = [
    route
    for page in PAGES
    for route in page.all
    if route.declaration.auth is not Auth.NOBODY_ASKED and route.declaration.scopes
]
OUTSIDE = {"error": "This action is outside the authorized scopes"}


def opens(granted: str, needed: str) -> bool:
    """https://docs.joinmastodon.org/api/oauth-scopes/, told once more."""
    old = re.fullmatch(r"(read|write):(blocks|follows|mutes)", needed)
    return granted == needed or needed.startswith(f"{granted}:") or (granted == "follow" and old is not None)


def test_j01_each_route_names_the_scope_of_its_documentation() -> None:
    named = {
        f"{method} {route.path} {' '.join(sorted(route.declaration.scopes))}"
        for route in ROUTES
        for method in route.methods
    }
    assert named == set((Path(__file__).parent / "documented_scopes.txt").read_text().splitlines())


def address(route: Route) -> str:
    """Return an address of the route: nothing has the number 1."""
    return re.sub(r"<(?:\w+:)?\w+>", "1", route.path) + "?tag=fest&list=1"


@pytest.mark.timeout(240)
async def test_j01_all_other_scopes_together_open_nothing(stadt: Town) -> None:
    for needed in sorted({route.declaration.scopes for route in ROUTES}):
        others = [one for one in SCOPES if not any(opens(one, scope) for scope in needed)]
        client = await officer_of(stadt, "vera", Role.ADMIN, scopes=" ".join(others))
        for route in (route for route in ROUTES if route.declaration.scopes == needed):
            if route.is_websocket:
                assert await refused(client, "stream=user") == 401, route.path
                continue
            for method in route.methods:
                reply = await client.ask(method, address(route))
                expected = 401 if route.declaration.stream else 403
                assert (reply.status, reply.json) == (expected, OUTSIDE), (needed, method, route.path)


@pytest.mark.timeout(240)
async def test_j01_each_scope_by_itself_opens_what_names_it(stadt: Town) -> None:
    for scope in sorted({scope for route in ROUTES for scope in route.declaration.scopes}):
        client = await officer_of(stadt, "vera", Role.ADMIN, scopes=scope)
        for route in (route for route in ROUTES if scope in route.declaration.scopes):
            if route.declaration.stream:
                continue  # they would not end; `test_h09_open_streams` opens them
            for method in route.methods:
                reply = await client.ask(method, address(route))
                assert reply.status != 401, (scope, method, route.path)
                assert reply.json != OUTSIDE, (scope, method, route.path)
