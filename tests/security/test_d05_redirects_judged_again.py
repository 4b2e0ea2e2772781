"""D05: the target of a redirect passes the same gates as the URL that was asked for."""

import pytest

from activitypub.http import Refused, Signer
from tests.loopback import always, egress, loopback, reply, watched_connections

ELSEWHERE = [
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://127.0.0.9/",
    "//127.0.0.9/",
    "http://inside.example/",
    "file:///etc/passwd",
    "data:application/activity+json,{}",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
    "http:///secret",
    "http://[/",
    "//[::1",
    "http://user:pass@127.0.0.1/",
    "http://127.0.0.1\\@public.example/",
    "\\\\127.0.0.9\\secret",
    "/a path",
    "/a\tpath",
    "http://127.0.0.1:99999/",
    "",
]


@pytest.mark.parametrize("sign", [None, lambda *_: {"Signature": "sig"}])
@pytest.mark.parametrize("target", ELSEWHERE)
async def test_refused_at_that_hop(target: str, sign: Signer | None) -> None:
    async with (
        loopback(always(reply(308, b"", {"Location": target}))) as server,
        egress(allow=["127.0.0.1/32"], known={"inside.example": ["192.168.0.1"]}) as client,
    ):
        with watched_connections() as connections:
            with pytest.raises(Refused):
                await client.get(server.url("/asked"), accept="*/*", sign=sign)
            with pytest.raises(Refused):
                await client.post(server.url("/asked"), b"{}", content_type="text/plain", sign=sign)
        assert {address for address, *_ in connections} <= {"127.0.0.1"}
        assert {request.target for request in server.requests} == {"/asked"}


@pytest.mark.parametrize(
    "target", ["http://public.example/", "https://public.example:8443/", "https://public.example:22/"]
)
async def test_in_production_every_port_but_443_and_plain_http_are_refused(target: str) -> None:
    async with egress(allow=["127.0.0.0/8"], allow_http=False, known={"public.example": ["127.0.0.1"]}) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.get(target, accept="*/*")
        assert connections == []
