"""What apps trip over: one test for each trap that the sources of popular apps show."""

import re
from typing import Any

import pytest
from aiohttp import FormData

from fediverse_kommune.api.entities.instance import software_version
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth
from tests.client import Browser, Client, anonymous, app_of
from tests.pictures import picture
from tests.town import Town

READING = [route for page in PAGES for route in page.all if "GET" in route.methods and "streaming" not in route.path]
DOCUMENTED_AS_NUMBER = "most_recent_notification_id"
PHANPY = {"Origin": "https://phanpy.example"}


def test_whatever_takes_patch_takes_put() -> None:
    """masto.js sends PUT for every update, Mastodon for Android too."""
    for route in (route for page in PAGES for route in page.all if "PATCH" in route.methods):
        assert "PUT" in route.methods, route.path


@pytest.mark.parametrize("body", ["form", "multipart", "json"])
async def test_every_kind_of_body_is_read(stadt: Town, body: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    fields = {"status": "Hallo", "visibility": "unlisted", "sensitive": "true", "spoiler_text": "Achtung"}
    match body:
        case "form":
            options: dict[str, Any] = {"data": fields}
        case "multipart":
            options = {"data": FormData(fields, default_to_multipart=True)}
        case _:
            options = {"json": {**fields, "sensitive": True}}
    status = await anna.post("/api/v1/statuses", **options)
    assert (status["visibility"], status["sensitive"], status["spoiler_text"]) == ("unlisted", True, "Achtung")
    for query in (f"id[]={bert.id}&id[]={anna.id}", f"id={bert.id}&id={anna.id}", f"id[0]={bert.id}&id[1]={anna.id}"):
        found = await anna.get(f"/api/v1/accounts/relationships?{query}")
        assert [one["id"] for one in found] == [bert.id, anna.id], query
    found = await anna.get("/api/v1/accounts/relationships", json={"id": [bert.id]})
    assert [one["id"] for one in found] == [bert.id], "Mastodon.py puts JSON into a GET"


async def test_booleans_come_in_every_spelling(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for value in ["1", "true", "on", "t", 1, True]:
        with subtests.test(value=value):
            status = await anna.post("/api/v1/statuses", json={"status": "x", "sensitive": value})
            assert status["sensitive"] is True


async def test_every_id_is_a_text(stadt: Town) -> None:
    """JavaScript rounds numbers above 2⁵³, and some apps are strict about the type."""
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    media = await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4))})
    status = await anna.write("Hallo @bert #fest", media_ids=[media["id"]])
    await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
    await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    known = {"status_id": status["id"], "account_id": anna.id, "hashtag": "fest", "media_id": media["id"]}
    for route in READING:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known.get(match[1], "1"), route.path)
        reply = await anna.ask("GET", f"{path}?id[]={anna.id}&acct=anna&q=a")
        if reply.status == 200 and reply.json is not None:
            assert list(numbers(reply.json)) == [], route.path


def numbers(value: Any, name: str = "") -> Any:
    """Yield the names of all ids in an answer that are numbers."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item, name)
    elif isinstance(value, int) and (name == "id" or name.endswith(("_id", "_ids"))) and name != DOCUMENTED_AS_NUMBER:
        yield name


async def test_every_answer_may_be_read_by_apps_in_browsers(stadt: Town) -> None:
    nobody, anna = anonymous(stadt), await app_of(stadt, "anna")
    for route in (route for page in PAGES for route in page.all if route.path.startswith("/api/")):
        if "streaming" in route.path:
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", "1", route.path)
        for method in route.methods:
            asked = {**PHANPY, "Access-Control-Request-Method": method}
            preflight = await nobody.ask("OPTIONS", path, headers=asked)
            assert preflight.status == 204, path
            assert method in preflight.headers["Access-Control-Allow-Methods"], path
        for client in (nobody, anna):
            reply = await client.ask("GET", path, headers=PHANPY)
            assert reply.headers["Access-Control-Allow-Origin"] == "*", path
            assert "Link" in reply.headers["Access-Control-Expose-Headers"], path


async def test_a_popup_that_signs_in_keeps_its_opener(stadt: Town) -> None:
    """Phanpy opens the consent page in a window of its own and listens to it."""
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    for path in ("/login", "/oauth/authorize?client_id=x"):
        assert (await browser.open(path)).headers.get("Cross-Origin-Opener-Policy") != "same-origin"


async def test_an_unknown_parameter_changes_nothing(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Hallo", content_type="text/markdown", foo={"bar": [1]})
    assert "Hallo" in status["content"]
    assert (await anna.ask("GET", "/api/v1/timelines/home?with_muted=true&foo[bar]=1")).status == 200


async def test_slashes_at_the_end_change_nothing(stadt: Town) -> None:
    assert (await anonymous(stadt).ask("GET", "/api/v2/instance/")).status == 200


async def test_what_ivory_asks_at_login_is_there(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    for path in (
        "/api/v1/timelines/home?limit=40",
        f"/api/v1/accounts/{anna.id}",
        "/api/v2/instance",
        "/api/v1/preferences",
        "/api/v1/lists",
        f"/api/v1/accounts/{anna.id}/statuses?exclude_reblogs=1",
        "/api/v1/notifications?types[]=mention&types[]=follow",
    ):
        assert (await anna.ask("GET", path)).status == 200, path


@pytest.mark.parametrize(
    "address", ["com.tapbots.Ivory.10217:/request_token", "urn:ietf:wg:oauth:2.0:oob", "mastodon://callback"]
)
async def test_apps_come_back_to_addresses_of_every_scheme(stadt: Town, address: str) -> None:
    nobody = anonymous(stadt)
    for options in (
        {"json": {"client_name": "App", "redirect_uris": [address, "https://app.example/done"]}},
        {"data": {"client_name": "App", "redirect_uris": f"{address}\nhttps://app.example/done"}},
    ):
        app = await nobody.post("/api/v1/apps", **options)
        assert app["redirect_uris"] == [address, "https://app.example/done"]
        page = f"/oauth/authorize?response_type=code&client_id={app['client_id']}&redirect_uri={address}"
        assert (await nobody.ask("GET", page)).status == 303
        assert (await nobody.ask("GET", page + "x")).status == 400


async def test_the_version_begins_with_one_that_apps_compare(stadt: Town) -> None:
    version = (await anonymous(stadt).get("/api/v1/instance"))["version"]
    assert version == software_version()
    assert re.match(r"\d+\.\d+\.\d+ \(compatible; fediverse_kommune \d", version)
    assert "+glitch" not in version


async def test_a_repeated_post_is_one_post(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    headers = {"Idempotency-Key": "einmal"}
    first, second = [await anna.post("/api/v1/statuses", json={"status": "x"}, headers=headers) for _ in range(2)]
    assert first["id"] == second["id"]


async def test_actions_are_answered_with_the_state_after_them(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await bert.write("Hallo")
    for act, undo, name in (
        ("favourite", "unfavourite", "favourited"),
        ("reblog", "unreblog", "reblogged"),
    ):
        done = await anna.post(f"/api/v1/statuses/{status['id']}/{act}")
        assert (done["reblog"] or done)[name] is True
        undone = await anna.post(f"/api/v1/statuses/{status['id']}/{undo}")
        assert (undone["reblog"] or undone)[name] is False


async def test_a_revoked_token_and_one_of_an_app_are_told_apart(stadt: Town) -> None:
    nobody = anonymous(stadt)
    app = await nobody.post("/api/v1/apps", json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"})
    client = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = await nobody.post("/oauth/token", json={**client, "grant_type": "client_credentials"})
    of_app = Client(stadt, token["access_token"])
    needs_person = [route for route in READING if route.declaration.auth is Auth.PERSON and "<" not in route.path]
    assert {(await of_app.ask("GET", route.path)).status for route in needs_person} <= {422, 403}
    await nobody.post("/oauth/revoke", json={**client, "token": token["access_token"]})
    assert (await of_app.ask("GET", "/api/v1/apps/verify_credentials")).status == 401
