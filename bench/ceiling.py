"""The most that the same loop can do: Quart answering 202, and aiohttp signing and posting. Nothing is stored."""

import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import aiohttp
import uvicorn
from quart import Quart, Response, request

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import load_private_key

AT_ONCE = 64


def serve_bare(port: int) -> None:
    """Serve an inbox that reads the body and says 202."""
    app = Quart(__name__)

    @app.post("/inbox")
    async def inbox() -> Response:
        await request.get_data()
        return Response(b"", 202)

    @app.get("/ready")
    async def ready() -> str:
        return "ready"

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


async def post_bare(inboxes: Sequence[str], body: bytes, pem: str) -> float:
    """Sign and post `body` to each inbox and return the posts per second."""
    key = load_private_key(pem)
    waiting = list(inboxes)
    loop = asyncio.get_running_loop()
    content_type = {"Content-Type": "application/activity+json"}
    with ThreadPoolExecutor(2) as signers:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE, limit_per_host=8)) as session:

            async def run() -> None:
                while waiting:
                    url = waiting.pop()
                    work = partial(
                        sign, "POST", url, content_type, body, key_id="k", private_key=key, now=datetime.now(UTC)
                    )
                    headers = await loop.run_in_executor(signers, work)
                    async with session.post(url, data=body, headers=headers) as answer:
                        await answer.read()

            started = time.perf_counter()
            await asyncio.gather(*(run() for _ in range(AT_ONCE)))
            return len(inboxes) / (time.perf_counter() - started)


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
