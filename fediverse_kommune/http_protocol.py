"""HTTP as uvicorn speaks it, with an end to how long, and how much, somebody may take to say what they want (row E18).

uvicorn itself waits for ever for a request that is never finished, and keeps as much of it as comes. A proxy in front
has such limits as well; these are for whoever reaches the server without one.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 30.0  # from the first byte, or from the connection, to the end of the headers; nginx gives 60
HEAD_BYTES = 65_536  # of request line and headers; nginx takes 32,768


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed if the head of a request does not come to an end."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Take a connection, and expect a request on it."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and hang up if that was still not all of a head, and too much of one."""
        super().data_received(data)
        if self._deadline is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._hang_up()

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Begin to answer a request. How long its body may take is judged where it is read."""
        self._head_is_there()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _head_is_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
