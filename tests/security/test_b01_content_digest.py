"""B01 for RFC 9421: the body is the one whose Content-Digest is covered."""

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import a_follow, content_digest, letter
from tests.town import Town


async def test_b01_the_digest_is_of_this_body(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    other = letter(stadt, bob, bob.activity("Follow", nachbar.person("otto").uri)).body
    async with repelled(stadt, nachbar):
        exchanged = a_follow(stadt, bob, resident.uri).sign_message()
        exchanged.body = other
        assert await exchanged.send(stadt) == 401
        for digest in ("", "sha-256=:AAAA:", "md5=:AAAA:", "sha-256=x", f"{content_digest(other)}, sha-512=:AAAA:"):
            written = a_follow(stadt, bob, resident.uri)
            written.set("Content-Digest", digest)
            assert await written.sign_message().send(stadt) in (400, 401), digest
