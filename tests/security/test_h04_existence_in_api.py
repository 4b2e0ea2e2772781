"""H04: to whoever may not see a thing, it is as if it had never been, on every route that takes an id, however asked.

What is hidden and what is missing get the same status, the same body, the same headers, and cost the same statements.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Route
from tests.client import Client, Reply, anonymous, app_of, statements
from tests.security.test_h02_ids_of_others import WORD, belongings
from tests.town import Town

MISSING = "4711"
# What everybody sees, or only staff: nothing is hidden there from anybody.
SEEN_BY_ALL = {
    *("account_id", "announcement_id", "collection_id", "item_id"),
    *("report_id", "block_id", "allow_id", "tag_id", "rule_id", "link_id", "trend_id"),
}
MOVING = {"date", "x-ratelimit-remaining", "x-ratelimit-reset"}
WISHES = (("application/json", "de"), ("text/html", "en"), ("application/activity+json", "fr"))
BODIES: tuple[Any, ...] = (
    None,
    {},
    {"status": "x", "title": "x", "keyword": "x", "phrase": "x", "context": ["home"], "choices": ["0"], "limit": "x"},
    {"quote_approval_policy": "nobody", "lang": "en", "account_id": "1", "account_ids": ["1"], "status_id": "1"},
)
Told = tuple[int, dict[str, str], bytes]


def told(reply: Reply) -> Told:
    return reply.status, {k.lower(): v for k, v in reply.headers.items() if k.lower() not in MOVING}, reply.body


def ids_in(route: Route) -> set[str]:
    return set(re.findall(r"<(?:\w+:)?(\w+(?:_id|_key))>", route.path)) - SEEN_BY_ALL


ROUTES = [route for page in PAGES for route in page.all if ids_in(route)]


def addresses(route: Route, hidden: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield for each id in the address: the address with the hidden thing, and the same with a missing one."""
    for name in sorted(ids_in(route)):
        others = {other: hidden.get(other, "1") for other in re.findall(r"<(?:\w+:)?(\w+)>", route.path)}
        missing = "ungrouped-" + MISSING if name == "group_key" else MISSING
        yield _filled(route, others), _filled(route, {**others, name: missing})


def _filled(route: Route, names: Mapping[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: names[match[1]], route.path)


async def hidden_things(anna: Client, carla: Client, blocked: Client) -> list[dict[str, str]]:
    """Let Anna have everything that is only hers, and posts of every kind that others may not read."""
    own = await belongings(anna, carla)
    found = []
    poll = {"options": ["ja", "nein"], "expires_in": 900}
    for visibility in ("private", "direct"):
        post = await anna.write(f"{WORD} @carla", visibility=visibility, poll=poll)
        quoted = await anna.write(WORD, visibility=visibility)
        found.append({**own, "status_id": post["id"], "poll_id": post["poll"]["id"], "quoting_status_id": quoted["id"]})
    open_post = await blocked.write(WORD, poll=poll)
    found.append({**own, "status_id": open_post["id"], "poll_id": open_post["poll"]["id"], "quoting_status_id": "1"})
    return found


def ways(route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield ways to ask: the methods of the route and others, languages and types, and bodies of several kinds."""
    for method in sorted({*route.methods, "HEAD", "OPTIONS", "DELETE"}):
        for body in BODIES if method in route.methods and method not in {"GET", "HEAD"} else (None,):
            yield method, {"json": body} if body is not None else {}
    for accept, language in WISHES:
        yield route.methods[0], {"headers": {"Accept": accept, "Accept-Language": language}}


@pytest.mark.timeout(300)
async def test_h04_what_is_hidden_is_answered_like_what_is_missing(stadt: Town) -> None:
    anna, bert, carla, blocking = [await app_of(stadt, name) for name in ("anna", "bert", "carla", "sperrt")]
    things = await hidden_things(anna, carla, blocking)
    await blocking.post(f"/api/v1/accounts/{bert.id}/block")
    nobody = anonymous(stadt)
    before = await stadt.state()
    for number, hidden in enumerate(things):
        for route in ROUTES:
            if number and not ids_in(route) & {"status_id", "poll_id", "quoting_status_id"}:
                continue
            readers = [bert]
            if route.declaration.auth is Auth.OPTIONAL and number < 2:
                readers.append(nobody)
            for (there, gone), (method, options) in product(list(addresses(route, hidden)), list(ways(route))):
                for reader in readers:
                    answers = [told(await reader.ask(method, path, **options)) for path in (there, gone)]
                    assert answers[0] == answers[1], (method, there, options)
                    assert WORD.encode() not in answers[0][2], (method, there)
    changed = {table for table, rows in (await stadt.state()).items() if rows != before[table]}
    assert changed - {"oauth_tokens"} == set()


async def test_h04_what_is_hidden_costs_what_is_missing_costs(stadt: Town) -> None:
    """No clock decides it: both are found not to be there by the same statements."""
    anna, bert, carla, blocking = [await app_of(stadt, name) for name in ("anna", "bert", "carla", "sperrt")]
    things = await hidden_things(anna, carla, blocking)
    await blocking.post(f"/api/v1/accounts/{bert.id}/block")
    stadt.app.server.answers._watch = None
    for hidden, route in product(things, ROUTES):
        if route.methods != ("GET",):
            continue
        for there, gone in addresses(route, hidden):
            for _ in range(3):  # workers may look for something meanwhile
                hidden_costs, missing_costs = [await cost(stadt, bert, path) for path in (there, gone)]
                if hidden_costs == missing_costs:
                    break
            assert hidden_costs == missing_costs, there


async def cost(stadt: Town, reader: Client, path: str) -> list[str]:
    """Return the statements that an answer takes, but those that ask whose the token is."""
    with statements(stadt) as seen:
        await reader.ask("GET", path)
    return [statement for statement in seen if "FROM oauth_tokens" not in statement]


async def test_h04_no_spelling_of_an_address_tells_more(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    post = await anna.write(WORD, visibility="private")
    path = "/api/v1/statuses/{}"
    for spelled in ("{}.json", "{}/", "{}.html", "{}?format=json", "{}%20", "0{}", "+{}", "{}/context/", "{}//context"):
        answers = [told(await bert.ask("GET", path.format(spelled.format(one)))) for one in (post["id"], MISSING)]
        assert answers[0] == answers[1], spelled
