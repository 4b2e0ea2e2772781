"""D09: whatever a URL or a header holds, one request goes out as one request."""

import pytest

from activitypub.http import Refused
from tests.loopback import always, egress, loopback, reply, watched_connections


@pytest.mark.parametrize(
    "path",
    [
        "/a\r\nX-Evil: 1",
        "/a\nX-Evil: 1",
        "/a\rX-Evil: 1",
        "/a HTTP/1.1",
        "/a\tb",
        "/a\x00b",
        "/a\x7fb",
        "/a\x85b",
        "/a\u2028b",
        "/a\\b",
        "/a?b=\r\n\r\nGET /secret HTTP/1.1",
        "/a#\r\nX-Evil: 1",
    ],
)
async def test_blanks_backslashes_and_control_characters_are_refused(path: str) -> None:
    async with egress() as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.get(f"http://127.0.0.1:9{path}", accept="*/*")
        assert connections == []


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a%0d%0aX-Evil:%201", "/a%0d%0aX-Evil:%201"),
        ("/a%20b?c=%0a", "/a%20b?c=%0a"),
        ("/bürger/①?ö=ä", "/b%C3%BCrger/%E2%91%A0?%C3%B6=%C3%A4"),
        ("/a/../b/./c//d", "/a/../b/./c//d"),
        ("/a%2fb%2F?x=%41+b&y", "/a%2fb%2F?x=%41+b&y"),
        ("/@anna;v=1/a=b:c", "/@anna;v=1/a=b:c"),
        ("?q=1", "/?q=1"),
        ("", "/"),
    ],
)
async def test_what_is_sent_is_what_was_signed(path: str, target: str) -> None:
    signed: list[str] = []

    def sign(_method: str, url: str, _body: bytes | None) -> dict[str, str]:
        signed.append(url)
        return {}

    async with loopback(always(reply())) as server, egress() as client:
        await client.get(server.url(path), accept="*/*", sign=sign)
        [request] = server.requests
        assert request.raw.startswith(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode())
        assert signed[0].removeprefix(server.url("")) in {target, ""}
        assert b"X-Evil: " not in request.raw


async def test_no_header_can_hold_another() -> None:
    async with loopback(always(reply())) as server, egress() as client:
        for accept, signature in (
            ("*/*\r\nX-Evil: 1", "sig"),
            ("*/*", "sig\nX-Evil: 1"),
            ("*/*", "sig\r\n\r\nGET /"),
        ):
            with pytest.raises(ValueError, match="header"):
                await client.get(server.url(), accept=accept, sign=lambda *_, s=signature: {"Signature": s})
        assert server.requests == []
