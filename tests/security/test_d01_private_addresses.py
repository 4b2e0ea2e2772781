"""D01: a URL that leads into a private network brings no connection, by whichever way it comes in."""

from collections.abc import Awaitable, Callable

import pytest

from activitypub.http import Egress, Refused
from tests.loopback import always, egress, loopback, reply, watched_connections

PRIVATE = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.254": "private",
    "192.168.1.1": "private",
    "169.254.169.254": "metadata service",
    "::1": "loopback",
    "fc00::1": "unique local",
    "fdff::1": "unique local",
    "fe80::1": "link-local",
}

Sink = Callable[[Egress, str], Awaitable[object]]


async def fetch(client: Egress, url: str) -> object:
    return await client.get(url, accept="*/*")


async def deliver(client: Egress, url: str) -> object:
    return await client.post(url, b"{}", content_type="application/activity+json")


def literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("sink", [fetch, deliver])
@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_for_a_private_address_is_refused(address: str, sink: Sink) -> None:
    async with egress(allow=[], allow_http=False, known={"inside.example": [address]}) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await sink(client, "https://inside.example/secret")
        assert connections == []


@pytest.mark.parametrize("allow_http", [False, True])
@pytest.mark.parametrize("sink", [fetch, deliver])
@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_address_in_the_url_is_refused(address: str, sink: Sink, *, allow_http: bool) -> None:
    async with egress(allow=[], allow_http=allow_http) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await sink(client, f"https://{literal(address)}/secret")
        assert connections == []


@pytest.mark.parametrize("sink", [fetch, deliver])
@pytest.mark.parametrize("address", [address for address in PRIVATE if address != "127.0.0.1"])
async def test_a_redirect_to_a_private_address_is_refused(address: str, sink: Sink) -> None:
    for target in (f"http://{literal(address)}:8080/secret", "http://inside.example/secret"):
        async with (
            loopback(always(reply(307, b"", {"Location": target}))) as server,
            egress(allow=["127.0.0.1/32"], known={"inside.example": [address]}) as client,
        ):
            with watched_connections() as connections, pytest.raises(Refused):
                await sink(client, server.url())
            assert connections == [("127.0.0.1", server.port)]
