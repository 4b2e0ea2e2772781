"""Serving an app with uvicorn: as the one thing a process does, or beside other things in one event loop."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import uvicorn

from activitypub.caps import CAPS
from fediverse_kommune.app import Kommune, create_app
from fediverse_kommune.catalogues import CATALOGUES, LANGUAGES, read_language
from fediverse_kommune.config import Config
from fediverse_kommune.http_protocol import BoundedProtocol
from fediverse_kommune.streaming.connection import Ending

log = logging.getLogger(__name__)

BACKLOG = 2048
SWITCH_SECONDS = 0.001  # how long a database thread may keep the interpreter from the event loop; Python's is 0.005
SILENCE_SECONDS = 60  # how long a client may take nothing of what is sent, before the system hangs up
# Longer than a proxy in front keeps its idle connections to us (nginx 60, Caddy 120): were we the first to hang up, we
# might do so while an activity is on its way, and nobody repeats a POST.
KEEP_ALIVE_SECONDS = 130
# What stands for libraries that no page needs is loaded by whoever is first to need it, or in a thread, once the first
# pages have had their time (decision 0029).
LOADED_LATER = ("activitypub.wire", "activitypub.markup", "activitypub.signatures.httpsig_alone")
LATER_SECONDS = 1.0
SHUTDOWN_SECONDS = 15  # how long requests under way may take when the server is told to stop


class KommuneServer(uvicorn.Server):
    """Loads what can wait behind the back of the first pages; ends what does not end by itself before it stops."""

    def __init__(self, app: Kommune) -> None:
        super().__init__(_settings(app, app.server.config))
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving."""
        await super().startup(sockets)
        if self.started:
            self._loading = asyncio.create_task(_load_the_rest())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self._loading.cancel()
        self._app.server.hub.end_all(Ending.STOPPING)
        await super().shutdown(sockets)


async def _load_the_rest() -> None:
    await asyncio.sleep(LATER_SECONDS)
    for module in LOADED_LATER:
        await asyncio.to_thread(import_module, module)
    for language in LANGUAGES:
        await asyncio.to_thread(read_language, CATALOGUES, language)


def serve(config: Config) -> None:
    """Serve until SIGINT or SIGTERM. Raises OSError if the address cannot be listened on."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with listen(config) as listener:
        KommuneServer(create_app(config)).run(sockets=[listener])


@asynccontextmanager
async def running(app: Kommune, listener: socket.socket) -> AsyncIterator[Kommune]:
    """Serve `app` on `listener` in this event loop while the block runs; what fails at start is raised."""
    server = KommuneServer(app)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise RuntimeError("the server ended before it had started; its log says why")
            await asyncio.sleep(0.005)
        yield app
    finally:
        server.should_exit = True
        await task


def listen(config: Config) -> socket.socket:
    """Open the socket first, so that an address in use is one clear error and nothing has been touched."""
    host, port = config.listen_address()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    if sys.platform == "linux":
        # Connections inherit it. Closing one alone would wait for its reader to take what is left.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000)
    return listener


def _settings(app: Kommune, config: Config) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        proxy_headers=True,
        forwarded_allow_ips=list(config.server.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        # What it would say of a WebSocket holds the address with the access token in it (row J14).
        log_level="warning",
        http=BoundedProtocol,
        ws="websockets-sansio",
        ws_max_size=CAPS.stream_word_bytes,
        ws_per_message_deflate=False,
    )
