"""D13: what went wrong inside cannot be told from outside: neither open ports nor what is behind a name."""

import asyncio
import socket

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import EgressError, Refused, Unreachable
from tests.loopback import Request, always, egress, loopback, reply, watched_connections


async def test_open_and_closed_internal_ports_give_the_same_answer_without_a_connection() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with (
            loopback(always(reply())) as server,
            egress(allow=[], known={"x.example": ["127.0.0.1"]}) as client,
        ):
            said = set()
            for host in ("x.example", "127.0.0.1"):
                for port in (server.port, closed.getsockname()[1]):
                    with watched_connections() as connections, pytest.raises(Refused) as caught:
                        await client.get(f"http://{host}:{port}/", accept="*/*")
                    assert connections == []
                    said.add(str(caught.value).replace(host, "HOST"))
            assert len(said) == 1
            assert "127." not in said.pop()


async def test_closed_broken_and_unknown_give_the_same_answer() -> None:
    async def hang_up(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def unknown(_host: str) -> list[str]:
        raise OSError("NXDOMAIN of the internal zone")

    said = set()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with (
            loopback(hang_up) as broken,
            loopback(always(b"SSH-2.0-OpenSSH\r\n\r\n")) as no_http,
            egress(resolver=unknown, caps=replace(CAPS, connect_seconds=0.3)) as client,
        ):
            for url in (
                f"http://127.0.0.1:{closed.getsockname()[1]}/",
                broken.url(),
                broken.url(scheme="https"),
                no_http.url(),
                "http://x.example/",
            ):
                with pytest.raises(Unreachable) as caught:
                    await client.get(url, accept="*/*")
                said.add(str(caught.value).replace(url.split("/")[2], "HOST"))
                assert caught.value.__cause__ is not None
    assert said == {"HOST could not be reached"}


def test_every_exception_says_what_to_do_by_its_class() -> None:
    assert {error.__name__ for error in EgressError.__subclasses__()} == {
        "Refused",
        "Unreachable",
        "TooLarge",
        "TooManyRedirects",
        "WrongContentType",
    }
