"""The description of all pages, and the address at which programs read it. https://spec.openapis.org/oas/v3.1.0"""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import msgspec
from msgspec import Struct
from quart import Response

from fediverse_kommune.api.description.document import document
from fediverse_kommune.api.description.operations import Operation, operations
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes

PATH = "/api/openapi.json"


class Described(Struct, frozen=True):
    """All that can be asked for, and the same as the bytes of an OpenAPI document."""

    operations: Sequence[Operation]
    document: bytes


class Description:
    """Describes the pages of the API and the page that it is on itself. Made when it is first asked for, and kept."""

    def __init__(self, others: Sequence[Routes]) -> None:
        self.routes = self._routes()
        self._pages = (*others, self.routes)
        self._made: Described | None = None
        self._turn = Lock()

    async def made(self) -> Described:
        """Return the description. It takes a fraction of a second to make, in a thread; who asks meanwhile waits."""
        return await asyncio.to_thread(self._make) if self._made is None else self._made

    def _make(self) -> Described:
        with self._turn, _resting_collector():
            made = self._made
            if made is None:
                found = operations(self._pages)
                made = self._made = Described(found, msgspec.json.encode(document(found)))
            return made

    def _routes(self) -> Routes:
        routes = Routes()

        @routes.get(PATH, auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
        async def openapi(call: Call) -> Response:
            """Return this description."""
            return Response((await self.made()).document, content_type="application/json; charset=utf-8")

        return routes


@contextmanager
def _resting_collector() -> Iterator[None]:
    """Let the collector rest while some hundred thousand objects are made and dropped: not one is in a cycle.

    It would look through all that the server holds, and hold everybody up for a quarter of a second.
    """
    was_awake = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_awake:
            gc.enable()
