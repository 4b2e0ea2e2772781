"""H05: a cache between us and our readers never gives one reader's page to another."""

from tests import acts
from tests.client import Browser, anonymous, app_of
from tests.shared_cache import SharedCache
from tests.town import Town

PRIVATE = "private, no-store"


async def test_h05_a_page_is_never_given_to_the_wrong_reader(stadt: Town) -> None:
    await app_of(stadt, "anna")
    browser = Browser(stadt)
    await browser.log_in("anna")
    post = await stadt.write(acts.write, await stadt.resident("bob"))
    session = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    german, english = {"Accept": "text/html", "Accept-Language": "de"}, {"Accept": "text/html", "Accept-Language": "en"}
    cache, reader = SharedCache(), anonymous(stadt)
    for path in ("/", "/@bob", f"/@bob/{post.id}", "/about", "/tags/fest"):
        first = await cache.get(reader, path, german)
        own = await cache.get(reader, path, german | {"Cookie": session})
        other = await cache.get(reader, path, english)
        chosen = await cache.get(reader, path, german | {"Cookie": "lang=en"})
        activity = await cache.get(reader, path, {"Accept": "application/activity+json", "Accept-Language": "de"})

        assert "Anna abmelden" in own.text
        assert "Anna abmelden" not in first.text + other.text + chosen.text
        assert '<html lang="de">' in first.text
        assert '<html lang="en">' in other.text
        assert '<html lang="en">' in chosen.text
        assert own.headers["Cache-Control"] == PRIVATE
        assert activity.status in {200, 302}
        hits = cache.hits
        assert (await cache.get(reader, path, german)).body == first.body
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
