"""B07: what was signed for another server is not for us; who we are stands in our configuration only."""

from collections.abc import Callable

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import Letter, letter
from tests.town import Town


def signed_for(host: str) -> Callable[[Letter], object]:
    def addressing(written: Letter) -> None:
        written.set("Host", host)
        written.sign()

    return addressing


def sent_to(host: str, *more: tuple[str, str]) -> Callable[[Letter], object]:
    """Sign for one host, then send for ours, or the other way round, with what a proxy might add."""

    def addressing(written: Letter) -> None:
        ours = written.value("Host")
        written.set("Host", host)
        written.sign()
        written.set("Host", ours)
        written.headers.extend(more)

    return addressing


async def test_what_is_for_another_host_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    host, port = stadt.host, stadt.port
    own = f"{host}:{port}"
    addressings: dict[str, Callable[[Letter], object]] = {
        "another host": signed_for("other.example"),
        "a subdomain": signed_for(f"www.{own}"),
        "a longer name": signed_for(f"{own}.other.example"),
        "no port": signed_for(host),
        "another port": signed_for(f"{host}:{port + 1}"),
        "the address": signed_for(f"127.0.0.1:{port}"),
        "userinfo": signed_for(f"other.example@{own}"),
        "nothing": signed_for(""),
        "with a path": signed_for(f"{own}/inbox"),
        "signed elsewhere, sent to us": sent_to("other.example"),
        "X-Forwarded-Host": sent_to("other.example", ("X-Forwarded-Host", "other.example")),
        "Forwarded": sent_to("other.example", ("Forwarded", "host=other.example")),
        "X-Original-Host": sent_to("other.example", ("X-Original-Host", "other.example")),
    }
    async with repelled(stadt, nachbar):
        for name, addressing in addressings.items():
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            addressing(written)
            assert await written.send(stadt) in (400, 401), name


async def test_a_proxy_that_names_another_host_makes_us_nobody_else(stadt: Town, nachbar: Remote) -> None:
    """Sent by a trusted proxy, signed for the other host and with its Host: still not for us."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for name in ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override"):
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            written.headers.append((name, f"{stadt.host}:{stadt.port}"))
            written.set("Host", "other.example")
            assert await written.sign().send(stadt) == 401, name


async def test_other_forms_of_the_target_do_not_say_who_we_are(stadt: Town, nachbar: Remote) -> None:
    """A target may name a host (RFC 9112 section 3.2.2). What counts is the Host that the signature covers."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    own = f"{stadt.host}:{stadt.port}"
    targets = [
        f"http://{own}/inbox",
        "http://other.example/inbox",
        "//other.example/inbox",
        f"//{own}/inbox",
        "/users/anna/../../inbox",
        "/inbox%2f",
        "/inbox;x=1",
        "/inbox?x=1",
        "inbox",
        "*",
    ]
    async with repelled(stadt, nachbar):
        for target in targets:
            elsewhere = letter(stadt, bob, bob.activity("Follow", resident.uri))
            elsewhere.set("Host", "other.example")
            elsewhere.sign().target = target
            assert 400 <= await elsewhere.send(stadt) < 500, target
            other_target = letter(stadt, bob, bob.activity("Follow", resident.uri), path="/actor").sign()
            other_target.target = target
            assert 400 <= await other_target.send(stadt) < 500, target


async def test_our_host_in_capitals_is_ours(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    written = letter(stadt, bob, bob.activity("Follow", resident.uri))
    written.set("Host", f"{stadt.host.upper()}:{stadt.port}")
    assert await written.sign().send(stadt) == 202
