"""D06: an inbox URL is a URL from a stranger like any other."""

import pytest

from activitypub.http import Refused
from tests.loopback import always, egress, loopback, reply, watched_connections


@pytest.mark.parametrize(
    "inbox",
    [
        "http://127.0.0.1:6379/",
        "https://127.0.0.1/inbox",
        "https://localhost/inbox",
        "https://[::1]/inbox",
        "https://inside.example/inbox",
        "https://inside.example:6379/inbox",
        "file:///etc/passwd",
    ],
)
async def test_no_activity_is_delivered_inside(inbox: str) -> None:
    async with egress(allow=[], allow_http=False, known={"inside.example": ["10.0.0.1"]}) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.post(inbox, b"{}", content_type="application/activity+json")
        assert connections == []


@pytest.mark.parametrize("status", [307, 308])
async def test_no_activity_is_redirected_inside(status: int) -> None:
    async with loopback(always(reply(202)), host="127.0.0.2") as inside:
        moved = always(reply(status, b"", {"Location": inside.url("/inbox")}))
        async with loopback(moved) as server, egress(allow=["127.0.0.1/32"]) as client:
            with pytest.raises(Refused):
                await client.post(server.url("/inbox"), b"{}", content_type="application/activity+json")
        assert (len(server.requests), inside.connections) == (1, 0)
