"""B13: a signature is for one server. A redirect is signed anew for its target, and nothing carried there."""

from collections.abc import Mapping

import pytest

from activitypub.http import Refused, Signer
from tests.loopback import always, egress, loopback, reply


def signing_for(asked: list[tuple[str, str, bytes | None]], first: str) -> Signer:
    """Sign with the URL itself; only the first server is given an Authorization and a cookie as well."""

    def sign(method: str, url: str, body: bytes | None) -> Mapping[str, str]:
        asked.append((method, url, body))
        secret = {"Authorization": "Bearer secret", "Cookie": "session=secret"} if url == first else {}
        return {"Signature": f"for {url}", **secret}

    return sign


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_each_hop_is_signed_for_its_own_target(method: str) -> None:
    asked: list[tuple[str, str, bytes | None]] = []
    async with loopback(always(reply()), host="127.0.0.2") as second:
        moved = always(reply(307, b"", {"Location": second.url("/new")}))
        async with loopback(moved) as first, egress() as client:
            sign = signing_for(asked, first.url("/old"))
            body = b"{}" if method == "POST" else None
            if body is None:
                await client.get(first.url("/old"), accept="*/*", sign=sign)
            else:
                await client.post(first.url("/old"), body, content_type="text/plain", sign=sign)
    assert asked == [(method, first.url("/old"), body), (method, second.url("/new"), body)]
    assert first.requests[0].headers["signature"] == f"for {first.url('/old')}"
    assert first.requests[0].headers["authorization"] == "Bearer secret"
    assert second.requests[0].headers["signature"] == f"for {second.url('/new')}"
    assert b"secret" not in second.requests[0].raw


async def test_nothing_is_signed_for_a_target_that_is_refused() -> None:
    asked: list[tuple[str, str, bytes | None]] = []
    async with loopback(always(reply()), host="127.0.0.2") as inside:
        moved = always(reply(307, b"", {"Location": inside.url("/secret")}))
        async with loopback(moved) as first, egress(allow=["127.0.0.1/32"]) as client:
            with pytest.raises(Refused):
                await client.get(first.url("/old"), accept="*/*", sign=signing_for(asked, ""))
    assert inside.connections == 0
    assert not any(b"127.0.0.1" in request.raw for request in inside.requests)
