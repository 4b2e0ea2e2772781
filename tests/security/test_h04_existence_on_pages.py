"""H04: on a page, what may not be seen looks exactly like what does not exist."""

from itertools import product

from activitypub.models import Actor, Status
from activitypub.vocabulary import Visibility
from tests import acts
from tests.client import Client
from tests.town import Town
from tests.webpages import change, without_seconds

ACCEPTS = ("text/html", "*/*", "application/json", "text/html;q=0.5, application/xml")
LANGUAGES = ("de", "en", "")


async def test_h04_a_hidden_post_or_person_is_answered_like_a_missing_one(stadt: Town) -> None:
    anna, gone = await stadt.resident("anna"), await stadt.resident("weg")
    private, direct, local = [
        await stadt.write(acts.write, anna, visibility=visibility)
        for visibility in (Visibility.PRIVATE, Visibility.DIRECT, Visibility.PUBLIC)
    ]
    await change(stadt, Status, local.id, local_only=True)
    of_suspended = await stadt.write(acts.write, gone)
    await change(stadt, Actor, gone.id, suspended_at=gone.created_at)
    hidden = [f"/@anna/{post.id}" for post in (private, direct, local)]
    hidden += [f"/@weg/{of_suspended.id}", "/@weg", "/@weg.rss", f"/@weg/{private.id}"]

    for accept, language, method in product(ACCEPTS, LANGUAGES, ("GET", "HEAD")):
        missing = await _answer(stadt, method, f"/@anna/{private.id + 12_345}", accept, language)
        assert missing[0] == 404
        for path in hidden:
            assert await _answer(stadt, method, path, accept, language) == missing, (path, accept, language)


async def _answer(stadt: Town, method: str, path: str, accept: str, language: str) -> tuple[object, ...]:
    """The whole answer, but for the address of the page itself in its language switch."""
    sent = {"Accept": accept, "Accept-Language": language}
    reply = await Client(stadt).ask(method, path, headers=sent)
    body = reply.text.replace(path, "/seite")
    headers = without_seconds(reply.headers)
    headers.pop("content-length", None)
    return reply.status, headers, body
