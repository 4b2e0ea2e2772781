"""D11: a handle is taken apart by its grammar before there is a URL, so no part of it becomes a port or a path."""

from urllib.parse import quote

import pytest

from activitypub.models import Actor
from tests.client import app_of
from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.town import Town
from webfinger.handle import InvalidHandle, parse_handle

HANDLES = [
    "a@localh.st:1234/secret?x=1#",
    "a@localh.st/..",
    "a@localh.st/../../x",
    "a@localh.st?x=1",
    "a@localh.st#x",
    "a@localh.st%2fsecret",
    "a@localh.st\\secret",
    "a@user:password@localh.st",
    "a@localh.st:0",
    "a@localh.st:99999",
    "a@localh.st:80:80",
    "a@localh.st:x",
    "a@",
    "@@localh.st",
    "a b@localh.st",
    "a/b@localh.st",
    "a?b@localh.st",
    "a#b@localh.st",
    "a&resource=x@localh.st",
    "a%00@localh.st",
    "..@localh.st",
    "a\r\nHost: x@localh.st",
    "acct:a@localh.st/x",
    "a@127.1",
    "a@2130706433",
    "a@0x7f.1",
]


async def test_a_handle_with_more_in_it_is_no_handle(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    async with repelled(stadt, nachbar, but_for={"oauth_tokens"}):  # which remembers when it was used
        for text in HANDLES:
            for prefix in ("", "@"):
                found = await anna.get(f"/api/v2/search?resolve=true&q={quote(prefix + text, safe='')}")
                assert found["accounts"] == [], text
            with pytest.raises(InvalidHandle):
                parse_handle(text, test_network=True)
        assert stadt.looked_up == []


async def test_a_lookup_by_handle_asks_nothing_odd(stadt: Town, nachbar: Remote) -> None:
    """Also where we are the one who is asked."""
    await stadt.resident("anna")
    async with repelled(stadt, nachbar):
        for text in HANDLES:
            escaped = quote(text, safe="")
            for path in (f"/.well-known/webfinger?resource=acct:{escaped}", f"/api/v1/accounts/lookup?acct={escaped}"):
                status, _ = await stadt.get(path, accept="application/json")
                assert status in (400, 404, 422), path
        assert stadt.looked_up == []


async def test_a_handle_is_asked_where_it_says(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    found = await anna.get(f"/api/v2/search?resolve=true&q=@bob@{nachbar.domain}")
    assert [account["uri"] for account in found["accounts"]] == [bob.uri]
    assert f"/.well-known/webfinger?resource=acct:bob@{nachbar.domain}" in nachbar.requested
    assert await stadt.count(Actor, Actor.uri == bob.uri) == 1
