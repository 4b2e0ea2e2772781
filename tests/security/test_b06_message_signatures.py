"""B05, B06 and B07 for RFC 9421: what could be read in two ways, or is for somebody else, is refused."""

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import a_follow
from tests.town import Town


async def test_b05_b06_what_could_be_read_in_two_ways(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for algorithm in ("hmac-sha256", "rsa-pss-sha512", "ecdsa-p256-sha256", "ed25519", "none", ""):
            written = a_follow(stadt, bob, resident.uri).sign_message(alg=algorithm)
            assert await written.send(stadt) == 401, algorithm
        for name in ("Signature-Input", "Signature"):
            honest = a_follow(stadt, bob, resident.uri).sign_message()
            value = honest.value(name)
            for changed in (
                f"{value}, sig2{value[4:]}",
                value.replace("sig1", "sig2", 1),
                f"{value}, {value}",
                "x",
                "",
            ):
                honest.set(name, changed)
                assert await honest.send(stadt) in (400, 401), changed
            twice = a_follow(stadt, bob, resident.uri).sign_message()
            twice.headers.append((name, twice.value(name)))
            assert await twice.send(stadt) == 400
        elsewhere = a_follow(stadt, bob, resident.uri)
        elsewhere.set("Host", "other.example")
        assert await elsewhere.sign_message().send(stadt) in (400, 401, 421)
