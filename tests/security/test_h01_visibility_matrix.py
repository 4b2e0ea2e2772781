"""H01: who reads what, for five visibilities, eight readers and every surface that the table of routes knows.

A post carries a word that stands nowhere else. Whoever may not read the post never meets the word, wherever they look,
and who may finds it under its address. The table below is the policy; nothing else in this file knows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth
from tests.client import Client, anonymous, app_of
from tests.town import Town

WORD = "Kanarienvogel"
AUTHOR, FOLLOWER, ASKED, NAMED, STRANGER, NOBODY, BLOCKED = (
    *("author", "follower", "asked", "named", "stranger", "nobody", "blocked"),
)
EVERYBODY_HERE = {AUTHOR, FOLLOWER, ASKED, NAMED, STRANGER}
READERS = {
    "public": EVERYBODY_HERE | {NOBODY},
    "unlisted": EVERYBODY_HERE | {NOBODY},
    "private": {AUTHOR, FOLLOWER, NAMED},
    "direct": {AUTHOR, NAMED},
    "local": EVERYBODY_HERE,
}
# Where a post that somebody may read is found at all, by those who may.
FOUND_AT = ("/api/v1/statuses/<status_id>", "/api/v1/statuses")
PAGES_AND_DOCUMENTS = (
    *("/", "/@author", "/@author/<status_id>", "/@author.rss", "/@author.atom", "/tags/kanari"),
    *("/tags/kanari.rss", "/tags/kanari.atom"),
    *("/users/author/outbox?page=true", "/users/author/collections/featured", "/users/author/statuses/<status_id>"),
    *("/users/author/statuses/<status_id>/replies", "/users/author/statuses/<status_id>/activity"),
)
BODY = {"status": "x", "quote_approval_policy": "nobody", "lang": "en"}
QUERY = f"?id[]={{status}}&q={WORD.lower()}&url={{url}}&account_id={{account}}&limit=40"


@dataclass(frozen=True, slots=True)
class Scene:
    """A post and everybody around it."""

    status: dict[str, str]
    people: dict[str, Client]


async def play(stadt: Town, visibility: str) -> Scene:
    """Let the author write, with everybody standing where their name says."""
    people = {name: await app_of(stadt, name) for name in (AUTHOR, FOLLOWER, ASKED, NAMED, STRANGER, BLOCKED)}
    author = people[AUTHOR]
    await people[FOLLOWER].follow(author)
    await people[BLOCKED].follow(author)
    await author.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    assert (await people[ASKED].follow(author))["requested"] is True
    await author.post(f"/api/v1/accounts/{people[BLOCKED].id}/block")
    fields = {"local_only": True} if visibility == "local" else {"visibility": visibility}
    status = await author.write(f"{WORD} #kanari für @{NAMED}", spoiler_text=WORD, **fields)
    await author.post(f"/api/v1/statuses/{status['id']}/favourite")
    if visibility != "direct":
        await author.post(f"/api/v1/statuses/{status['id']}/pin")
    people[NOBODY] = anonymous(stadt)
    return Scene(status, people)


def surfaces(scene: Scene) -> Iterator[tuple[str, str, bool]]:
    """Yield every address that can be read, with its route, and whether that looks at a token.

    Pages and documents look at cookies and signatures: to them, who holds a token is nobody.
    """
    author = scene.people[AUTHOR]
    known = {"<status_id>": scene.status["id"], "<account_id>": author.id, "<hashtag>": "kanari", "<name>": "kanari"}
    query = QUERY.format(status=scene.status["id"], url=scene.status["uri"], account=author.id)
    for route in (route for page in PAGES for route in page.all if "GET" in route.methods):
        if "streaming" in route.path:
            continue  # never ends; tests of its own
        yield (
            route.path,
            re.sub(r"<(?:\w+:)?(\w+)>", lambda m: known.get(f"<{m[1]}>", "1"), route.path) + query,
            route.declaration.auth is not Auth.NOBODY_ASKED,
        )
    for path in PAGES_AND_DOCUMENTS:
        yield path, path.replace("<status_id>", scene.status["id"]), False


@pytest.mark.timeout(300)
@pytest.mark.parametrize("visibility", READERS)
async def test_h01_nobody_meets_what_is_not_for_them(stadt: Town, visibility: str) -> None:
    scene = await play(stadt, visibility)
    for path, address, knows_tokens in surfaces(scene):
        accept = "application/json" if path.startswith("/api/") else "application/activity+json, text/html;q=0.9"
        for name, reader in scene.people.items():
            may = name in READERS[visibility]
            if (may and path not in FOUND_AT) or (not knows_tokens and name != NOBODY):
                continue
            reply = await reader.ask("GET", address, headers={"Accept": accept})
            assert reply.status < 500, (path, name, reply.text[:300])
            assert (WORD in reply.text) is may, (path, name)


@pytest.mark.parametrize("visibility", READERS)
async def test_h01_nobody_acts_on_what_is_not_for_them(stadt: Town, visibility: str) -> None:
    scene = await play(stadt, visibility)
    strangers = [client for name, client in scene.people.items() if name not in READERS[visibility] | {NOBODY}]
    routes = [
        (method, route.path.replace("<status_id>", scene.status["id"]))
        for page in PAGES
        for route in page.all
        for method in route.methods
        if route.path.startswith("/api/v1/statuses/<status_id>") and method != "GET" and route.path.count("<") == 1
    ]
    for reader in strangers:
        for method, address in routes:
            hidden = await reader.ask(method, address, json=BODY)
            missing = await reader.ask(method, address.replace(scene.status["id"], "1"), json=BODY)
            assert (hidden.status, hidden.body) == (missing.status, missing.body) == (404, missing.body), address
