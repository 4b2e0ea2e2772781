"""J01: every route of the client API lets in exactly the tokens that the documentation says."""

import re

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Route
from fediverse_kommune.models import Role
from fediverse_kommune.services.scopes import SCOPES, covers
from tests.client import anonymous, app_of, officer_of
from tests.town import Town

# Streams never end and refuse in their own words: tests/routes/test_api_streaming.py.
ROUTES = [
    route
    for page in PAGES
    for route in page.all
    if route.declaration.auth is not Auth.NOBODY_ASKED and not route.declaration.stream
]


def address(route: Route) -> str:
    """Return an address of the route: nothing has the number 1."""
    return re.sub(r"<(?:\w+:)?\w+>", "1", route.path)


async def test_j01_no_token_opens_nothing_that_needs_one(stadt: Town) -> None:
    nobody = anonymous(stadt)
    for route in ROUTES:
        if route.declaration.auth is Auth.OPTIONAL:
            continue
        for method in route.methods:
            assert (await nobody.ask(method, address(route))).status == 401, (method, route.path)


async def test_j01_a_token_without_the_scope_opens_nothing(stadt: Town) -> None:
    for scope in ("read", "write", "follow", "profile", "push"):
        client = await app_of(stadt, "anna", scopes=scope)
        for route in ROUTES:
            needed = route.declaration.scopes
            if not needed or any(covers({scope}, one) for one in needed):
                continue
            for method in route.methods:
                reply = await client.ask(method, address(route))
                assert reply.status == 403, (scope, method, route.path, reply.text)


async def test_j01_a_token_with_the_scope_is_let_in(stadt: Town) -> None:
    for scope in sorted({scope for route in ROUTES for scope in route.declaration.scopes}):
        client = await officer_of(stadt, "vera", Role.ADMIN, scopes=scope)
        for route in ROUTES:
            if scope in route.declaration.scopes and route.methods == ("GET",):
                assert (await client.ask("GET", address(route))).status not in {401, 403}, (scope, route.path)


@pytest.mark.parametrize(
    ("granted", "needed", "opens"),
    [
        ("read", "read:statuses", True),
        ("read:statuses", "read:statuses", True),
        ("read:statuses", "read:accounts", False),
        ("write", "read:statuses", False),
        ("follow", "write:follows", True),
        ("follow", "read:blocks", True),
        ("follow", "write:statuses", False),
        ("read:statuses", "read", False),
        ("profile", "read:accounts", False),
        ("push", "read:notifications", False),
    ],
)
def test_j01_what_covers_what(granted: str, needed: str, *, opens: bool) -> None:
    assert covers({granted}, needed) is opens


def test_j01_nothing_covers_what_it_does_not_name() -> None:
    for granted in SCOPES:
        opened = {needed for needed in SCOPES if covers({granted}, needed)}
        kind = granted.partition(":")[0]
        assert all(needed.partition(":")[0] == kind or granted == "follow" for needed in opened)
