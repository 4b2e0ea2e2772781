"""H05: no cache gives one viewer's answer to another: none between us and our readers, and none of our own.

The routes are those of the table, and the viewers those between whom answers differ. What a viewer gets through a cache
that others used before is what they get without any.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Cache, Route
from fediverse_kommune.models import AccessToken, Role
from tests import acts
from tests.client import Browser, Client, Reply, anonymous, app_of, officer_of
from tests.fediverse import Remote
from tests.security.test_h02_ids_of_others import belongings
from tests.shared_cache import SharedCache
from tests.town import Town, town

PRIVATE = "private, no-store"
ROUTES = [route for page in PAGES for route in page.all if "GET" in route.methods and not route.declaration.stream]
QUERY = "?q=fest&url={url}&id[]={account}&acct=anna&name=fest&limit=5"
# What moves by itself, and is no part of the answer.
MOVING = {"date", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
# Whatever a client could send that another did not: none of it may change an answer that caches keep.
WHIMS: tuple[Mapping[str, str], ...] = (
    {"Accept": "text/html"},
    {"Accept": "application/activity+json"},
    {"Accept-Language": "en"},
    {"Accept-Encoding": "identity"},
    {"Cookie": "session=x; lang=en"},
    {"Origin": "https://phanpy.example"},
    {"User-Agent": "Mozilla/5.0"},
    {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    {"Range": "bytes=0-5"},
)
Told = tuple[int, dict[str, str], bytes]


def told(reply: Reply) -> Told:
    headers = {name.lower(): value for name, value in reply.headers.items() if name.lower() not in MOVING}
    return reply.status, headers, reply.body


async def people(stadt: Town) -> dict[str, Client]:
    """Return who asks: Anna, whose the things are, and others who see them otherwise."""
    anna, carla, blocked = [await app_of(stadt, name) for name in ("anna", "carla", "blockiert")]
    await anna.post(f"/api/v1/accounts/{blocked.id}/block")
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    return {"anna": anna, "nobody": anonymous(stadt), "blocked": blocked, "carla": carla, "officer": officer}


async def addresses(anna: Client, carla: Client) -> dict[str, Route]:
    """Return an address of every route at which there is something; of those of posts, one for each visibility."""
    ids = await belongings(anna, carla)
    await carla.follow(anna)
    found = {}
    for visibility in ("public", "private", "direct"):
        poll = {"options": ["ja", "nein"], "expires_in": 900}
        post = await anna.write("zum #fest @carla", visibility=visibility, poll=poll)
        await carla.post(f"/api/v1/statuses/{post['id']}/favourite")
        known = {
            **ids,
            "account_id": anna.id,
            "status_id": post["id"],
            "poll_id": post["poll"]["id"],
            "hashtag": "fest",
            "name": "fest",
            "day": "2026-01-01",
        }
        query = QUERY.format(url=post["url"], account=anna.id)
        for route in ROUTES:
            if visibility != "public" and not {"<status_id>", "<poll_id>"} & set(route.path.split("/")):
                continue
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match, known=known: known.get(match[1], "1"), route.path)
            found[path + query] = route
    return found


# ------------------------------------------------------------------------------------- what routes declare


def test_h05_only_what_asks_nobody_may_be_kept_by_others() -> None:
    for route in (route for page in PAGES for route in page.all):
        if route.declaration.cache is not Cache.NEVER:
            assert route.declaration.auth is Auth.NOBODY_ASKED, route.path
            assert route.methods == ("GET",), route.path


@pytest.mark.timeout(300)
async def test_h05_no_cache_gives_an_answer_to_another(stadt: Town) -> None:
    viewers = await people(stadt)
    found = await addresses(viewers["anna"], viewers["carla"])
    differ, hits = set(), 0
    for address, route in found.items():
        own = {name: told(await viewer.ask("GET", address)) for name, viewer in viewers.items()}
        for status, headers, _ in own.values():
            expected = route.declaration.cache if status == 200 else PRIVATE
            assert headers["cache-control"] == expected, (address, status)
        if len(set(map(str, own.values()))) > 1:
            differ.add(route.path)
            assert route.declaration.cache is Cache.NEVER, f"{route.path} depends on who asks, and may be kept"
        for order in (list(viewers), list(reversed(viewers))):
            cache = SharedCache()
            for name in order:
                assert told(await cache.get(viewers[name], address)) == own[name], (address, name, order)
            hits += cache.hits
    assert len(differ) > 60, "the viewers are such that answers differ"
    assert hits > 60, "and it is a cache"


async def test_h05_what_may_be_kept_depends_on_nothing_but_its_address(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    post = await anna.write("zum #fest")
    for route in ROUTES:
        if route.declaration.cache is Cache.NEVER:
            continue
        address = re.sub(r"<\w+>", "2026-01-01", route.path) + QUERY.format(url=post["url"], account=anna.id)
        plain = await anonymous(stadt).ask("GET", address)
        # How often one may still ask is one reader's, and nothing for all.
        assert plain.status == 404 or not any(name.lower() in MOVING - {"date"} for name in plain.headers), address
        for whim in WHIMS:
            assert told(await anonymous(stadt).ask("GET", address, headers=whim)) == told(plain), (address, whim)


# ------------------------------------------------------------------------------ the answers we keep ourselves


def kept_addresses(anna: Client, status: Mapping[str, str]) -> list[str]:
    known = {"status_id": status["id"], "account_id": anna.id, "hashtag": "fest"}
    return [
        re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known[match[1]], route.path)
        for route in ROUTES
        if route.declaration.kept
    ]


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_h05_our_own_kept_answers_are_for_one_viewer(
    stadt: Town, visibility: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewers = await people(stadt)
    await viewers["carla"].follow(viewers["anna"])
    status = await viewers["anna"].write("zum #fest", visibility=visibility)
    await viewers["carla"].post(f"/api/v1/statuses/{status['id']}/bookmark")
    paths = kept_addresses(viewers["anna"], status)
    answers = stadt.app.server.answers
    with monkeypatch.context() as patch:
        patch.setattr(answers, "_watch", None)
        own = {(path, name): told(await viewer.ask("GET", path)) for path in paths for name, viewer in viewers.items()}
    assert len({str(own[path, name]) for path in paths for name in viewers}) > len(paths)
    for order in (list(viewers), list(reversed(viewers))):
        for path, name in product(paths, [name for name in order for _ in range(2)]):
            assert told(await viewers[name].ask("GET", path)) == own[path, name], (path, name)
            for whim in WHIMS[:5]:
                reply = await viewers[name].ask("GET", path, headers=whim)
                assert told(reply) == own[path, name], (path, name, whim)


async def test_h05_what_is_asked_in_a_body_is_no_answer_for_who_sends_none(stadt: Town) -> None:
    anna, nobody = await app_of(stadt, "anna"), anonymous(stadt)
    await anna.write("eins")
    await anna.write("zwei")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"limit": 1}'

    bodies: tuple[Callable[[], object], ...] = (lambda: b'{"limit": 1}', chunks)
    for body in bodies:
        sent = {"Content-Type": "application/json"}
        narrow = await nobody.ask("GET", "/api/v1/timelines/public", data=body(), headers=sent)
        assert len(narrow.json) == 1
        assert len(await nobody.get("/api/v1/timelines/public")) == 2


async def _revoke(stadt: Town, bert: Client) -> None:
    """Bert's app logs out, as apps do."""
    form = {"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write follow push"}
    app = await anonymous(stadt).post("/api/v1/apps", json=form)

    def adopt(unit: Unit) -> None:
        mine = AccessToken.actor_id == int(bert.id)
        unit.execute(update(AccessToken).where(mine).values(application_id=int(app["id"])))

    await stadt.write(adopt)
    secrets = {name: app[name] for name in ("client_id", "client_secret")}
    await bert.post("/oauth/revoke", data={**secrets, "token": bert.token})


async def _narrow(stadt: Town, bert: Client) -> None:
    def narrow(unit: Unit) -> None:
        mine = AccessToken.actor_id == int(bert.id)
        unit.execute(update(AccessToken).where(mine).values(scopes="read:lists write"))

    await stadt.write(narrow)


async def _suspend(stadt: Town, bert: Client) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.post(f"/api/v1/admin/accounts/{bert.id}/action", data={"type": "suspend"})


async def _disable(stadt: Town, bert: Client) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.post(f"/api/v1/admin/accounts/{bert.id}/action", data={"type": "disable"})


LOSSES: Mapping[str, tuple[Callable[[Town, Client], Awaitable[None]], int]] = {
    "the app logs out": (_revoke, 401),
    "the app may do less": (_narrow, 403),
    "the person is suspended": (_suspend, 401),
    "the person is disabled": (_disable, 401),
}


@pytest.mark.parametrize("what", LOSSES)
async def test_h05_an_answer_kept_for_a_token_is_none_for_what_the_token_has_become(stadt: Town, what: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("zum #fest")
    paths = kept_addresses(anna, status)
    cache = SharedCache()
    for path in [path for path in paths for _ in range(2)]:
        assert (await cache.get(bert, path)).status == 200, path
    lose, expected = LOSSES[what]
    await lose(stadt, bert)
    for path in paths:
        assert (await cache.get(bert, path)).status == expected, path


async def test_h05_who_is_blocked_gets_nothing_of_what_was_kept_for_them(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("zum #fest")
    paths = [path for path in kept_addresses(anna, status) if status["id"] in path or "/statuses" in path]
    cache = SharedCache()
    for path in [path for path in paths for _ in range(2)]:
        assert status["id"] in (await cache.get(bert, path)).text or "context" in path
    await anna.post(f"/api/v1/accounts/{bert.id}/block")
    for path in paths:
        assert status["id"] not in (await cache.get(bert, path)).text, path
        assert status["id"] not in (await bert.ask("GET", path)).text, path


async def test_h05_after_a_browser_logs_out_its_pages_are_nobodys(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("zum #fest")
    browser, cache, nobody = Browser(stadt), SharedCache(), anonymous(stadt)
    await browser.log_in("anna")
    session = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    paths = ("/", "/@anna", f"/@anna/{status['id']}", "/about", "/tags/fest")
    asked = {"Accept": "text/html", "Accept-Language": "en"}
    for path in paths:
        assert "Log out Anna" in (await cache.get(nobody, path, asked | {"Cookie": session})).text, path
    await browser.open("/")
    await browser.submit({})
    for path in paths:
        for cookies in ({}, {"Cookie": session}):
            assert "Log out Anna" not in (await cache.get(nobody, path, asked | cookies)).text, path


# ------------------------------------------------------------------------------------ documents for servers


@pytest.fixture(params=[False, True], ids=["open", "secure"])
async def archive(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town that answers everybody, and one that answers only to who signs."""
    async with town(database_url, tmp_path / "stadt", secure_mode=request.param) as running:
        yield running


async def test_h05_a_server_that_is_shut_out_gets_nothing_from_a_cache(
    archive: Town, nachbar: Remote, boese: Remote
) -> None:
    bob, mallory, nobody = nachbar.person("bob"), boese.person("mallory"), anonymous(archive)
    secure = archive.app.server.instance.secure_mode
    anna = await archive.resident("anna")
    friends = [await archive.meet(bob), await archive.meet(mallory)]
    public = await archive.write(acts.write, anna)
    direct = await archive.write(acts.write, anna, visibility=Visibility.DIRECT, mentions=friends)
    gone = await archive.write(acts.write, anna)
    await archive.write(acts.delete, gone.uri)
    paths = [f"/users/anna{end}" for end in ("", "/outbox", "/followers", "/following", "/featured", "/featured_tags")]
    paths += [f"/users/anna/statuses/{public.id}{end}" for end in ("", "/replies", "/likes", "/shares")]
    paths += [f"/users/anna/statuses/{direct.id}", f"/users/anna/statuses/{gone.id}"]
    cache = SharedCache()

    signed = {}
    for signer, path in product((bob, mallory), paths):
        headers = dict(signer.asking(archive.origin + path))
        # draft-cavage-http-signatures-12 section 3.1: it may come as an authorization, too.
        elsewhere = {**headers, "Authorization": f"Signature {headers['Signature']}"}
        del elsewhere["Signature"]
        signed[signer.username, path] = (headers, elsewhere)

    async def ask(path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return await cache.get(nobody, path, {"Accept": "application/activity+json", **(headers or {})})

    for path in paths:
        if secure or str(direct.id) in path:
            assert (await ask(path)).status == (401 if secure else 404), path
        else:
            assert told(await ask(path)) == told(await ask(path))
        for name, way in product(("bob", "mallory"), (0, 1)):
            assert (await ask(path, signed[name, path][way])).status == (410 if str(gone.id) in path else 200), path
    assert cache.hits == (0 if secure else 8)
    officer = await officer_of(archive, "vera", Role.ADMIN)
    await officer.post("/api/v1/admin/domain_blocks", data={"domain": boese.host, "severity": "suspend"})
    for path in paths:
        for way in (0, 1):  # the very requests of before, which could have been kept
            assert (await ask(path, signed["bob", path][way])).status in {200, 410}, path
            shut_out = await ask(path, signed["mallory", path][way])
            assert (shut_out.status, shut_out.headers["Cache-Control"]) == (403, PRIVATE), path
        assert secure or (await ask(path)).status in {200, 404, 410}, path
