"""Hears what other processes on the same PostgreSQL say (LISTEN), and connects again whenever that is needed.

https://www.psycopg.org/psycopg3/docs/advanced/async.html#asynchronous-notifications
"""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL

from fediverse_kommune.streaming.carrier import CHANNEL, Carrier

if TYPE_CHECKING:
    from psycopg import AsyncConnection

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
# A connection whose other end is gone without a word is noticed within half a minute.
KEEPALIVES: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class PostgresEar:
    """One connection that only listens."""

    def __init__(self, url: URL, carrier: Carrier) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._carrier = carrier
        # SQLAlchemy loads a driver for whoever has such a database; a town on SQLite starts without this one's 9 MB.
        self._driver: Any = url.get_dialect().import_dbapi()
        self._connection: AsyncConnection[tuple[object, ...]] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when nothing that is said from now on can be missed. Raises `psycopg.Error`."""
        self._connection = await self._connect()
        self._task = asyncio.create_task(self._listen(), name="postgres ear")

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            await self._connection.close()

    async def _connect(self) -> "AsyncConnection[tuple[object, ...]]":
        connect = self._driver.AsyncConnection.connect
        connection: AsyncConnection[tuple[object, ...]] = await connect(self._conninfo, autocommit=True, **KEEPALIVES)
        await connection.execute(f'LISTEN "{CHANNEL}"')
        return connection

    async def _listen(self) -> None:
        while True:
            try:
                if self._connection is not None:
                    async for message in self._connection.notifies():
                        self._carrier.receive_payload(message.payload)
            except self._driver.Error as error:
                log.warning("other processes cannot be heard: %s", error)
            self._connection = await self._connect_again()
            self._carrier.mourn()

    async def _connect_again(self) -> "AsyncConnection[tuple[object, ...]]":
        pause = FIRST_PAUSE_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                return await self._connect()
            except self._driver.Error as error:
                log.warning("other processes cannot be heard yet: %s", error)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
