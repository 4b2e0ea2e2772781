"""Whatever a server sends, the outcome is a `Response` or an `EgressError`, and nothing else is left behind."""

import asyncio
import gzip
import random
from typing import Any

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.http import ACTIVITY_TYPES, EgressError, Response
from tests.loopback import Request, egress, loopback, reply

ANSWERS = [
    reply(200, b"x" * 20, {"Content-Type": "application/activity+json"}),
    reply(200, b"5\r\nhello\r\na;ext=1\r\n0123456789\r\n0\r\nX: y\r\n\r\n", {"Transfer-Encoding": "chunked"}),
    reply(200, gzip.compress(b"hello" * 100, mtime=0), {"Content-Encoding": "gzip"}),
    reply(302, b"", {"Location": "/other?x=1#y"}),
    b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + reply(200, b"ok"),
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nfoo",
    b"HTTP/1.0 410 Gone\r\nSet-Cookie: a=b\r\n\r\nbye",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
]
HEADERS = [
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: br\r\n",
    b"Location: //[::1\r\n",
    b"Location: \xff\xfe\r\n",
    b"Set-Cookie: \xff=;;;\r\n",
    b"Content-Type: \xff\r\n",
    b"Content-Type: application/ld+json; profile*=utf-8''x; profile*0=\r\n",
    b"Connection: close\r\n",
    b" folded\r\n",
    b"\x00: \x00\r\n",
]


def garbled(chance: random.Random) -> bytes:
    """An answer with up to four accidents: a header too many, bytes lost, changed or repeated."""
    answer = bytearray(chance.choice(ANSWERS))
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(answer))
        match chance.randrange(4):
            case 0:
                after_status = answer.find(b"\r\n") + 2
                answer[after_status:after_status] = chance.choice(HEADERS)
            case 1:
                del answer[at : at + chance.randint(1, 10)]
            case 2:
                answer[at] = chance.randrange(256)
            case 3:
                answer[at:at] = answer[max(0, at - 20) : at]
    return bytes(answer)


@pytest.mark.parametrize("seed", range(4))
async def test_garbage_brings_an_answer_or_an_error_of_ours(seed: int) -> None:
    chance = random.Random(seed)
    left_behind: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: left_behind.append(context))

    async def answer(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(garbled(chance))
        await writer.drain()
        writer.close()

    outcomes: list[Response | BaseException] = []
    async with loopback(answer) as server, egress(caps=replace(CAPS, total_seconds=2)) as client:
        for _ in range(50):
            fetch = client.get(server.url(), accept="*/*", expect=chance.choice([None, ACTIVITY_TYPES]))
            deliver = client.post(server.url(), b"{}", content_type="text/plain")
            outcomes += await asyncio.gather(fetch, deliver, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, Response | EgressError)] == []
    assert left_behind == []
