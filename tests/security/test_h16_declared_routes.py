"""H16: every address says who may ask and what is kept of the answer, and what says nothing lets nobody in."""

from collections.abc import Callable
from typing import Any

from quart import Quart
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.api.routing import Call, Declaration, Routes, blueprint
from fediverse_kommune.models import AccessToken, Membership, Standing
from fediverse_kommune.services.scopes import SCOPES
from fediverse_kommune.services.tokens import digest
from tests.client import Client, app_of
from tests.town import Town

# What other servers ask for is older than declarations and has one rule each: `activitypub.authorized_fetch`. An
# address that is not here has to declare itself.
STATUS = ("", "/activity", "/replies", "/context", "/likes", "/shares", "/emoji_reactions", "/attendees", "/organizers")
DOCUMENTS = {
    "/static/<path:filename>",
    *("/.well-known/webfinger", "/.well-known/host-meta", "/.well-known/host-meta.json"),
    *("/actor", "/actor/outbox", "/users/<username>"),
    *(f"/users/<username>/{name}" for name in ("followers", "following", "featured", "featured_tags", "outbox")),
    *("/users/<username>/followers_synchronization", "/users/<username>/upcoming_events"),
    *("/users/<username>/collections", "/users/<username>/collections/<int:collection_id>"),
    "/users/<username>/feature_authorizations/<int:item_id>",
    *("/users/<username>/moderators", "/users/<username>/team"),
    *(f"/users/<username>/statuses/<int:status_id>{end}" for end in STATUS),
    "/users/<username>/quote_authorizations/<int:quote_id>",
    "/users/<username>/authorizations/<int:request_id>",
    *("/relay", "/relay/outbox", "/relay/<any(followers, following):name>"),
}


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FROM = {"client": ("192.0.2.1", 4711)}


async def test_h16_what_declares_nothing_is_known_by_name(stadt: Town) -> None:
    undeclared = {
        rule.rule
        for rule in stadt.app.url_map.iter_rules()
        if not isinstance(getattr(stadt.app.view_functions[rule.endpoint], "declaration", None), Declaration)
    }
    assert undeclared == DOCUMENTS


async def _done(_call: Call) -> dict[str, str]:
    return {"done": "yes"}


def bare_routes() -> Routes:
    """Return routes that say nothing at all."""
    routes = Routes()
    declare: tuple[Callable[[str], Callable[[Any], Any]], ...] = (
        *(routes.get, routes.post, routes.put, routes.patch, routes.delete),
    )
    for add in declare:
        add("/api/v9/bare")(_done)
    return routes


async def asked(stadt: Town, token: str | None) -> dict[str, int]:
    """Return how routes that say nothing answer a token."""
    app = Quart(__name__)
    app.register_blueprint(blueprint("bare", stadt.app.server, [bare_routes()]))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = app.test_client()
    return {
        method: (await client.open("/api/v9/bare", method=method, headers=headers, scope_base=FROM)).status_code
        for method in METHODS
    }


async def test_h16_a_route_that_says_nothing_lets_in_only_a_person(stadt: Town) -> None:
    anna = await app_of(stadt, "anna", scopes=" ".join(SCOPES))
    assert await asked(stadt, anna.token) == dict.fromkeys(METHODS, 200)
    for token in (None, "unknown", ""):
        assert await asked(stadt, token) == dict.fromkeys(METHODS, 401), token
    await stadt.write(_take_person_away, anna)
    assert await asked(stadt, anna.token) == dict.fromkeys(METHODS, 422), "an app alone is no person"


async def test_h16_who_only_watches_changes_nothing_by_default(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")

    def watch(unit: Unit) -> None:
        unit.execute(update(Membership).values(standing=Standing.VIEWER))

    await stadt.write(watch)
    found = await asked(stadt, anna.token)
    assert found == {"GET": 200, "POST": 403, "PUT": 403, "PATCH": 403, "DELETE": 403}


def _take_person_away(unit: Unit, client: Client) -> None:
    mine = AccessToken.token_hash == digest(client.token or "")
    unit.execute(update(AccessToken).where(mine).values(user_id=None, actor_id=None))
