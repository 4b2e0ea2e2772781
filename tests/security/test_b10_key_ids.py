"""B10: a keyId is a URL on the actor's own server, and nothing else is looked up for it."""

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import letter
from tests.town import Town

ODD = [
    "data:application/json,{}",
    "file:///etc/passwd",
    "ftp://boese.test/key",
    "gopher://boese.test/",
    "javascript:alert(1)",
    "acct:mallory@boese.test",
    "mallory@boese.test",
    "urn:uuid:0",
    "did:key:z6Mk",
    "",
    "/users/mallory#main-key",
    "http://",
    "http:///key",
    "http://user:password@boese.test/key",
    "http://boese.test\\\\@nachbar.test/key",
    "http://boese.test/key#a#b",
    "http://boese.test/" + "x" * 3_000,
    "http://boese.test/" + "x" * 10_000,
]
PRIVATE = ["http://10.0.0.1/key", "http://169.254.169.254/latest", "http://[::1]/key", "http://a.inside.test/key"]


async def test_a_key_id_that_is_no_url_is_refused_unseen(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    async with repelled(stadt, nachbar):
        for key_id in ODD:
            written = letter(stadt, mallory, mallory.activity("Follow", resident.uri))
            written.key_id = key_id
            assert await written.sign().send(stadt) in (400, 401, 431), key_id[:40]
        assert boese.requested == []
        assert set(stadt.looked_up) <= {"nachbar.test"}


async def test_a_key_id_inside_our_network_is_not_contacted(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Also not for an activity whose actor claims to live there."""
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    async with repelled(stadt, nachbar):
        for key_id in PRIVATE:
            inside = {**mallory.activity("Follow", resident.uri), "actor": key_id, "id": f"{key_id}/1"}
            for activity in (mallory.activity("Follow", resident.uri), inside):
                written = letter(stadt, mallory, activity)
                written.key_id = key_id
                assert await written.sign().send(stadt) in (401, 503), key_id
