"""L03: a URL that two parsers read differently is refused before the first one sees it, wherever it stands."""

from typing import Any
from urllib.parse import quote

from tests.client import app_of
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town

EVIL = "evil.test"


def ambiguous(origin: str) -> list[str]:
    """URLs that some parsers place on `origin` and others on evil.test, or nowhere."""
    authority = origin.removeprefix("http://")
    return [
        f"{origin}\\@{EVIL}/1",
        f"{origin}@{EVIL}/1",
        f"http://user:x@{EVIL}/1",
        f"http://{EVIL}\\@{authority}/1",
        f"http://{EVIL}#@{authority}/1",
        f"http://{EVIL}?@{authority}/1",
        f"{origin}%2f@{EVIL}/1",
        f"{origin}%40{EVIL}/1",
        f"http:\\\\{EVIL}/1",
        f"http:/{EVIL}/1",
        f"http:///{EVIL}/1",
        f"//{EVIL}/1",
        f"http:{EVIL}/1",
        f"\thttp://{EVIL}/1",
        f"ht\ntp://{EVIL}/1",
        f"http://{EVIL}\t/1",
        f"http://{EVIL}\r\nHost: x/1",
        f"{origin}\u2028@{EVIL}/1",
        f"http://[{EVIL}]/1",
        f"http://{EVIL}:80:80/1",
        f"http://{EVIL}:0x50/1",
        f"http://{EVIL}:/1",
        f"http://.{EVIL}/1",
        f"http://{EVIL}%00.nachbar.test/1",
        "http://",
        "http:///1",
        "http://@/1",
        "http://:80/1",
    ]


async def test_no_document_leads_to_an_ambiguous_address(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    resident = await follower_of(stadt, mallory)
    for number, url in enumerate(ambiguous(boese.origin)):
        picture = {"type": "Image", "mediaType": "image/png", "url": url}
        mention, emoji = {"type": "Mention", "href": url}, {"type": "Emoji", "name": ":x:", "icon": picture}
        everywhere: dict[str, Any] = {"url": url, "attachment": [picture], "tag": [mention, emoji], "replies": url}
        note = mallory.note(inReplyTo=url, context=url, cc=[url, resident.uri], quote=url, **everywhere)
        activities = [
            mallory.create(note),
            mallory.activity("Announce", url),
            mallory.activity("Create", url),
            mallory.activity("Like", {"id": url, "type": "Note"}),
            mallory.activity("Add", url, target=url),
        ]
        for activity in activities:
            assert await stadt.deliver(mallory, activity) in (202, 400, 403), url
        stranger = boese.person(f"stranger{number}")
        addresses = {"inbox": url, "outbox": url, "url": url, "icon": picture, "movedTo": url, "featured": url}
        boese.documents[f"/users/stranger{number}"] = {**stranger.document(), **addresses}
        assert await stadt.deliver(stranger, stranger.activity("Follow", resident.uri)) == 401, url
    await stadt.settle()

    # Where evil.test is the host for every parser alike (a query or fragment follows), it may have been asked.
    assert EVIL not in str((await stadt.state())["actors"])
    unclear = [f"{EVIL}\\", f"@{EVIL}", f"\\{EVIL}", f"{EVIL}%", f"\n{EVIL}", f"{EVIL}\t"]
    assert not [mark for mark in unclear if mark in str(await stadt.state())]


async def test_ids_are_refused_before_anything_is_stored(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    await stadt.meet(mallory)
    async with repelled(stadt, nachbar):
        for url in ambiguous(boese.origin):
            for forged in ({"id": url}, {"actor": url}, {"id": url, "actor": url}):
                activity = {**mallory.activity("Follow", resident.uri), **forged}
                assert await stadt.deliver(mallory, activity) in (400, 401), url
            note = {**mallory.note(cc=[resident.uri]), "id": url}
            assert await stadt.deliver(mallory, mallory.activity("Create", note)) in (400, 403), url
        assert EVIL not in stadt.looked_up


async def test_a_search_asks_no_ambiguous_address(stadt: Town, boese: Remote) -> None:
    anna = await app_of(stadt, "anna")
    clear = (f"http://{EVIL}#", f"http://{EVIL}?", "\t")  # blanks around a search are nobody's host
    unclear = [url for url in ambiguous(boese.origin) if not url.startswith(clear)]
    for text in [*unclear, f"a@{EVIL}\\@boese.test", f"a@{EVIL}/@boese.test", f"a@boese.test@{EVIL}", f"a@\t{EVIL}x y"]:
        reply = await anna.ask("GET", f"/api/v2/search?resolve=true&q={quote(text, safe='')}")
        assert reply.status in (200, 422), text
        assert EVIL not in stadt.looked_up, text
