"""H05: a cache between us and our readers never gives one reader's page to another."""

from tests import acts
from tests.client import Browser, Client, Reply, app_of
from tests.town import Town

PRIVATE = "private, no-store"


class SharedCache:
    """A cache as RFC 9111 allows it: keeps what is public, by the request headers that `Vary` names."""

    def __init__(self, town: Town) -> None:
        self._client = Client(town)
        self._kept: dict[str, list[tuple[dict[str, str | None], Reply]]] = {}
        self.hits = 0

    async def get(self, path: str, headers: dict[str, str]) -> Reply:
        for chosen_by, reply in self._kept.get(path, ()):
            if all(headers.get(name) == value for name, value in chosen_by.items()):
                self.hits += 1
                return reply
        reply = await self._client.ask("GET", path, headers=headers)
        if reply.headers["Cache-Control"].startswith("public"):
            names = [name.strip() for name in reply.headers.get("Vary", "").split(",") if name.strip()]
            self._kept.setdefault(path, []).append(({name: headers.get(name) for name in names}, reply))
        return reply


async def test_h05_a_page_is_never_given_to_the_wrong_reader(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")
    post = await stadt.write(acts.write, await stadt.resident("bob"))
    session = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    german, english = {"Accept": "text/html", "Accept-Language": "de"}, {"Accept": "text/html", "Accept-Language": "en"}
    cache = SharedCache(stadt)
    for path in ("/", "/@bob", f"/@bob/{post.id}", "/about", "/tags/fest"):
        first = await cache.get(path, german)
        own = await cache.get(path, german | {"Cookie": session})
        other = await cache.get(path, english)
        chosen = await cache.get(path, german | {"Cookie": "lang=en"})
        activity = await cache.get(path, {"Accept": "application/activity+json", "Accept-Language": "de"})

        assert "Anna abmelden" in own.text
        assert "Anna abmelden" not in first.text + other.text + chosen.text
        assert '<html lang="de">' in first.text
        assert '<html lang="en">' in other.text
        assert '<html lang="en">' in chosen.text
        assert own.headers["Cache-Control"] == PRIVATE
        assert activity.status in {200, 302}
        hits = cache.hits
        assert (await cache.get(path, german)).body == first.body
        assert cache.hits == hits + 1, "and it is a cache"


async def test_h05_what_concerns_one_person_is_kept_nowhere(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    for path in ("/login", "/authorize_interaction?uri=x", "/?lang=en", "/niemand"):
        assert (await browser.open(path)).headers["Cache-Control"] == PRIVATE, path
    await browser.open("/login")
    reply = await browser.log_in("anna")
    assert reply.headers["Cache-Control"] == PRIVATE
    for path in ("/", "/about", "/authorize_interaction?uri=x"):
        assert (await browser.open(path)).headers["Cache-Control"] == PRIVATE, path
