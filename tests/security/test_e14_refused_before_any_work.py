"""E14: who may not ask costs nothing: the answer comes before anything is read or looked up."""

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Route
from tests.client import Client, anonymous, statements
from tests.routes.admin_cases import filled
from tests.town import Town

COSTLY = "limit=1000000000&max_id=9223372036854775807&q=" + "x" * 2_000
# Figures of the instance are asked for by POST.
CLOSED = [
    route
    for page in PAGES
    for route in page.all
    if route.declaration.auth in (Auth.PERSON, Auth.APP)
    and ("GET" in route.methods or "/admin/" in route.path)
    and "streaming" not in route.path
]


async def asked_in_vain(client: Client, route: Route) -> list[str]:
    """Ask for much, and return the statements that the refusal cost."""
    with statements(client.town) as seen:
        method = "GET" if "GET" in route.methods else route.methods[0]
        reply = await client.ask(method, f"{filled(route.path, {})}?{COSTLY}")
    assert reply.status == 401, route.path
    return list(seen)


async def test_nobody_and_an_invented_token_are_refused_without_a_query(stadt: Town, subtests: pytest.Subtests) -> None:
    assert len(CLOSED) > 120
    assert {"/api/v1/admin/measures", "/api/v1/admin/dimensions"} <= {route.path for route in CLOSED}
    nobody, invented = anonymous(stadt), Client(stadt, "x" * 43)
    await asked_in_vain(invented, CLOSED[0])  # this token is looked up once, and then known to be nobody's
    for route in CLOSED:
        with subtests.test(route.path):
            assert await asked_in_vain(nobody, route) == []
            assert len(await asked_in_vain(invented, route)) <= 1
